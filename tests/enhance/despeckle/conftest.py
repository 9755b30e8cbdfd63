from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="session")
def rayleigh() -> np.ndarray:
    """Fully developed speckle of one tissue, log-compressed with 60 dB, mean level far from black and white."""
    envelope = np.random.default_rng(7).rayleigh(0.05, (96, 128))
    return (255.0 * (1.0 + 20.0 * np.log10(envelope) / 60.0)).clip(0, 255).astype(np.float32)


@pytest.fixture(scope="session")
def step_edge() -> np.ndarray:
    """Speckle over an edge of 25 dB in the middle column."""
    rng = np.random.default_rng(11)
    scale = np.where(np.arange(128) < 64, 0.03, 0.03 * 10 ** (25 / 20))
    envelope = rng.rayleigh(1.0, (96, 128)) * scale
    return (255.0 * (1.0 + 20.0 * np.log10(envelope) / 60.0)).clip(0, 255).astype(np.float32)
