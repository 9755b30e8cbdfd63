"""Masks of pictures that a run did not learn from."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from tests.learn.train.conftest import bright_discs, tiny

from mskus.errors import LearnError
from mskus.learn.manifest import read_manifest
from mskus.learn.train.config import TrainConfig
from mskus.learn.train.folds import train_folds
from mskus.learn.train.held_out import _mask, write_held_out_masks
from mskus.learn.train.run import train
from mskus.learn.train.split import read_split
from mskus.models.picture import NetworkInput


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


def test_pictures_of_one_name_in_two_folders_get_two_masks(tmp_path: Path) -> None:
    table = pd.read_csv(bright_discs(tmp_path, pictures=2, patients=2))
    for n in range(2):
        (tmp_path / f"p{n}").mkdir()
        (tmp_path / f"image{n}.png").rename(tmp_path / f"p{n}" / "1.png")
    table.assign(image=["p0/1.png", "p1/1.png"]).to_csv(tmp_path / "manifest.csv", index=False)
    config = TrainConfig.model_validate(
        tiny(
            tmp_path / "manifest.csv",
            tmp_path / "run",
            split={"folds": 2, "fold": "all"},
            schedule={"epochs": 1, "steps_per_epoch": 1},
        )
    )
    written = [p for r in train_folds(config) for p in write_held_out_masks(r.folder, out=tmp_path / "masks")]
    assert sorted(p.name for p in written) == ["p0_1.png", "p1_1.png"]
    assert all(p.is_file() for p in written)


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


def test_a_manifest_that_has_grown_since_changes_nothing(
    discs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(discs.parent)  # paths that are relative when the run is made hold elsewhere too
    data = {"manifest": discs.name, "crop": "content"}
    run = train(TrainConfig.model_validate(tiny(discs, tmp_path / "run", data=data))).folder
    monkeypatch.chdir("/")
    said = pd.read_csv(run / "split.csv")
    held_out = {Path(name).stem for name in said.image[said.side == "held out"]}
    table = pd.read_csv(discs)
    more = [table.assign(patient=[f"{k}{p}" for p in table.patient], image=table.image, frame=k + 1) for k in range(3)]
    pd.concat([table, *more]).to_csv(discs, index=False)
    written = write_held_out_masks(run, out=tmp_path / "masks")
    assert {p.stem for p in written} == held_out
    assert read_split(run / "split.csv", read_manifest(discs)).training[0].image.is_absolute()
    table[~table.image.str.contains(sorted(held_out)[0])].to_csv(discs, index=False)
    with pytest.raises(LearnError, match="is not in the run's manifest any more"):
        write_held_out_masks(run, out=tmp_path / "masks")


def test_a_class_that_no_mask_shows_takes_no_pixel() -> None:
    given = {"manifest": "m.csv", "classes": {"never drawn": -1, "disc": 3}, "size": (32, 32)}
    config = TrainConfig.model_validate({"data": given, "output": {"folder": "run"}})
    probability = np.stack([np.full((32, 32), 0.9), np.full((32, 32), 0.6)]).astype(np.float32)
    mask = _mask(probability, np.zeros((64, 48), np.uint8), NetworkInput(size=(32, 32)), config)
    assert mask.shape == (64, 48)
    assert (mask == 3).all()


def test_other_runs_have_no_masks(discs: Path, tmp_path: Path) -> None:
    config = TrainConfig.model_validate(tiny(discs, tmp_path / "run") | {"task": "pretraining"})
    result = train(config)
    with pytest.raises(LearnError, match="not a segmentation"):
        write_held_out_masks(result.folder, out=tmp_path / "masks")
