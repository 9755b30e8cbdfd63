"""Pictures of oblique bright line fragments in speckle that is wider than high, with a known angle."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray


def draw_oblique_lines(
    angle_deg: float,
    *,
    aspect: float = 1.0,
    height: int = 180,
    width: int = 480,
    noise: float = 1.0,
    bright: float = 0.8,
    seed: int = 0,
) -> NDArray[np.uint8]:
    """``(height, width)`` uint8: log-compressed lines at ``angle_deg`` (in mm geometry), multiplied by speckle."""
    random = np.random.default_rng(seed)
    rows, x = np.mgrid[:height, :width].astype(np.float32)
    y = rows * aspect
    sine, cosine = np.sin(np.radians(angle_deg)), np.cos(np.radians(angle_deg))
    across, along = x * sine + y * cosine, x * cosine - y * sine
    lines = np.zeros((height, width), np.float32)
    # One fascicle every 13 pixels, give or take 3; of each, fragments of random length and brightness are seen.
    for track in np.arange(across.min(), across.max(), 13.0):
        off = (across - track - random.uniform(-3, 3)) / 1.8
        near = np.abs(off) < 4.0
        knots = np.cumsum(random.uniform(20, 60, 60)) + along.min() - random.uniform(0, 40)
        shine = np.clip(random.uniform(-0.6, 1.4, knots.size), 0, None)
        lines[near] += np.interp(along[near], knots, shine) * np.exp(-0.5 * off[near] ** 2)
    sigma_x, sigma_y = 4.0, 1.5 / aspect
    speckle = np.hypot(
        *(cv2.GaussianBlur(random.normal(size=(height, width)), (0, 0), sigma_x, sigmaY=sigma_y) for _ in range(2))
    )
    envelope = (0.12 + bright * lines) * (speckle / speckle.mean()) ** noise
    decibel = 20.0 * np.log10(envelope / envelope.max() + 1e-4)
    return np.clip(255.0 * (1.0 + decibel / 55.0), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def oblique_lines() -> Callable[..., NDArray[np.uint8]]:
    """:func:`draw_oblique_lines`, each picture drawn once."""
    return cache(draw_oblique_lines)
