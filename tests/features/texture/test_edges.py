from __future__ import annotations

import numpy as np
import pytest

from mskus.features.family import FeatureRegion
from mskus.features.texture import edge_features

MIDDLE = np.zeros((160, 192), bool)
MIDDLE[32:128, 24:152] = True  # four periods of 32 pixels


def test_bars_by_hand():
    bars = np.tile(np.where(np.arange(192) % 32 < 16, 0.0, 64.0), (160, 1))
    row = edge_features(FeatureRegion.of(bars, mask=MIDDLE))
    # Two steps of 64 a period: sigma * 2 * 64 / 32.
    assert row["edge_1.5px_mean"] == pytest.approx(1.5 * 2 * 64 / 32, rel=1e-3)
    assert row["edge_1.5px_density"] == pytest.approx(2 / 32)
    assert row["edge_1.5px_coherence"] == pytest.approx(1.0)
    assert row["edge_1.5px_axial_cos"] == pytest.approx(-1.0)
    assert row["edge_1.5px_direction_entropy"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("spacing", [None, (0.1, 0.1), (0.06, 0.12)])
@pytest.mark.parametrize(("angle", "cos", "sin"), [(0, 1, 0), (45, 0, 1), (90, -1, 0), (150, 0.5, -0.866)])
def test_direction_of_lines(angle, cos, sin, spacing):
    step = spacing or (1.0, 1.0)
    y, x = np.indices(MIDDLE.shape) * np.reshape(step, (2, 1, 1))
    turn = np.radians(angle)
    wave = np.sin(2 * np.pi * (x * np.sin(turn) + y * np.cos(turn)) / (12 * max(step)))
    row = edge_features(FeatureRegion.of(100 + 50 * wave, mask=MIDDLE, spacing_mm=spacing))
    tag = "edge_1.5px" if spacing is None else "edge_150um"
    assert row[f"{tag}_axial_cos"] == pytest.approx(cos, abs=0.01)
    assert row[f"{tag}_axial_sin"] == pytest.approx(sin, abs=0.01)


def test_noise_has_all_directions(rng):
    row = edge_features(FeatureRegion.of(rng.normal(100, 20, (200, 200))))
    assert row["edge_1.5px_direction_entropy"] == pytest.approx(np.log2(18), abs=0.02)
    assert row["edge_1.5px_coherence"] < 0.05
