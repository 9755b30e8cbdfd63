"""RF lines from the channels of a plane wave: delay and sum."""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray
from scipy import signal

from mskus.errors import FeatureError
from mskus.features.spectral.power import SOUND_SPEED_M_S

F32 = NDArray[np.float32]

# Channels are read between samples; a finer grid keeps the highest frequencies of the band.
_FINER = 4


def plane_wave_lines(
    channels: NDArray[np.floating],
    *,
    sampling_hz: float,
    pitch_mm: float,
    start_s: float = 0.0,
    f_number: float = 1.5,
    sound_speed_m_s: float = SOUND_SPEED_M_S,
) -> F32:
    r"""Beamform the echoes of one unsteered plane wave, one line below each element.

    The echo of (x, z) reaches the element at :math:`x_i` after :math:`(z + \sqrt{z^2 + (x-x_i)^2})/c`; elements within
    :math:`z/F` of aperture are summed under a Hann window and divided by its sum.

    Args:
        channels: ``(elements, samples)`` as recorded.
        sampling_hz: samples per second.
        pitch_mm: distance of neighbouring elements.
        start_s: time of the first sample after the wave left.
        f_number: F, depth over aperture.
        sound_speed_m_s: of the tissue.

    Returns:
        ``(samples, elements)`` RF; row k lies at depth ``k * sound_speed / (2 * sampling)``.

    Raises:
        FeatureError: if the array is not that of channels, or a setting is not positive.

    Source:
        Montaldo et al. 2009, IEEE Trans. UFFC 56:489.
    """
    data = np.asarray(channels, np.float32)
    if data.ndim != 2 or data.shape[0] < 2 or not np.isfinite(data).all():
        raise FeatureError(f"Finite channels (elements, samples) are needed; this array has shape {data.shape}.")
    if not (sampling_hz > 0.0 and pitch_mm > 0.0 and f_number > 0.0 and sound_speed_m_s > 0.0):
        raise FeatureError("Sampling frequency, pitch, F-number and sound speed must be positive numbers.")
    finer = signal.resample(data, _FINER * data.shape[1], axis=1).astype(np.float32)
    pitch_samples = pitch_mm * 1e-3 / sound_speed_m_s * sampling_hz
    return _delay_and_sum(finer, data.shape[1], float(pitch_samples), start_s * sampling_hz, f_number)


@njit(cache=True, parallel=True, fastmath=True)
def _delay_and_sum(finer: F32, samples: int, pitch: float, start: float, f_number: float) -> F32:
    elements = finer.shape[0]
    out = np.zeros((samples, elements), np.float32)
    for k in prange(samples):
        depth = 0.5 * k  # in samples of one-way travel
        reach = max(1, int(0.5 * depth / f_number / pitch))
        for line in range(elements):
            total, weights = 0.0, 0.0
            for i in range(max(0, line - reach), min(elements, line + reach + 1)):
                away = (i - line) * pitch
                at = (depth + np.sqrt(depth * depth + away * away) - start) * _FINER
                n = int(np.floor(at))
                weight = 0.5 + 0.5 * np.cos(np.pi * (i - line) / (reach + 1))
                weights += weight
                if 0 <= n < finer.shape[1] - 1:
                    part = at - n
                    total += weight * ((1.0 - part) * finer[i, n] + part * finer[i, n + 1])
            out[k, line] = total / weights
    return out
