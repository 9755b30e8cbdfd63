from __future__ import annotations

import numpy as np
import pytest

from mskus.features.family import FeatureRegion
from mskus.features.texture import log_features
from mskus.features.texture.laplacian import laplacian
from mskus.features.texture.surroundings import Spectrum


def grating(shape, *, period_x):
    return np.tile(100.0 + 40.0 * np.cos(2 * np.pi * (np.arange(shape[1]) + 0.5) / period_x), (shape[0], 1))


@pytest.mark.parametrize(("sigma", "name"), [(1.0, "1px"), (2.0, "2px"), (4.0, "4px")])
def test_spread_of_a_grating(sigma, name):
    mask = np.zeros((128, 160), bool)
    mask[40:80, 40:120] = True  # ten whole periods
    row = log_features(FeatureRegion.of(grating(mask.shape, period_x=8), mask=mask))
    turns = (2 * np.pi / 8 * sigma) ** 2
    expected = 40.0 * turns * np.exp(-turns / 2)
    assert row[f"log_{name}_sd"] == pytest.approx(expected / np.sqrt(2), rel=1e-3)
    assert row[f"log_{name}_mean"] == pytest.approx(0.0, abs=1e-3)
    # Positive half of eight samples a period: cos 22.5 and cos 67.5 degrees.
    assert row[f"log_{name}_mean_positive"] == pytest.approx(expected * (0.92388 + 0.38268) / 2, rel=1e-3)


@pytest.mark.parametrize("spacing", [(0.1, 0.1), (0.05, 0.15)])
def test_a_spot_round_in_millimetres_answers_half_its_height(spacing):
    y, x = np.mgrid[:161, :121].astype(float)
    square = ((y - 80) * spacing[0]) ** 2 + ((x - 60) * spacing[1]) ** 2
    region = FeatureRegion.of(60.0 * np.exp(-square / (2 * 0.5**2)), spacing_mm=spacing)
    answers = laplacian(Spectrum.of(region, reach=2.4), sigma=0.5)
    assert answers[80, 60] == pytest.approx(30.0, rel=2e-3)
    assert answers.argmax() == 80 * 121 + 60


def test_sigma_below_half_a_pixel_is_withheld(rng):
    row = log_features(FeatureRegion.of(rng.uniform(0, 255, (40, 40)), spacing_mm=(0.35, 0.35)))
    assert np.isnan(row["log_150um_mean"])
    assert np.isfinite(row["log_300um_mean"])
