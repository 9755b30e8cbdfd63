"""Pictures of a manifest as the training room keeps them."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd

import mskus
from mskus.learn.manifest import Case, read_manifest
from mskus.learn.train.pictures import grey_frame, load_pictures


def test_cropping_cuts_black_borders_off_picture_and_mask_alike(tmp_path: Path) -> None:
    image = np.zeros((100, 200), np.uint8)
    image[:, 50:150] = 120
    mask = np.zeros_like(image)
    mask[:, 50:100] = 1
    cv2.imwrite(str(tmp_path / "image.png"), image)
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    pd.DataFrame([{"image": "image.png", "mask": "mask.png", "patient": "a"}]).to_csv(tmp_path / "m.csv", index=False)
    cases = read_manifest(tmp_path / "m.csv")
    whole, content = (
        load_pictures(cases, classes={"left": 1}, size=(64, 64), crop=crop)[0] for crop in ("none", "content")
    )
    assert whole.masks is not None
    assert content.masks is not None
    assert abs(whole.masks.mean() / 255 - 0.25) < 0.01
    # the box reaches four pixels into each border: 50 of 108 columns
    assert abs(content.masks.mean() / 255 - 50 / 108) < 0.02
    assert content.image.mean() > 1.7 * whole.image.mean()


def test_deep_grey_levels_are_scaled_as_the_exams_do(tmp_path: Path) -> None:
    levels = np.linspace(0, 4095, 40 * 50).reshape(40, 50).astype(np.uint16)  # 12 of 16 bits
    cv2.imwrite(str(tmp_path / "deep.png"), levels)
    frame = grey_frame(Case(image=tmp_path / "deep.png"))
    assert frame.dtype == np.uint8
    np.testing.assert_array_equal(frame, mskus.read(tmp_path / "deep.png").frame(0))
    assert frame.max() > 250
