from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import hilbert

from mskus.errors import FeatureError
from mskus.features.spectral import plane_wave_lines

SAMPLING_HZ, PITCH_MM = 25e6, 0.25


def channels_of_points(points_mm, *, elements=64, samples=1100):
    """Echoes of points (x, z) from a plane wave, by the travel time to each element."""
    times = np.arange(samples) / SAMPLING_HZ
    data = np.zeros((elements, samples))
    for x, z in points_mm:
        away = np.arange(elements) * PITCH_MM - x
        arrival = (z + np.hypot(z, away)) * 1e-3 / 1540.0
        off = times - arrival[:, None]
        data += np.cos(2 * np.pi * 5e6 * off) * np.exp(-0.5 * (off / 0.15e-6) ** 2)
    return data


@pytest.mark.parametrize(("line", "z"), [(20, 10.0), (32, 20.0), (45, 28.0)])
def test_a_point_is_brought_to_its_place(line, z):
    lines = plane_wave_lines(channels_of_points([(line * PITCH_MM, z)]), sampling_hz=SAMPLING_HZ, pitch_mm=PITCH_MM)
    envelope = np.abs(hilbert(lines, axis=0))
    row, column = np.unravel_index(envelope.argmax(), envelope.shape)
    assert column == line
    assert row * 1540.0 / (2 * SAMPLING_HZ) * 1e3 == pytest.approx(z, abs=0.04)
    # The weights sum to one: the pulse keeps its height.
    assert envelope.max() == pytest.approx(1.0, abs=0.05)


def test_start_time_moves_the_picture():
    data = channels_of_points([(32 * PITCH_MM, 20.0)])
    late = plane_wave_lines(data[:, 100:], sampling_hz=SAMPLING_HZ, pitch_mm=PITCH_MM, start_s=100 / SAMPLING_HZ)
    whole = plane_wave_lines(data, sampling_hz=SAMPLING_HZ, pitch_mm=PITCH_MM)
    np.testing.assert_allclose(late[500:900, 32], whole[500:900, 32], atol=1e-3)


def test_a_single_channel_is_named():
    with pytest.raises(FeatureError, match="channels"):
        plane_wave_lines(np.zeros((1, 500)), sampling_hz=SAMPLING_HZ, pitch_mm=PITCH_MM)
    with pytest.raises(FeatureError, match="positive"):
        plane_wave_lines(np.zeros((8, 500)), sampling_hz=SAMPLING_HZ, pitch_mm=0.0)
