"""The simulator as a source without end: the same for the same seed, epoch and place, and bounded on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("lightning")
pytest.importorskip("torch")

import torch

from mskus.errors import LearnError
from mskus.learn import simulated
from mskus.learn.train.config import checked_config
from mskus.learn.train.material import gather
from mskus.learn.train.run import TrainResult, train
from mskus.learn.train.sampler import Draw
from mskus.learn.train.simulator import Phantoms


def endless(out: Path, **data: Any) -> dict[str, Any]:
    return {
        "data": {
            "simulator": "muscle",
            "simulated": 3,
            "simulated_anew": 2,
            "classes": {"deep_aponeurosis": 1},
            "size": [64, 64],
            "workers": 0,
            **data,
        },
        "network": {"name": "small_unet", "options": {"channels": [8, 16]}},
        "schedule": {"epochs": 4, "steps_per_epoch": 1, "batch": 3, "precision": "32", "threads": 1},
        "output": {"folder": str(out), "tensorboard": False},
    }


def go(given: dict[str, Any], *, resume: bool = False) -> TrainResult:
    return train(checked_config(given, source="test"), resume=resume)


def counted(folder: Path, made: list[int], *, count: int, anew: int) -> Phantoms[int]:
    """Phantoms that say their number, and note when they are drawn."""

    def make(seen: simulated.SimulatedPicture, name: str) -> int:
        made.append(int(name))
        return int(name)

    return Phantoms(folder, first_seed=0, count=count, anew=anew, make=make)


def test_the_window_moves_on_and_what_fell_behind_leaves_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = np.zeros((4, 4), np.uint8)
    drawn = []

    def draw(seed: int) -> simulated.SimulatedPicture:
        drawn.append(seed)
        return simulated.SimulatedPicture(
            image=empty, bits=empty, angle_deg=empty.astype(np.float16), mm_per_px=(0.1, 0.1)
        )

    monkeypatch.setattr(simulated, "simulate", draw)
    phantoms = counted(tmp_path, [], count=4, anew=2)
    seen = [[phantoms.at(place, epoch) for place in range(4)] for epoch in range(4)]
    assert seen == [[0, 1, 2, 3], [4, 5, 2, 3], [4, 5, 6, 7], [8, 9, 6, 7]]
    assert drawn == list(range(10))  # each once
    assert sorted(int(p.stem) for p in tmp_path.glob("*.npz")) == [4, 5, 6, 7, 8, 9]
    later = counted(tmp_path, made := [], count=4, anew=2)  # a resumed run begins where it stopped
    assert [later.at(place, 3) for place in range(4)] == made == [8, 9, 6, 7]
    assert len(drawn) == 10


def test_every_epoch_sees_other_phantoms_and_the_same_again_by_seed(tmp_path: Path) -> None:
    first, second = (gather(checked_config(endless(tmp_path / n), source="test")).training for n in "ab")
    one, other = (first[Draw(epoch, 0, 1)][0] for epoch in (0, 1))
    assert not torch.equal(one, other)
    assert [p.stem for p in sorted((tmp_path / "a" / "simulated").glob("*"))] == ["000001", "000004"]
    assert torch.equal(second[Draw(1, 0, 1)][0], other)


def test_a_pass_through_the_simulator_alone_has_steps(tmp_path: Path) -> None:
    given = endless(tmp_path / "run")
    del given["schedule"]["steps_per_epoch"]
    result = go({**given, "schedule": {**given["schedule"], "epochs": 1, "batch": 2}})
    state = torch.load(result.folder / "last.ckpt", weights_only=True)
    assert state["global_step"] == 2  # three phantoms, two a step


def test_a_resumed_run_sees_the_same_phantoms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mskus.learn.train.module import TrainingModule

    whole = go(endless(tmp_path / "whole", workers=1))
    honest = TrainingModule.own_loss

    def stopped(self: TrainingModule, *given: Any) -> Any:
        if self.current_epoch == 2:
            raise RuntimeError("power cut")
        return honest(self, *given)

    monkeypatch.setattr(TrainingModule, "own_loss", stopped)
    with pytest.raises(RuntimeError, match="power cut"):
        go(endless(tmp_path / "cut"))
    monkeypatch.undo()
    resumed = go(endless(tmp_path / "cut"), resume=True)
    a, b = (pd.read_csv(r.folder / "metrics.csv") for r in (whole, resumed))
    pd.testing.assert_frame_equal(a, b, rtol=0, atol=1e-6)


def test_a_full_disk_does_not_stop_the_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(simulated, "write", full)
    data = gather(checked_config(endless(tmp_path / "run"), source="test")).training
    assert data[Draw(0, 0, 0)][0].shape == (1, 64, 64)


def test_more_new_ones_than_there_are(tmp_path: Path) -> None:
    with pytest.raises(LearnError, match="simulated_anew cannot exceed simulated, 3"):
        checked_config(endless(tmp_path / "run", simulated_anew=4), source="test")
