"""Power spectra of gated radio-frequency lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft, signal

from mskus.clip import Region
from mskus.errors import FeatureError

F64 = NDArray[np.float64]

SOUND_SPEED_M_S = 1540.0
_TAPER = "hann"


@dataclass(frozen=True, eq=False)
class PowerSpectra:
    """Power of every line in every gate.

    Attributes:
        power: ``(lines, gates, frequencies)``, squared units of the signal per Hz.
        frequency_mhz: ``(frequencies,)`` MHz.
        depth_cm: ``(gates,)`` depth of each gate's middle in cm.
    """

    power: F64
    frequency_mhz: F64
    depth_cm: F64


def power_spectra(
    rf: ArrayLike,
    *,
    sampling_hz: float,
    band_hz: tuple[float, float],
    region: Region | None = None,
    gate_mm: float = 3.0,
    sound_speed_m_s: float = SOUND_SPEED_M_S,
) -> PowerSpectra:
    """Spectra within a band by Hann gates that overlap by half (Welch).

    Args:
        rf: ``(samples, lines)``; the first sample is at depth nought.
        sampling_hz: samples per second.
        band_hz: lowest and highest frequency kept.
        region: samples (y, h) and lines (x, w); everything by default.
        gate_mm: length of one gate; ten pulse lengths or more keep the spectrum's shape (Oelze & Mamou 2016).
        sound_speed_m_s: of the tissue.

    Returns:
        Power by line, gate and frequency.

    Raises:
        FeatureError: if the signal, the region, the gate or the band is not possible.

    Source:
        Welch 1967, IEEE Trans. Audio Electroacoust. 15:70; Oelze & Mamou 2016, IEEE Trans. UFFC 63:336.
    """
    lines = np.asarray(rf, np.float64)
    if lines.ndim != 2:
        raise FeatureError(f"RF lines (samples, lines) are needed; this array has shape {lines.shape}.")
    if not (sampling_hz > 0.0 and sound_speed_m_s > 0.0 and gate_mm > 0.0):
        raise FeatureError("Sampling frequency, sound speed and gate must be positive numbers.")
    rows, columns = (region or Region(0, 0, lines.shape[1], lines.shape[0])).slices
    gated = lines[rows, columns]
    if rows.start < 0 or columns.start < 0 or gated.shape != (rows.stop - rows.start, columns.stop - columns.start):
        raise FeatureError(f"The region reaches beyond the RF of {lines.shape[0]} samples and {lines.shape[1]} lines.")
    if not np.isfinite(gated).all():
        raise FeatureError("The RF holds NaN or infinite values in the region; choose another.")
    mm_per_sample = 500.0 * sound_speed_m_s / sampling_hz
    length = round(gate_mm / mm_per_sample)
    if length < 16 or length > gated.shape[0] or gated.shape[1] < 1:
        raise FeatureError(
            f"A gate of {gate_mm:g} mm is {length} samples; it needs 16 or more and no more than the region's "
            f"{gated.shape[0]}."
        )
    frequency = fft.rfftfreq(length, 1.0 / sampling_hz)
    kept = (frequency >= band_hz[0]) & (frequency <= band_hz[1])
    if np.count_nonzero(kept) < 3:
        raise FeatureError(
            f"The band of {band_hz[0] / 1e6:g} to {band_hz[1] / 1e6:g} MHz holds fewer than three frequencies of a "
            f"{gate_mm:g} mm gate; widen the band or lengthen the gate."
        )
    hop = max(1, length // 2)
    gates = np.lib.stride_tricks.sliding_window_view(gated, length, axis=0)[::hop]
    taper = signal.get_window(_TAPER, length)
    spectrum = fft.rfft((gates - gates.mean(-1, keepdims=True)) * taper, axis=-1)[..., kept]
    power = (spectrum.real**2 + spectrum.imag**2) * (2.0 / (sampling_hz * float((taper**2).sum())))
    middle = rows.start + np.arange(len(gates)) * hop + 0.5 * (length - 1)
    return PowerSpectra(power.transpose(1, 0, 2), frequency[kept] / 1e6, 0.1 * mm_per_sample * middle)
