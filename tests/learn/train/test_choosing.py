"""Which epoch is kept, and by whose pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("lightning")
pytest.importorskip("torch")

import torch

from mskus.errors import LearnError
from mskus.learn.manifest import Case
from mskus.learn.train.config import SplitConfig, checked_config
from mskus.learn.train.keep import KeepRun
from mskus.learn.train.run import TrainResult, train
from mskus.learn.train.split import split_cases

from .conftest import tiny


def go(given: dict[str, Any], *, resume: bool = False) -> TrainResult:
    return train(checked_config(given, source="test"), resume=resume)


def test_the_patients_that_choose_are_neither_trained_on_nor_held_out() -> None:
    cases = [Case(image=Path(f"{n}.png"), patient=f"p{n // 2}") for n in range(20)]
    labelled = [n % 2 == 0 for n in range(20)]
    split = split_cases(cases, SplitConfig(folds=5, inner=0.25), labelled=labelled)
    sides = [{c.patient for c in part} for _, part in split.sides]
    assert [len(side) for side in sides] == [6, 2, 2]
    assert len(set.union(*sides)) == 10
    # unlabelled rows are trained on, and never judged
    assert [len(part) for _, part in split.sides] == [12, 2, 2]


def test_one_patient_cannot_both_teach_and_choose() -> None:
    cases = [Case(image=Path(f"{n}.png"), patient=f"p{n}") for n in range(2)]
    with pytest.raises(LearnError, match=r"split\.inner needs two labelled training patients"):
        split_cases(cases, SplitConfig(folds=2, inner=0.5), labelled=[True, True])


def test_the_held_out_part_is_looked_at_once(discs: Path, tmp_path: Path) -> None:
    given = tiny(discs, tmp_path / "run", split={"folds": 3, "inner": 0.3}, schedule={"epochs": 3})
    result = go(given)
    sides = pd.read_csv(tmp_path / "run" / "split.csv").groupby("side").patient.unique()
    assert sorted(sides.index) == ["choosing", "held out", "training"]
    scores = pd.read_csv(tmp_path / "run" / "scores.csv")
    assert set(scores.patient) == set(sides["held out"])
    assert result.metrics["score"] == pytest.approx(scores.dice_disc.mean(), abs=1e-6)
    assert go(given, resume=True).metrics == result.metrics


def test_the_last_weights_are_kept_where_that_is_asked(
    discs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = KeepRun.on_train_epoch_end

    def worse_and_worse(self: KeepRun, trainer: Any, module: Any) -> None:
        trainer.callback_metrics["score"] = torch.tensor(-float(trainer.current_epoch))
        honest(self, trainer, module)

    monkeypatch.setattr(KeepRun, "on_train_epoch_end", worse_and_worse)
    weights = {}
    for keep in ("best", "last"):
        out = tmp_path / keep
        go(tiny(discs, out, schedule={"keep": keep, "epochs": 3, "averaging": 0.0}))
        weights[keep] = torch.load(out / "best.pt", weights_only=True)
        state = torch.load(out / "last.ckpt", weights_only=True)["state_dict"]
        same = all(torch.equal(state[f"network.{name}"], tensor) for name, tensor in weights[keep].items())
        assert same == (keep == "last")
    assert len(pd.read_csv(tmp_path / "last" / "scores.csv")) == 4


@pytest.mark.parametrize(
    ("sections", "once"),
    [
        ({}, False),
        ({"schedule": {"keep": "last"}}, True),
        ({"schedule": {"keep": "last", "patience": 2}}, False),
        ({"schedule": {"validate_every": 2}}, True),
        ({"split": {"inner": 0.2}, "schedule": {"patience": 2}}, True),
    ],
)
def test_whether_figures_hold_for_new_patients_is_known(tmp_path: Path, sections: dict[str, Any], once: bool) -> None:
    given = tiny(tmp_path / "m.csv", tmp_path / "run", **sections)
    assert checked_config(given, source="test").looks_once == once
