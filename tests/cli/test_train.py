"""``mskus train`` and ``mskus finetune`` as typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("lightning")
pytest.importorskip("yaml")

import yaml


@pytest.fixture
def told(tmp_path: Path) -> Path:
    rng, rows = np.random.default_rng(0), []
    for n in range(4):
        image = rng.integers(0, 255, (64, 64)).astype(np.uint8)
        cv2.imwrite(str(tmp_path / f"{n}.png"), image)
        cv2.imwrite(str(tmp_path / f"mask{n}.png"), (image > 128).astype(np.uint8))
        rows.append({"image": f"{n}.png", "mask": f"mask{n}.png", "patient": f"p{n}"})
    pd.DataFrame(rows).to_csv(tmp_path / "manifest.csv", index=False)
    given = {
        "data": {"manifest": "manifest.csv", "classes": {"bright": 1}, "size": [64, 64], "workers": 0},
        "network": {"options": {"channels": [4, 8]}},
        "schedule": {"epochs": 1, "steps_per_epoch": 1, "batch": 2, "precision": "32", "threads": 1},
        "split": {"folds": 2},
        "output": {"folder": "run", "tensorboard": False},
    }
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(given))
    return tmp_path / "run.yaml"


def test_one_fold_and_its_weights(mskus: Callable[..., Any], told: Path) -> None:
    answer = mskus("train", told)
    assert answer.code == 0
    assert f"Weights: {told.parent / 'run' / 'best.pt'}" in answer.out
    assert (told.parent / "run" / "best.pt").is_file()
    again = mskus("train", told, "-q")
    assert again.code == 1
    assert "holds a run already; go on with --resume" in again.err
    assert mskus("train", told, "-q", "--resume").code == 0


def test_every_fold_scores_every_picture_once(mskus: Callable[..., Any], told: Path) -> None:
    assert mskus("train", told, "-q", "--fold", "all", "--set", "output.folder=folds").code == 0
    scores = pd.read_csv(told.parent / "folds" / "scores.csv")
    assert sorted(Path(p).name for p in scores.image) == ["0.png", "1.png", "2.png", "3.png"]
    assert pd.read_csv(told.parent / "folds" / "folds.csv").fold.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["--set", "schedule.epoch=3"], "schedule.epoch: is not an entry that exists"),
        (["--set", "data.manifest=none.csv"], "none.csv is not a file"),
        (["--set", "split.folds=9"], "4 labelled patient(s) cannot be split into 9 folds"),
        (["--set", "schedule.accelerator=moon"], "The schedule cannot be followed here"),
        (["--set", "task.x=1"], "task"),
    ],
)
def test_what_is_wrong_is_one_sentence(mskus: Callable[..., Any], told: Path, settings: list[str], said: str) -> None:
    answer = mskus("train", told, "-q", *settings)
    assert answer.code == 1
    assert said in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    assert "fault in mskus" not in answer.err


def test_fine_tuning_names_what_there_is(mskus: Callable[..., Any], told: Path) -> None:
    manifest = told.parent / "manifest.csv"
    answer = mskus("finetune", "heart", "--manifest", manifest, "-o", told.parent / "out")
    assert answer.code == 1
    assert "There is no network 'heart'" in answer.err
    wrong = mskus(
        "finetune", "muscle_aponeurosis", "--manifest", manifest, "-o", told.parent / "out", "--class", "bone=1"
    )
    assert "muscle_aponeurosis has no structure 'bone'; it finds superficial_aponeurosis" in wrong.err
