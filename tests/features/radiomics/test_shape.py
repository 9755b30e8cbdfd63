from __future__ import annotations

import numpy as np
import pytest

from mskus.features import FeatureRegion
from mskus.features.radiomics.shape import shape


def disc(radius_px, *, size=121):
    y, x = np.mgrid[:size, :size] - size // 2
    return x * x + y * y <= radius_px * radius_px


def test_a_rectangle_by_hand():
    # 10 x 4 pixels: the contour is the rectangle with its four corners cut off by half a pixel.
    mask = np.zeros((20, 30), bool)
    mask[5:9, 7:17] = True
    row = shape(FeatureRegion.of(np.ones(mask.shape), mask=mask, spacing_mm=(1.0, 1.0)))
    assert row["morph_area_px"] == pytest.approx(40 - 4 / 8)
    assert row["morph_area_approx_px"] == 40
    assert row["morph_perimeter_px"] == pytest.approx(2 * 9 + 2 * 3 + 4 * np.sqrt(0.5))
    assert row["morph_maj_axis_px"] == pytest.approx(4 * np.sqrt((10**2 - 1) / 12))
    assert row["morph_min_axis_px"] == pytest.approx(4 * np.sqrt((4**2 - 1) / 12))
    assert row["morph_max_diameter_px"] == pytest.approx(np.hypot(10, 3))
    assert row["morph_min_diameter_px"] == pytest.approx(4)
    assert row["morph_extent"] == pytest.approx(39.5 / 40)
    assert row["morph_solidity"] == pytest.approx(1)
    assert row["morph_convexity"] == pytest.approx(1)
    assert row["morph_orientation_deg"] == pytest.approx(0)
    assert row["morph_com_px"] == pytest.approx(0)


def test_a_disc_is_round():
    row = shape(FeatureRegion.of(np.ones((121, 121)), mask=disc(50), spacing_mm=(0.1, 0.1)))
    assert row["morph_area_mm2"] == pytest.approx(np.pi * 25, rel=0.01)
    assert row["morph_maj_axis_mm"] == pytest.approx(10, rel=0.01)
    assert row["morph_max_diameter_mm"] == pytest.approx(10, rel=0.02)
    assert row["morph_eccentricity"] == pytest.approx(0, abs=0.01)
    assert row["morph_solidity"] == pytest.approx(1, abs=0.02)
    # The contour of a grid runs in eight directions only, hence about 5 % too long.
    assert 0.93 < row["morph_sphericity"] < 1


def test_unequal_spacing_is_taken_before_measuring():
    # A circle of 5 mm radius on pixels of 0.2 x 0.1 mm is an ellipse in pixels.
    y, x = np.mgrid[:121, :241]
    mask = ((y - 60) * 0.2) ** 2 + ((x - 120) * 0.1) ** 2 <= 25
    row = shape(FeatureRegion.of(np.ones(mask.shape), mask=mask, spacing_mm=(0.2, 0.1)))
    assert row["morph_area_mm2"] == pytest.approx(np.pi * 25, rel=0.01)
    assert row["morph_maj_axis_mm"] == pytest.approx(10, rel=0.01)
    assert row["morph_elongation"] == pytest.approx(1, abs=0.01)
    assert row["morph_area_approx_px"] == mask.sum()
    assert np.isnan(row["morph_perimeter_px"])


def test_without_a_scale_lengths_come_in_pixels_only():
    row = shape(FeatureRegion.of(np.ones((9, 9))))
    assert np.isnan([row[name] for name in row if "_mm" in name]).all()
    assert np.isfinite([row[name] for name in row if name.endswith("_px")]).all()
    assert np.isnan(row["morph_orientation_deg"])  # an angle needs pixels that are known to be square, or their shape


@pytest.mark.parametrize(
    ("step", "spacing", "angle"),
    [
        ((0, 1), (0.1, 0.1), 0.0),
        ((-1, 1), (0.1, 0.1), 45.0),
        ((1, 1), (0.1, 0.1), -45.0),
        ((1, 0), (0.1, 0.1), 90.0),
        ((-1, 2), (0.1, 0.1), 26.565),
        ((-1, 2), (0.2, 0.1), 45.0),
    ],
)
def test_orientation_is_counter_clockwise_on_the_screen_and_in_mm(step, spacing, angle):
    mask = np.zeros((81, 81), bool)
    for t in np.linspace(-15, 15, 601):
        mask[round(40 + step[0] * t), round(40 + step[1] * t)] = True
    found = shape(FeatureRegion.of(np.ones(mask.shape), mask=mask, spacing_mm=spacing))["morph_orientation_deg"]
    assert found == pytest.approx(angle, abs=0.3)


def test_a_hole_takes_area_and_adds_contour():
    whole, holed = disc(30), disc(30) & ~disc(10)
    full, ring = (shape(FeatureRegion.of(np.ones((121, 121)), mask=m)) for m in (whole, holed))
    assert ring["morph_area_px"] == pytest.approx(full["morph_area_px"] - np.pi * 100, rel=0.01)
    assert ring["morph_perimeter_px"] > full["morph_perimeter_px"] + 60
    assert ring["morph_solidity"] < 0.91


def test_brightness_pulls_its_centre():
    image = np.zeros((11, 11))
    image[5, 8] = 1.0
    row = shape(FeatureRegion.of(image, spacing_mm=(0.5, 0.5)))
    assert row["morph_com_mm"] == pytest.approx(1.5)
    assert np.isnan(shape(FeatureRegion.of(-image))["morph_com_px"])
