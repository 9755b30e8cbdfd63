from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from mskus.simulate.rf import simulate_rf


def draw_rf(
    *, lines: int = 96, samples: int = 1200, seed: int = 0, attenuation: float = 0.5, **tissue: float
) -> NDArray[np.float64]:
    """Speckle of even tissue: ``(samples, lines)`` at 25 MHz with a pulse of 5 MHz."""
    scatterers = np.random.default_rng(seed).normal(size=(samples, lines))
    return simulate_rf(scatterers, attenuation_db_per_cm_mhz=attenuation, **tissue)


@pytest.fixture(scope="session")
def rf() -> Callable[..., NDArray[np.float64]]:
    """:func:`draw_rf`, each drawn once."""
    return cache(draw_rf)
