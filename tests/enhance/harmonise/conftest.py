from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

Speckle = Callable[..., list[NDArray[np.float32]]]


@pytest.fixture
def speckle(rng) -> Speckle:
    """Pictures of speckle with a mean, a spread and a grain ``(axial, lateral)`` in pixels."""

    def draw(*, n=6, shape=(96, 128), mean=90.0, spread=20.0, grain=(1.5, 1.5)):
        pictures = []
        for _ in range(n):
            noise = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), sigmaX=grain[1], sigmaY=grain[0])
            pictures.append(np.clip(mean + spread * noise / noise.std(), 0, 255).astype(np.float32))
        return pictures

    return draw
