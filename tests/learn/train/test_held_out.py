"""Masks of pictures that a run did not learn from."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from tests.learn.train.conftest import tiny

from mskus.errors import LearnError
from mskus.learn.train.config import TrainConfig
from mskus.learn.train.folds import train_folds
from mskus.learn.train.held_out import write_held_out_masks
from mskus.learn.train.run import train


def test_every_picture_gets_one_mask_of_its_own_size(discs: Path, tmp_path: Path) -> None:
    config = TrainConfig.model_validate(
        tiny(discs, tmp_path / "run", split={"folds": 3, "fold": "all"}, data={"crop": "content"})
    )
    written = [p for r in train_folds(config) for p in write_held_out_masks(r.folder, out=tmp_path / "masks")]
    pictures = {Path(name).stem for name in pd.read_csv(discs)["image"]}
    assert sorted(p.stem for p in written) == sorted(pictures)
    for path in written:
        mask = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert mask.shape == (64, 64)
        assert set(np.unique(mask)) <= {0, 1}


def test_a_trained_run_writes_masks_that_agree_with_its_scores(discs: Path, tmp_path: Path) -> None:
    config = TrainConfig.model_validate(
        tiny(
            discs,
            tmp_path / "run",
            schedule={"epochs": 6, "steps_per_epoch": 12, "rate": 0.02, "batch": 4, "precision": "32"},
        )
    )
    result = train(config)
    write_held_out_masks(result.folder, out=tmp_path / "masks", flips=False)
    scores = pd.read_csv(result.folder / "scores.csv")
    assert scores["dice_disc"].mean() > 0.5
    for row in scores.itertuples():
        found = cv2.imread(str(tmp_path / "masks" / Path(row.image).name), cv2.IMREAD_UNCHANGED) == 1
        drawn = cv2.imread(row.image.replace("image", "mask"), cv2.IMREAD_UNCHANGED) == 1
        dice = 2 * (found & drawn).sum() / max(found.sum() + drawn.sum(), 1)
        assert dice == pytest.approx(row.dice_disc, abs=0.03)


def test_other_runs_have_no_masks(discs: Path, tmp_path: Path) -> None:
    config = TrainConfig.model_validate(tiny(discs, tmp_path / "run") | {"task": "pretraining"})
    result = train(config)
    with pytest.raises(LearnError, match="not a segmentation"):
        write_held_out_masks(result.folder, out=tmp_path / "masks")
