from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import hilbert

from mskus.features.spectral import plane_wave_lines, spectral_maps


def test_a_real_gastrocnemius_shows_its_aponeurosis(mskus_data):
    h5py = pytest.importorskip("h5py")
    with h5py.File(mskus_data / "rf/gastrocnemius/rf_dataset.hdf5") as file:
        channels = file["data/rf_data/frame_1/shot_1"][()]
        pitch_mm = 1e3 * float(file["trans_params/x_pitch"][0])
    lines = plane_wave_lines(channels, sampling_hz=20e6, pitch_mm=pitch_mm)
    mm_per_row = 1540.0 / (2 * 20e6) * 1e3
    # Below the skin and fat the deep aponeurosis is brightest: seen by eye at 20 (left) to 24 mm (right).
    rows = slice(round(8 / mm_per_row), round(35 / mm_per_row))
    depth = (rows.start + np.abs(hilbert(lines, axis=0))[rows].argmax(0)) * mm_per_row
    assert np.median(depth[10:60]) == pytest.approx(21.5, abs=1.5)
    assert np.median(depth[-60:-10]) == pytest.approx(22.5, abs=1.5)
    maps = spectral_maps(lines, sampling_hz=20e6, centre_hz=4.4e6)
    loudest = maps.depth_mm[8:][maps.midband_fit_db[8:].mean(1).argmax()]
    assert loudest == pytest.approx(22.0, abs=2.0)
    # Tissue takes the high frequencies away with depth: the uncalibrated slope falls.
    below, above = maps.slope_db_per_mhz[maps.depth_mm > 35].mean(), maps.slope_db_per_mhz[maps.depth_mm < 15].mean()
    assert below < above - 2.0
