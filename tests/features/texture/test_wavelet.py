from __future__ import annotations

import numpy as np
import pytest

from mskus.features.family import FeatureRegion
from mskus.features.texture import wavelet_features
from mskus.features.texture.wavelet import subbands

MIDDLE = np.zeros((160, 160), bool)
MIDDLE[64:96, 64:96] = True
COLUMNS = np.tile([1.0, -1.0], (160, 80))


@pytest.mark.parametrize(
    ("picture", "band"),
    [(COLUMNS, "1_hl"), (COLUMNS.T, "1_lh"), (COLUMNS * COLUMNS.T, "1_hh")],
    ids=["columns", "rows", "checkerboard"],
)
def test_the_finest_pattern_lies_in_one_subband(picture, band):
    row = wavelet_features(FeatureRegion.of(100.0 + 30.0 * picture, mask=MIDDLE))
    assert row[f"wav_{band}_energy"] == pytest.approx(900.0, rel=1e-5)
    assert row[f"wav_{band}_mean_abs"] == pytest.approx(30.0, rel=1e-5)
    assert row[f"wav_{band}_entropy"] == pytest.approx(1.0)
    others = [row[f"wav_{level}_{d}_energy"] for level in (1, 2, 3) for d in ("lh", "hl", "hh")]
    assert sum(others) == pytest.approx(900.0, rel=1e-5)
    assert row["wav_3_ll_energy"] == pytest.approx(100.0**2, rel=1e-6)
    assert row["wav_entropy"] == pytest.approx(0.0, abs=1e-4)


def test_energies_add_up_to_that_of_a_periodic_picture(rng):
    tile = rng.normal(100.0, 25.0, (32, 32))
    row = wavelet_features(FeatureRegion.of(np.tile(tile, (5, 5)), mask=MIDDLE))
    energies = [value for name, value in row.items() if name.endswith("_energy")]
    assert len(energies) == 10
    assert sum(energies) == pytest.approx((tile**2).mean(), rel=1e-5)


def test_octaves_of_a_slow_grating():
    # A period of 12 pixels lies in the third octave (8 to 16 pixels).
    picture = 100.0 + 30.0 * np.sin(2 * np.pi * np.arange(160) / 12.0) * np.ones((160, 1))
    row = wavelet_features(FeatureRegion.of(picture, mask=MIDDLE))
    assert row["wav_3_hl_energy"] > 2.0 * (row["wav_2_hl_energy"] + row["wav_1_hl_energy"])
    assert row["wav_3_lh_energy"] == pytest.approx(0.0, abs=1e-6)


def test_subbands_lie_where_the_structure_lies(rng):
    y, x = np.mgrid[:128, :128] - 64.0
    spot = np.exp(-(x**2 + y**2) / 200.0)
    weight = dict.fromkeys((name for name, _ in subbands(np.zeros((128, 128), np.float32))), np.zeros((128, 128)))
    for _ in range(40):
        for name, band in subbands((rng.normal(size=spot.shape) * spot).astype(np.float32)):
            weight[name] = weight[name] + band.astype(float) ** 2
    for name, energy in weight.items():
        centre = [float((energy * axis).sum() / energy.sum()) for axis in (x, y)]
        assert centre == pytest.approx([0.0, 0.0], abs=1.2), name
