from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from mskus.simulate.elastogram import ElastogramPhantom, simulate_elastogram


def soft_to_hard() -> np.ndarray:
    """Stiffness from 20 to 80 kPa across, with a lesion of 60 more."""
    y, x = np.mgrid[:100, :120]
    return np.clip(20 + 60 * x / 119 + 60 * np.exp(-((x - 40) ** 2 + (y - 50) ** 2) / 300), 5, 145)


@pytest.fixture(scope="session")
def elastogram() -> Callable[..., ElastogramPhantom]:
    """A screen with a bar from 0 to 150 kPa."""

    @cache
    def draw(colour_map: str = "jet", opacity: float = 1.0, jpeg_quality: int | None = None) -> ElastogramPhantom:
        return simulate_elastogram(
            soft_to_hard(), low=0.0, high=150.0, colour_map=colour_map, opacity=opacity, jpeg_quality=jpeg_quality
        )

    return draw
