from __future__ import annotations

import numpy as np
import pytest

from mskus.features.family import FeatureRegion
from mskus.features.texture import blob_features

CENTRES = [(30, 30), (30, 90), (60, 150), (90, 40), (100, 110), (125, 170)]


def spots(*, sigma, spacing=(1.0, 1.0), height=80.0):
    """Six Gaussian spots, round in the geometry of the spacing, on faint ground."""
    y, x = np.indices((150, 200)).astype(float)
    picture = np.full((150, 200), 100.0)
    for row, column in CENTRES:
        square = ((y - row) * spacing[0]) ** 2 + ((x - column) * spacing[1]) ** 2
        picture += height * np.exp(-square / (2 * sigma**2))
    return picture


@pytest.mark.parametrize("sigma", [1.5, 2.2, 3.3, 5.0])
@pytest.mark.parametrize(("kind", "height"), [("bright", 80.0), ("dark", -80.0)])
def test_spots_are_counted_and_measured(kind, height, sigma):
    row = blob_features(FeatureRegion.of(spots(sigma=sigma, height=height)))
    assert row[f"blob_{kind}_count"] == 6
    assert row[f"blob_{kind}_per_10000px"] == pytest.approx(6 / 3.0)
    assert row[f"blob_{kind}_diameter_px"] == pytest.approx(2 * np.sqrt(2) * sigma)


@pytest.mark.parametrize("spacing", [(0.1, 0.1), (0.06, 0.12)])
def test_size_and_density_in_millimetres(spacing):
    row = blob_features(FeatureRegion.of(spots(sigma=0.33, spacing=spacing), spacing_mm=spacing))
    assert row["blob_bright_count"] == 6
    assert row["blob_bright_diameter_mm"] == pytest.approx(2 * np.sqrt(2) * 0.33)
    assert row["blob_bright_per_cm2"] == pytest.approx(6 / (150 * spacing[0] * 200 * spacing[1] / 100))


def test_a_spot_centred_outside_does_not_count():
    mask = np.ones((150, 200), bool)
    mask[:, 130:] = False
    assert blob_features(FeatureRegion.of(spots(sigma=3.3), mask=mask))["blob_bright_count"] == 4


def test_a_flat_region_has_none():
    row = blob_features(FeatureRegion.of(np.full((50, 50), 80.3)))
    assert row["blob_bright_count"] == row["blob_dark_count"] == 0
    assert np.isnan(row["blob_bright_diameter_px"])
