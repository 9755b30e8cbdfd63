"""Radio-frequency lines of scatterers behind a known spectrum: pulse, backscatter and attenuation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def simulate_rf(
    scatterers: F64,
    *,
    sampling_hz: float = 25e6,
    centre_hz: float = 5e6,
    bandwidth_hz: float = 3.5e6,
    attenuation_db_per_cm_mhz: float = 0.5,
    intercept_db: float = 0.0,
    slope_db_per_mhz: float = 0.0,
    sound_speed_m_s: float = 1540.0,
) -> F64:
    r"""Lines of echoes, exact at every depth.

    A scatterer of strength s at depth z sends back the pulse times
    :math:`10^{(\text{intercept} + \text{slope}\,f - 2 a f z)/20}`. Lines are independent of each other, as if each beam
    were as wide as they are apart. Echoes add, so tissues that differ are simulated one by one and summed.

    Args:
        scatterers: ``(samples, lines)`` strengths on the grid of samples; white noise for speckle.
        sampling_hz: samples per second.
        centre_hz: centre of the pulse's spectrum.
        bandwidth_hz: its full width at half amplitude.
        attenuation_db_per_cm_mhz: a, one way, from the surface.
        intercept_db: backscatter at frequency nought.
        slope_db_per_mhz: its slope.
        sound_speed_m_s: of the tissue.

    Returns:
        ``(samples, lines)``; row k lies at depth ``k * sound_speed / (2 * sampling)``.

    Source:
        The model that Yao, Zagzebski & Madsen 1990, Ultrason. Imaging 12:58 invert.

    Example:
        >>> spike = np.zeros((256, 1))
        >>> spike[100] = 1.0
        >>> int(np.abs(simulate_rf(spike, attenuation_db_per_cm_mhz=0.0)).argmax())
        100
    """
    samples = len(scatterers)
    mhz = np.fft.rfftfreq(samples, 1e6 / sampling_hz)[:, None]
    depth_cm = np.arange(samples) * (100.0 * sound_speed_m_s / (2.0 * sampling_hz))
    sigma_mhz = 1e-6 * bandwidth_hz / np.sqrt(8.0 * np.log(2.0))
    pulse = np.exp(-0.5 * ((mhz - 1e-6 * centre_hz) / sigma_mhz) ** 2)
    level_db = intercept_db + slope_db_per_mhz * mhz - 2.0 * attenuation_db_per_cm_mhz * mhz * depth_cm
    turn = np.exp(-2j * np.pi / samples * (np.arange(len(mhz))[:, None] * np.arange(samples) % samples))
    return np.fft.irfft((pulse * 10.0 ** (0.05 * level_db) * turn) @ scatterers, samples, axis=0)
