"""A whole search of tiny networks: what it leaves, what it never sees, that it is repeatable and resumes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pandas as pd
import pytest

pytest.importorskip("lightning")
pytest.importorskip("optuna")
pytest.importorskip("yaml")

import yaml

from mskus.errors import LearnError
from mskus.learn.search.config import SearchConfig, read_search_config
from mskus.learn.search.genotype import read_genotype
from mskus.learn.search.run import search


def config_of(folder: Path, told: dict[str, Any], *, out: str = "found", **asked: Any) -> SearchConfig:
    given = {**told, "search": {**told["search"], **asked}, "output": {**told["output"], "folder": out}}
    (folder / "search.yaml").write_text(yaml.safe_dump(given))
    return read_search_config(folder / "search.yaml")


def test_what_a_search_leaves(tmp_path: Path, told: dict[str, Any]) -> None:
    lines: list[str] = []
    result = search(config_of(tmp_path, told, confirm=1, confirm_epochs=1), say=lines.append)
    table = pd.read_csv(result.folder / "trials.csv")
    assert len(table) == 4
    assert {"trial", "state", "score", "parameters", "multiplications", "dice_disc", "up.2.b"} <= set(table.columns)
    assert table.loc[0, ["down.2.a", "down.2.b", "up.2.b", "depth"]].tolist() == ["0 conv", "1 conv", "1 bilinear", 2]
    best = table[table.state == "complete"].sort_values("score", ascending=False, kind="stable").iloc[0]
    assert result.genotype.genes() == {name: best[name] for name in result.genotype.genes()}
    assert read_genotype(result.folder / "best.json") == result.genotype
    assert len(pd.read_csv(result.folder / "confirmed.csv")) == 1
    for name in ("cell.png", "front.png"):
        assert cv2.imread(str(result.folder / name)) is not None
    assert lines[0].startswith("1 of 4: score 0.")

    seen, whole = pd.read_csv(result.folder / "seen.csv"), pd.read_csv(tmp_path / "manifest.csv")
    left_out = set(whole.patient) - set(seen.patient)
    assert len(left_out) == 1
    assert len(seen) == 6


def test_resumed_as_if_never_stopped(tmp_path: Path, told: dict[str, Any]) -> None:
    def tried(result: Any) -> pd.DataFrame:
        return result.trials.drop(columns="seconds")

    search(config_of(tmp_path, told, out="a", trials=1))
    with pytest.raises(LearnError, match="holds the search 'search' already"):
        search(config_of(tmp_path, told, out="a"))
    resumed = search(config_of(tmp_path, told, out="a", trials=3), resume=True)
    whole = search(config_of(tmp_path, told, out="b", trials=3))
    pd.testing.assert_frame_equal(tried(resumed), tried(whole))
    assert resumed.genotype == whole.genotype


@pytest.mark.parametrize(
    ("changed", "entry"), [({"crop": "content"}, "crop"), ({"intensity": "robust"}, "intensity"), ({}, "pictures")]
)
def test_a_machine_with_another_set_may_not_join(
    changed: dict[str, str], entry: str, tmp_path: Path, told: dict[str, Any]
) -> None:
    search(config_of(tmp_path, told, trials=1))
    told["data"] |= changed
    if not changed:
        pd.read_csv(tmp_path / "manifest.csv").head(4).to_csv(tmp_path / "manifest.csv", index=False)
    with pytest.raises(LearnError, match=f"with another {entry}; join it with its own"):
        search(config_of(tmp_path, told, trials=2), resume=True)


def test_a_candidate_without_a_finite_loss_is_given_up(tmp_path: Path, told: dict[str, Any]) -> None:
    told["schedule"] |= {"rate": 1e30, "epochs": 3, "steps_per_epoch": 3, "clip": 1e30}
    with pytest.raises(LearnError, match="No candidate was trained to its end"):
        search(config_of(tmp_path, told, trials=1))


def test_pictures_of_a_cell_and_of_a_front(tmp_path: Path) -> None:
    from mskus.learn.search.genotype import plain_genotype
    from mskus.learn.search.picture import draw_cells, draw_front

    draw_cells(plain_genotype(nodes=1), tmp_path / "one.png")
    table = pd.DataFrame({"state": ["complete", "given up"], "score": [0.5, 0.1], "multiplications": [3.0, 2.0]})
    draw_front(table, tmp_path / "front.png")
    coloured = cv2.imread(str(tmp_path / "front.png"))
    assert ((coloured[..., 0] > 150) & (coloured[..., 2] < 60)).sum() > 10  # the blue dot of the one candidate
