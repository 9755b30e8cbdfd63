"""The search's YAML file: defaults, what is refused, and where the storage is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("optuna")
pytest.importorskip("yaml")

import yaml

from mskus.errors import LearnError
from mskus.learn.search.config import read_search_config


def written(folder: Path, told: dict[str, Any], **search: Any) -> Path:
    (folder / "search.yaml").write_text(yaml.safe_dump({**told, "search": {**told["search"], **search}}))
    return folder / "search.yaml"


def test_paths_are_beside_the_file(tmp_path: Path, told: dict[str, Any]) -> None:
    config = read_search_config(written(tmp_path, told), settings=[("search.trials", 9)])
    assert config.data.manifest == tmp_path / "manifest.csv"
    assert config.address == f"sqlite:///{tmp_path / 'found' / 'study.db'}"
    assert config.search.trials == 9
    shared = read_search_config(written(tmp_path, told, storage="postgresql+pg8000://host/name"))
    assert shared.address == "postgresql+pg8000://host/name"


def test_a_run_is_no_search_and_a_search_no_run(tmp_path: Path, told: dict[str, Any]) -> None:
    from mskus.learn.train.config import read_config

    with pytest.raises(LearnError, match="search: is not an entry that exists"):
        read_config(written(tmp_path, told))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (("search.trial", 3), "search.trial: is not an entry that exists"),
        (("search.trials", 0), "search.trials: Input should be greater than or equal to 1"),
        (("search.tournament", 9), "a tournament of 9 needs a population of as many, not 2"),
        (("search.space.widths", []), "search.space.widths: Tuple should have at least 1 item"),
        (("search.space.depths", [5]), "search.space.depths.0: Input should be less than or equal to 4"),
        (("search.limits.max_ms", -1), "search.limits.max_ms: Input should be greater than 0"),
        (("search.leave_out.fold", "all"), "leave_out.fold must be one fold"),
        (("network.name", "unet"), "network is what is searched for; leave it out"),
        (("split.folds", 0), "split must hold out one fold"),
        (("loss.adversarial", 0.1), "loss.adversarial is not for candidates"),
        (("task", "pretraining"), "only networks for segmentation are searched"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, told: dict[str, Any], settings: tuple[str, Any], said: str) -> None:
    with pytest.raises(LearnError) as error:
        read_search_config(written(tmp_path, told), settings=[settings])
    assert said in str(error.value)
    assert "\n" not in str(error.value)
