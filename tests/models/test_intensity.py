"""Robust scaling of grey levels."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.models.intensity import robust_unit


def test_outliers_do_not_set_the_scale() -> None:
    image = np.tile(np.arange(50, 150, dtype=np.uint8), (100, 1))
    image[0, 0], image[0, 1] = 0, 255
    scaled = robust_unit(image)
    # 1 % of 10000 pixels lies at or below 50, 99.5 % at or below 149
    assert scaled[5, 0] == 0.0
    assert scaled[5, 99] == 1.0
    assert scaled[0, 1] == 1.0
    assert scaled[5, 50] == pytest.approx(50 / 99, abs=0.02)


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0), (1.0, 40), (0.7, 30)])
def test_gain_and_offset_do_not_matter(gain: float, offset: int) -> None:
    image = np.random.default_rng(0).integers(0, 200, (64, 64)).astype(np.float64)
    one = robust_unit(image.astype(np.uint8))
    two = robust_unit((gain * image + offset).astype(np.uint8))
    assert np.abs(one - two).max() < 0.02


def test_one_grey_level_gives_zeros() -> None:
    assert not robust_unit(np.full((5, 5), 77, np.uint8)).any()
