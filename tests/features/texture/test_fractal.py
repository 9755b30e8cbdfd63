from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mskus.features.family import FeatureRegion
from mskus.features.texture import fractal_features
from mskus.features.texture.fractal import box_dimension


@cache
def brownian_surface(hurst, *, size=256, seed=0):
    """Fractional Brownian surface by Fourier synthesis; dimension 3 - H.

    Every fourth point of a finer one: synthesis stops at the grid's own limit, where a sampled surface is still rough.
    """
    random = np.random.default_rng(seed)
    fy, fx = np.fft.fftfreq(8 * size)[:, None], np.fft.rfftfreq(8 * size)[None]
    radius = np.hypot(fx, fy)
    radius[0, 0] = np.inf
    spectrum = np.fft.rfft2(random.normal(size=(8 * size, 8 * size))) * radius ** -(hurst + 1.0)
    surface = np.fft.irfft2(spectrum)[: 4 * size : 4, : 4 * size : 4]
    return 255.0 * (surface - surface.min()) / np.ptp(surface)


@pytest.mark.parametrize(("hurst", "box"), [(0.2, 2.52), (0.4, 2.41), (0.6, 2.29), (0.8, 2.17)])
def test_dimension_of_fractional_brownian_motion(hurst, box):
    row = fractal_features(FeatureRegion.of(brownian_surface(hurst)))
    assert row["fractal_hurst_x"] == pytest.approx(hurst, abs=0.08)
    assert row["fractal_hurst_y"] == pytest.approx(hurst, abs=0.08)
    assert row["fractal_brownian_dimension"] == pytest.approx(3 - hurst, abs=0.06)
    # Box counting falls short on rough sampled surfaces; what it tells is stated in its docstring.
    assert row["fractal_box_dimension"] == pytest.approx(box, abs=0.03)


def test_a_round_region_tells_the_same_as_the_whole():
    surface = brownian_surface(0.4)
    y, x = np.mgrid[:256, :256] - 127.5
    round_row = fractal_features(FeatureRegion.of(surface, mask=np.hypot(x, y) < 110))
    row = fractal_features(FeatureRegion.of(surface))
    assert round_row["fractal_hurst"] == pytest.approx(row["fractal_hurst"], abs=0.05)
    assert round_row["fractal_box_dimension"] == pytest.approx(row["fractal_box_dimension"], abs=0.1)


def test_a_slope_is_a_plane():
    ramp = np.tile(np.linspace(0, 255, 129), (129, 1))
    assert box_dimension(ramp, np.ones(ramp.shape, bool)) == pytest.approx(2.0, abs=0.02)


def test_lacunarity_by_hand():
    # Boxes of 2 x 2 in columns 0 0 2 2 hold means 0, 1, 2: (0 + 1 + 4) / 3 over 1.
    row = fractal_features(FeatureRegion.of(np.tile([0.0, 0.0, 2.0, 2.0], (2, 1))))
    assert row["fractal_lacunarity_2px"] == pytest.approx(5 / 3)
    assert np.isnan(row["fractal_lacunarity_4px"])  # no box of that size fits
    assert np.isnan(row["fractal_hurst"])


def test_what_lies_outside_has_no_say():
    surface = brownian_surface(0.4)
    mask = np.zeros(surface.shape, bool)
    mask[40:200, 60:180] = True
    other = np.where(mask, surface, 255.0 - surface)
    assert fractal_features(FeatureRegion.of(other, mask=mask)) == fractal_features(
        FeatureRegion.of(surface, mask=mask)
    )
