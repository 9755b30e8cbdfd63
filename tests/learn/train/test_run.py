"""Runs of seconds: they learn, stop, resume, and say what is wrong."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("lightning")
pytest.importorskip("torch")
pytest.importorskip("yaml")

import torch
import yaml

from mskus.errors import LearnError, SaveError
from mskus.learn.train.config import checked_config
from mskus.learn.train.run import TrainResult, train

from .conftest import tiny


def go(given: dict[str, Any], *, resume: bool = False) -> TrainResult:
    return train(checked_config(given, source="test"), resume=resume)


def test_discs_are_learned(discs: Path, tmp_path: Path) -> None:
    longer = {"epochs": 6, "steps_per_epoch": 12, "rate": 1e-2, "averaging": 0.8}
    result = go(tiny(discs, tmp_path / "run", schedule=longer))
    assert result.metrics["dice_disc"] > 0.8
    scores = pd.read_csv(tmp_path / "run" / "scores.csv")
    assert scores.dice_disc.mean() == pytest.approx(result.metrics["score"], abs=1e-6)
    sides = pd.read_csv(tmp_path / "run" / "split.csv").groupby("patient").side.nunique()
    assert sides.max() == 1
    state = torch.load(result.checkpoint, weights_only=True)
    assert all(isinstance(value, torch.Tensor) for value in state.values())


def test_a_killed_run_reaches_the_figures_of_one_that_was_not(discs: Path, tmp_path: Path) -> None:
    longer = {"epochs": 5, "steps_per_epoch": 4}
    whole = go(tiny(discs, tmp_path / "whole", schedule=longer))
    killed = tmp_path / "killed"
    said = tmp_path / "run.yaml"
    said.write_text(yaml.safe_dump(tiny(discs, killed, schedule=longer, data={"workers": 1})))
    code = (
        "import sys; from mskus.learn.train.config import read_config; from mskus.learn.train.run import train; "
        "train(read_config(sys.argv[1]))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(said)], start_new_session=True)
    try:
        while not (killed / "last.ckpt").exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(float(np.random.default_rng().uniform(0.0, 0.3)))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    resumed = go(yaml.safe_load(said.read_text()), resume=True)
    a, b = (pd.read_csv(r.folder / "metrics.csv") for r in (whole, resumed))
    assert len(a) == 5
    pd.testing.assert_frame_equal(a, b, rtol=0, atol=1e-6)
    assert resumed.metrics["score"] == pytest.approx(whole.metrics["score"], abs=1e-6)


def test_a_finished_run_is_not_overwritten_nor_resumed_as_another(discs: Path, tmp_path: Path) -> None:
    given = tiny(discs, tmp_path / "run")
    go(given)
    with pytest.raises(LearnError, match="holds a run already; go on with --resume"):
        go(given)
    with pytest.raises(LearnError, match=r"another schedule\.rate"):
        go({**given, "schedule": {**given["schedule"], "rate": 0.5}}, resume=True)
    assert go(given, resume=True).epochs == 2  # nothing is left to do
    table = pd.read_csv(discs)
    table.iloc[:-1].to_csv(discs, index=False)
    with pytest.raises(LearnError, match="a run on other pictures or another split"):
        go(given, resume=True)


@pytest.mark.parametrize(
    ("section", "entry", "before", "after", "named"),
    [
        ("loss", "terms", {"dice": 1.0}, {"dice": 1.0, "boundary": 0.5}, r"loss\.terms\.boundary"),
        ("data", "classes", {"disc": 1, "none": -1}, {"none": -1, "disc": 1}, r"data\.classes"),
    ],
    ids=["a loss term more", "classes in another order"],
)
def test_a_run_is_not_resumed_as_another(
    discs: Path, tmp_path: Path, section: str, entry: str, before: Any, after: Any, named: str
) -> None:
    shorter = {"epochs": 1, "steps_per_epoch": 1}
    given = tiny(discs, tmp_path / "run", schedule=shorter, **{section: {entry: before}})
    go(given)
    with pytest.raises(LearnError, match=f"holds a run with another {named}"):
        go({**given, section: {**given[section], entry: after}}, resume=True)


@pytest.mark.parametrize("name", ["image3.png", "mask3.png"])
def test_a_run_is_not_resumed_on_changed_files(discs: Path, tmp_path: Path, name: str) -> None:
    given = tiny(discs, tmp_path / "run", schedule={"epochs": 1, "steps_per_epoch": 1})
    go(given)
    cv2.imwrite(str(discs.parent / name), np.ones((64, 64), np.uint8))
    with pytest.raises(LearnError, match="began with other pictures or masks of that name; choose another folder"):
        go(given, resume=True)


@pytest.mark.parametrize(
    ("schedule", "early"),
    [
        ({"epochs": 2, "keep": "last"}, False),
        ({"epochs": 2}, False),
        ({"epochs": 9, "rate": 1e-12, "patience": 1}, True),  # a rate too small to change anything
    ],
    ids=["the last kept", "the best kept", "ended by patience"],
)
def test_a_finished_run_is_left_alone(
    discs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schedule: dict[str, Any], early: bool
) -> None:
    import lightning.pytorch as pl

    given = tiny(discs, tmp_path / "run", schedule={"steps_per_epoch": 1, **schedule})
    first = go(given)
    assert (first.epochs, first.stopped_early) == (2, early)
    kept = {path.name: path.read_bytes() for path in first.folder.iterdir() if path.is_file()}

    def fit(*_: Any, **__: Any) -> None:
        raise AssertionError("it went on")

    monkeypatch.setattr(pl.Trainer, "fit", fit)
    assert go(given, resume=True) == first
    assert {path.name: path.read_bytes() for path in first.folder.iterdir() if path.is_file()} == kept


def test_a_run_begun_anew_in_the_folder_of_a_finished_one_is_not_taken_for_it(
    discs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mskus.learn.train.module import TrainingModule

    given = tiny(discs, tmp_path / "run", schedule={"epochs": 3, "steps_per_epoch": 1})
    go({**given, "schedule": {**given["schedule"], "epochs": 1}})
    (tmp_path / "run" / "last.ckpt").unlink()
    honest = TrainingModule.own_loss

    def stopped(self: TrainingModule, *batch: Any) -> Any:
        if self.current_epoch == 2:
            raise RuntimeError("power cut")
        return honest(self, *batch)

    monkeypatch.setattr(TrainingModule, "own_loss", stopped)
    with pytest.raises(RuntimeError, match="power cut"):
        go(given)
    monkeypatch.undo()
    assert go(given, resume=True).epochs == 3


def test_validations_rarer_than_epochs_still_leave_the_best(discs: Path, tmp_path: Path) -> None:
    result = go(tiny(discs, tmp_path / "run", schedule={"epochs": 2, "steps_per_epoch": 1, "validate_every": 5}))
    assert result.checkpoint.is_file()
    assert result.metrics["score"] == pytest.approx(pd.read_csv(tmp_path / "run" / "scores.csv").dice_disc.mean())


def test_a_start_that_failed_does_not_bind_the_folder(discs: Path, tmp_path: Path) -> None:
    with pytest.raises(LearnError, match="There is no network"):
        go(tiny(discs, tmp_path / "run", network={"name": "transformer"}))
    assert go(tiny(discs, tmp_path / "run", schedule={"epochs": 1}), resume=True).epochs == 1


def test_patience_stops_a_run_that_no_longer_gains(discs: Path, tmp_path: Path) -> None:
    # a rate too small to change anything
    result = go(tiny(discs, tmp_path / "run", schedule={"epochs": 30, "rate": 1e-12, "patience": 2}))
    assert result.stopped_early
    assert result.epochs == 3


def test_all_pictures_without_a_held_out_part(discs: Path, tmp_path: Path) -> None:
    result = go(tiny(discs, tmp_path / "run", split={"folds": 0}))
    assert result.metrics == {}
    assert result.checkpoint.is_file()


def test_a_loss_that_is_no_number_keeps_the_last_good_weights(
    discs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mskus.learn.losses import SegmentationLoss

    calls = [0]
    honest = SegmentationLoss.__call__

    def breaks_in_the_second_epoch(self: SegmentationLoss, *given: Any) -> Any:
        calls[0] += 1
        return honest(self, *given) * (torch.nan if calls[0] > 4 else 1.0)

    monkeypatch.setattr(SegmentationLoss, "__call__", breaks_in_the_second_epoch)
    with pytest.raises(LearnError, match="became nan in epoch 2 at step 5; what was saved before stays"):
        go(tiny(discs, tmp_path / "run"))
    assert len(pd.read_csv(tmp_path / "run" / "metrics.csv")) == 1
    assert all(v.isfinite().all() for v in torch.load(tmp_path / "run" / "best.pt", weights_only=True).values())


def test_a_full_disk_keeps_the_epoch_before(discs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import lightning.pytorch as pl

    honest, calls = pl.Trainer.save_checkpoint, [0]

    def full_at_the_second(self: Any, path: Path, *given: Any) -> None:
        calls[0] += 1
        if calls[0] == 2:
            Path(path).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        honest(self, path, *given)

    monkeypatch.setattr(pl.Trainer, "save_checkpoint", full_at_the_second)
    given = tiny(discs, tmp_path / "run")
    with pytest.raises(SaveError, match="Epoch 2 cannot be kept in .* the disk is full"):
        go(given)
    assert torch.load(tmp_path / "run" / "last.ckpt", weights_only=True)["epoch"] == 0
    assert not list((tmp_path / "run").glob(".*part"))
    monkeypatch.undo()
    resumed = go(given, resume=True)
    assert resumed.metrics == go(tiny(discs, tmp_path / "other")).metrics


def test_a_file_that_may_not_grow_is_a_sentence(discs: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))  # best.pt fits, last.ckpt does not
    try:
        with pytest.raises(SaveError, match="Epoch 1 cannot be kept in .*File too large"):
            go(tiny(discs, tmp_path / "run"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(p.name for p in (tmp_path / "run").glob("*.pt")) == ["best.pt"]
    assert not (tmp_path / "run" / "last.ckpt").exists()
    assert not list((tmp_path / "run").glob(".*part"))


def test_masks_of_another_size_and_unknown_classes_are_named(discs: Path, tmp_path: Path) -> None:
    mask = discs.parent / "mask3.png"
    cv2.imwrite(str(mask), np.full((64, 64), 7, np.uint8))
    with pytest.raises(
        LearnError, match=r"mask3\.png holds the class 7, which data\.classes does not name \(disc = 1\)"
    ):
        go(tiny(discs, tmp_path / "a"))
    go(tiny(discs, tmp_path / "ignored", data={"ignore": [7]}, schedule={"epochs": 1, "steps_per_epoch": 1}))
    cv2.imwrite(str(mask), np.zeros((32, 64), np.uint8))
    with pytest.raises(LearnError, match=r"mask3\.png is 64 x 32 pixels but its picture 64 x 64"):
        go(tiny(discs, tmp_path / "b"))
    mask.unlink()
    with pytest.raises(LearnError, match=r"mask3\.png, which is not there"):
        go(tiny(discs, tmp_path / "c"))


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ({"name": "transformer"}, "There is no network 'transformer'; choose among"),
        ({"options": {"colour": 3}}, "does not take these options"),
        ({"weights": "nowhere.pt"}, "cannot be read as weights"),
    ],
)
def test_networks_that_cannot_be(discs: Path, tmp_path: Path, network: dict[str, Any], said: str) -> None:
    with pytest.raises(LearnError, match=said):
        go(tiny(discs, tmp_path / "run", network=network))
