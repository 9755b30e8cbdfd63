"""RF of even scatterers behind a known spectrum: pulse, backscatter and attenuation."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

SAMPLING_HZ = 25e6
CENTRE_HZ = 5e6


def draw_rf(
    *,
    attenuation: float = 0.5,
    intercept_db: float = 0.0,
    slope_db_per_mhz: float = 0.0,
    lines: int = 96,
    samples: int = 1200,
    seed: int = 0,
) -> NDArray[np.float64]:
    """``(samples, lines)``: each scatterer echoes the pulse, filtered by the path to it and back."""
    random = np.random.default_rng(seed)
    mhz = np.fft.rfftfreq(samples, 1e6 / SAMPLING_HZ)[:, None]
    depth_cm = np.arange(samples)[None] * 100.0 * 1540.0 / (2.0 * SAMPLING_HZ)
    pulse = np.exp(-0.5 * ((mhz - CENTRE_HZ / 1e6) / 1.5) ** 2)
    tissue = 10.0 ** (0.05 * (intercept_db + slope_db_per_mhz * mhz - 2.0 * attenuation * mhz * depth_cm))
    delay = np.exp(-2j * np.pi * np.arange(mhz.size)[:, None] * np.arange(samples)[None] / samples)
    spectrum = (pulse * tissue * delay) @ random.normal(size=(samples, lines))
    return np.fft.irfft(spectrum, samples, axis=0)


@pytest.fixture(scope="session")
def rf() -> Callable[..., NDArray[np.float64]]:
    """:func:`draw_rf`, each drawn once."""
    return cache(draw_rf)
