"""Colour that the scanner drew, apart from grey and from tinted grey maps."""

from __future__ import annotations

import numpy as np
import pytest

import mskus

REGION = (0, 0, 160, 120)


def grey_clip(tint: tuple[float, float, float], patch: tuple[int, int, int] | None = None) -> np.ndarray:
    """Speckle through a grey map of that hue, with a 30 x 20 patch of colour."""
    grey = np.random.default_rng(2).integers(0, 230, (3, 120, 160, 1)).astype(float)
    clip = np.clip(grey * np.array(tint), 0, 255).astype(np.uint8)
    if patch:
        clip[:, 40:60, 50:80] = patch
    return clip


@pytest.mark.parametrize("tint", [(1.0, 1.0, 1.0), (1.1, 1.0, 0.8), (0.9, 1.0, 1.15)])
def test_a_tinted_grey_map_is_no_colour(tint: tuple[float, float, float]) -> None:
    assert mskus.read(grey_clip(tint), region=REGION).colour is None


@pytest.mark.parametrize("tint", [(1.0, 1.0, 1.0), (1.1, 1.0, 0.8)])
@pytest.mark.parametrize("patch", [(220, 40, 20), (20, 60, 220), (20, 180, 60)])
def test_overlay_is_found_exactly(tint: tuple[float, float, float], patch: tuple[int, int, int]) -> None:
    colour = mskus.read(grey_clip(tint, patch), region=REGION).colour
    assert colour is not None
    where = colour.any(axis=-1)
    assert where[:, 40:60, 50:80].all()
    where[:, 40:60, 50:80] = False
    assert not where.any()
    assert colour[1, 50, 60].tolist() == list(patch)


def test_colour_outside_the_region_does_not_count() -> None:
    clip = grey_clip((1.0, 1.0, 1.0), (220, 40, 20))
    assert mskus.read(clip, region=(0, 0, 40, 120)).colour is None
