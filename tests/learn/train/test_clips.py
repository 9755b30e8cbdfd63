"""Clips: frames that belong together are read, cut and learned together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("lightning")
pytest.importorskip("torch")

from mskus.errors import LearnError
from mskus.learn.train.clips import windows
from mskus.learn.train.config import checked_config
from mskus.learn.train.material import gather
from mskus.learn.train.run import TrainResult, train

from .conftest import tiny

SEGMENTATION = {"name": "clip_segmentation", "options": {"width": 8}}
CLASSIFIER = {"name": "clip_classifier", "options": {"width": 8}}


@pytest.fixture
def moving(tmp_path: Path) -> Path:
    """Six clips of five frames, one a patient: a disc that moves right in even clips and left in odd ones."""
    rng, rows = np.random.default_rng(0), []
    for clip in range(6):
        for frame in range(5):
            image = rng.integers(40, 90, (64, 64)).astype(np.uint8)
            mask = np.zeros((64, 64), np.uint8)
            cv2.circle(mask, (16 + 8 * frame if clip % 2 == 0 else 48 - 8 * frame, 20 + 4 * clip), 8, 1, -1)
            image[mask == 1] += 100
            for kind, picture in (("image", image), ("mask", mask)):
                cv2.imwrite(str(tmp_path / f"{kind}{clip}_{frame}.png"), picture)
            rows.append(
                {
                    "image": f"image{clip}_{frame}.png",
                    "mask": f"mask{clip}_{frame}.png" if frame != 3 else "",
                    "frame": frame,
                    "clip": clip,
                    "patient": f"p{clip}",
                    "way": "left" if clip % 2 else "right",
                }
            )
    order = np.random.default_rng(1).permutation(len(rows))  # rows need not be in order
    pd.DataFrame([rows[n] for n in order]).to_csv(tmp_path / "manifest.csv", index=False)
    return tmp_path / "manifest.csv"


def clips(manifest: Path, out: Path, **sections: Any) -> dict[str, Any]:
    data = {"clip_length": 2} | sections.pop("data", {})
    return tiny(manifest, out, **{"network": SEGMENTATION, "data": data, **sections})


def go(given: dict[str, Any], *, resume: bool = False) -> TrainResult:
    return train(checked_config(given, source="test"), resume=resume)


def test_frames_are_put_in_order_and_every_labelled_one_is_judged_once(moving: Path, tmp_path: Path) -> None:
    material = gather(checked_config(clips(moving, tmp_path / "run"), source="test"))
    assert (len(material.training), len(material.held_out)) == (4, 6)  # two clips cut into 2 + 2 + 1 frames
    for series in material.training.pictures:
        assert [f.case.frame for f in series.frames] == [0, 1, 2, 3, 4]
        assert series.labelled == [0, 1, 2, 4]
    assert [c.frame for c in material.scored] == [0, 1, 2, 4] * 2
    image, masks, weights = material.held_out[2]  # the last frame and its repetition
    assert image.shape == masks.shape == (2, 1, 64, 64)
    assert weights.tolist() == [[1.0], [0.0]]
    assert np.array_equal(image[0], image[1])


def test_all_frames_of_an_example_are_seen_alike(moving: Path, tmp_path: Path) -> None:
    from mskus.learn.train.sampler import Draw

    given = clips(moving, tmp_path / "run", data={"clip_length": 5}, augmentation={"intensity": 0.0})
    data = gather(checked_config(given, source="test")).training
    _, masks, _ = data[Draw(0, 0, 0)]
    centres = [np.argwhere(m.numpy() > 0.5).mean(axis=0) for m in masks[:, 0] if m.any()]
    steps = np.diff([centres[n] for n in (0, 1, 2)], axis=0)
    np.testing.assert_allclose(steps[0], steps[1], atol=0.7)  # one view: the disc still moves evenly
    assert np.hypot(*steps[0]) > 4


def test_a_clip_network_learns_and_resumes(moving: Path, tmp_path: Path) -> None:
    schedule = {"epochs": 3, "steps_per_epoch": 20, "rate": 3e-2}
    given = clips(moving, tmp_path / "run", schedule=schedule, augmentation={"intensity": 0.0})
    result = go(given)
    assert result.metrics["dice_disc"] > 0.5
    scores = pd.read_csv(tmp_path / "run" / "scores.csv")
    assert sorted(scores.frame) == sorted([0, 1, 2, 4] * 2)
    split = pd.read_csv(tmp_path / "run" / "split.csv")
    assert split.groupby("patient").side.nunique().max() == 1
    again = go(given, resume=True)
    assert again.metrics == result.metrics


def test_a_class_of_a_clip(moving: Path, tmp_path: Path) -> None:
    given = clips(
        moving,
        tmp_path / "run",
        task="classification",
        network=CLASSIFIER,
        data={"label": "way", "clip_length": 5},
        split={"folds": 3, "seed": 1},
    )
    material = gather(checked_config(given, source="test"))
    frames, label = material.held_out[0]
    assert frames.shape == (5, 1, 64, 64)
    assert label.item() == ["left", "right"].index(material.split.held_out[0].row["way"])
    assert len(pd.read_csv(go(given).folder / "scores.csv")) == 2


def test_frames_of_a_file_around_the_drawn_ones(tmp_path: Path) -> None:
    import pydicom

    from mskus.learn.manifest import read_manifest
    from mskus.learn.train.clips import load_series
    from mskus.learn.train.pictures import PictureMaker

    frames = np.stack([np.full((64, 96), 20 * n + 10, np.uint8) for n in range(10)])
    frames[:, ::2] += 5
    header = pydicom.dataset.FileMetaDataset()
    header.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    told = pydicom.Dataset()
    told.file_meta = header
    told.SOPClassUID, told.SOPInstanceUID = pydicom.uid.UltrasoundMultiFrameImageStorage, "1.2.3"
    told.Modality, told.NumberOfFrames, told.Rows, told.Columns = "US", 10, 64, 96
    told.SamplesPerPixel, told.PhotometricInterpretation, told.PixelRepresentation = 1, "MONOCHROME2", 0
    told.BitsAllocated = told.BitsStored = 8
    told.HighBit, told.PixelData = 7, frames.tobytes()
    told.save_as(tmp_path / "c.dcm", enforce_file_format=True)
    mask = np.zeros((64, 96), np.uint8)
    mask[20:40, 30:60] = 1
    cv2.imwrite(str(tmp_path / "m.png"), mask)
    rows = [{"image": "c.dcm", "frame": n, "mask": "m.png", "patient": "a"} for n in (4, 6)]
    pd.DataFrame(rows).to_csv(tmp_path / "m.csv", index=False)
    make = PictureMaker({"disc": 1}, size=(64, 64), labelled=None, ignore=())
    (series,) = load_series(read_manifest(tmp_path / "m.csv"), column="clip", make=make, crop="none", reach=2)
    assert [int(f.image[0, 0]) // 20 for f in series.frames] == [2, 3, 4, 5, 6, 7, 8]
    assert series.labelled == [2, 4]
    assert [len(w.frames) for w in windows(series, 3)] == [3, 3]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"clip": None}, "names no clip; fill the column 'clip'"),
        ({"frame": 1}, "has two rows for one frame"),
        ({"way": "up"}, "differ in 'way'; give it one"),
    ],
)
def test_rows_that_make_no_clip(moving: Path, tmp_path: Path, change: dict[str, Any], said: str) -> None:
    table = pd.read_csv(moving)
    for column, value in change.items():
        table[column] = table[column].astype(object)
        table.loc[table.index[:2], column] = value
    table = table.dropna(axis="columns", how="all")
    if "frame" in change:
        table["frame"] = 1
    table.to_csv(moving, index=False)
    given = clips(moving, tmp_path / "run", task="classification", network=CLASSIFIER, data={"label": "way"})
    with pytest.raises(LearnError, match=said):
        gather(checked_config(given | {"split": {"folds": 0}}, source="test"))


@pytest.mark.parametrize(
    ("network", "length", "said"),
    [
        ({"name": "small_unet"}, 2, r"not for segmentation of clips \(data\.clip_length\); choose among clip_segm"),
        (SEGMENTATION, None, "not for segmentation of single pictures; choose among small_unet"),
        (CLASSIFIER, 2, "not for segmentation of clips"),
    ],
)
def test_networks_of_another_kind(moving: Path, tmp_path: Path, network: Any, length: int | None, said: str) -> None:
    with pytest.raises(LearnError, match=said):
        go(clips(moving, tmp_path / "run", network=network, data={"clip_length": length}))
