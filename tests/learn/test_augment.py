"""Augmentation moves pictures, masks and angles together."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from mskus.learn import augment


@pytest.mark.parametrize(
    ("changes", "angle_deg", "expected_deg"),
    [
        ({}, 20.0, 20.0),
        ({"scale_x": -1.0}, 20.0, -20.0),
        ({"rotation_deg": 15.0}, 20.0, 35.0),
        ({"rotation_deg": 15.0}, 80.0, -85.0),
        ({"scale_x": -1.0, "rotation_deg": 10.0}, 20.0, -10.0),
        # arctan(2 tan 45 deg) for a picture stretched twofold along y
        ({"scale_y": 2.0}, 45.0, 63.4349),
        # a slant that lowers the right side by a whole column per column lays a rise of 45 deg flat
        ({"shear": 1.0}, 45.0, 0.0),
    ],
)
def test_angles_follow_the_map(changes: dict[str, float], angle_deg: float, expected_deg: float) -> None:
    geometry = augment.Geometry(size=(9, 9), centre=(4.0, 4.0), **changes)  # type: ignore[arg-type]
    assert float(geometry.turn_angle(angle_deg)) == pytest.approx(expected_deg, abs=1e-3)


@pytest.mark.parametrize("rotation_deg", [0.0, 20.0, -15.0])
@pytest.mark.parametrize("scale_x", [1.0, -1.0])
def test_a_drawn_line_turns_as_its_angle_says(rotation_deg: float, scale_x: float) -> None:
    picture = np.zeros((101, 101), np.uint8)
    columns = np.arange(20, 81)
    # falls from row 62 to row 38 over 60 columns: rises to the right by arctan(0.4) = 21.80 deg
    picture[np.round(62 - 0.4 * (columns - 20)).astype(int), columns] = 255
    geometry = augment.Geometry(size=(101, 101), centre=(50.0, 50.0), rotation_deg=rotation_deg, scale_x=scale_x)
    rows, cols = np.nonzero(geometry.warp(picture) > 60)
    seen = np.rad2deg(np.arctan(-np.polyfit(cols, rows, 1)[0]))
    assert seen == pytest.approx(float(geometry.turn_angle(21.80)), abs=1.0)


def test_a_flip_mirrors_picture_and_mask_alike() -> None:
    picture = np.arange(64, dtype=np.uint8).reshape(8, 8)
    geometry = augment.Geometry(size=(8, 8), centre=(3.5, 3.5), scale_x=-1.0)
    np.testing.assert_array_equal(geometry.warp(picture), picture[:, ::-1])


def test_intensity_stays_in_range_and_repeats_with_the_seed() -> None:
    image = np.random.default_rng(1).random((48, 64)).astype(np.float32)
    one, two = (augment.augment_intensity(image, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert one.min() >= 0.0
    assert one.max() <= 1.0
    assert one.shape == image.shape
    assert np.abs(one - image).mean() > 0.01


def test_shadow_only_darkens() -> None:
    image = np.full((40, 50), 0.5, np.float32)
    dark = augment.shadow(image, np.random.default_rng(3))
    assert dark.max() <= 0.5
    assert dark.min() < 0.4
