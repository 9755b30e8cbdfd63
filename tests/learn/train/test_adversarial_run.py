"""The adversarial pair, driven by a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("lightning")
pytest.importorskip("torch")

import torch

from mskus.errors import LearnError
from mskus.learn.train.config import checked_config
from mskus.learn.train.run import TrainResult, train

from .conftest import tiny


def adversarial(manifest: Path, out: Path, **schedule: Any) -> dict[str, Any]:
    loss = {"adversarial": 0.05, "discriminator": {"channels": [8, 8], "rate": 1e-3}}
    return tiny(manifest, out, loss=loss, schedule={"epochs": 3, **schedule})


def go(given: dict[str, Any], *, resume: bool = False) -> TrainResult:
    return train(checked_config(given, source="test"), resume=resume)


class PowerCut(BaseException):
    pass


def cut_after(epochs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power goes in the middle of the next epoch."""
    from mskus.learn.train.module import TrainingModule

    honest = TrainingModule.own_loss

    def cut(self: TrainingModule, *given: Any) -> Any:
        if self.current_epoch == epochs:
            raise PowerCut
        return honest(self, *given)

    monkeypatch.setattr(TrainingModule, "own_loss", cut)


@pytest.mark.parametrize("precision", ["32", "bf16-mixed"])
def test_a_stopped_pair_goes_on_to_the_same_bit(
    discs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    whole = go(adversarial(discs, tmp_path / "whole", precision=precision))
    given = adversarial(discs, tmp_path / "cut", precision=precision)
    cut_after(2, monkeypatch)
    with pytest.raises(PowerCut):
        go(given)
    monkeypatch.undo()
    kept = torch.load(tmp_path / "cut" / "last.ckpt", weights_only=True)
    assert kept["epoch"] == 1
    assert sum(name.startswith("pair.discriminator.") for name in kept["state_dict"]) == 6
    assert len(kept["optimizer_states"]) == len(kept["lr_schedulers"]) == 2
    resumed = go(given, resume=True)
    a, b = (pd.read_csv(r.folder / "metrics.csv") for r in (whole, resumed))
    assert list(a.columns) == ["epoch", "loss", "discriminator_loss", "score", "dice_disc"]
    pd.testing.assert_frame_equal(a, b, rtol=0, atol=0)
    first, second = (torch.load(r.checkpoint, weights_only=True) for r in (whole, resumed))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not any("discriminator" in name for name in first)


def test_both_networks_learn(discs: Path, tmp_path: Path) -> None:
    result = go(adversarial(discs, tmp_path / "run", epochs=6, steps_per_epoch=12, rate=1e-2))
    assert result.metrics["dice_disc"] > 0.8
    told = pd.read_csv(tmp_path / "run" / "metrics.csv").discriminator_loss
    assert told.iloc[-1] < told.iloc[0]


def test_the_judge_changes_what_is_learned(discs: Path, tmp_path: Path) -> None:
    with_judge = go(adversarial(discs, tmp_path / "with", epochs=1))
    without = go(tiny(discs, tmp_path / "without", schedule={"epochs": 1}))
    a, b = (torch.load(r.checkpoint, weights_only=True)["head.1.weight"] for r in (with_judge, without))
    assert (a - b).abs().max() > 1e-6


def test_other_tasks_have_no_masks_to_judge(discs: Path, tmp_path: Path) -> None:
    given = adversarial(discs, tmp_path / "run") | {"task": "pretraining"}
    with pytest.raises(LearnError, match=r"loss\.adversarial judges masks; it needs the task segmentation"):
        go(given)
