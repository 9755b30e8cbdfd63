"""Contrast-limited adaptive histogram equalisation: each place by the histogram of its surroundings."""

from __future__ import annotations

import cv2
import numpy as np

from mskus.enhance.method import Picture, enhancer
from mskus.errors import EnhanceError

_MOST_TILES = 64


@enhancer("clahe", kind="contrast", source="Zuiderveld 1994, Graphics Gems IV, p. 474")
def clahe(
    image: Picture,
    *,
    clip: float = 2.0,
    tiles: int = 8,
    tile_mm: float | None = None,
    spacing_mm: tuple[float, float] | None = None,
) -> Picture:
    """Contrast-limited adaptive histogram equalisation; grey levels are rounded to 8 bits first.

    It lifts speckle where little else is, and grey levels of two places no longer compare: measure echo intensity on
    the picture as it was.

    Args:
        image: ``(H, W)`` grey levels.
        clip: bins above this many times the mean bin are cut off, which limits the slope of the map.
        tiles: histograms along each side of the picture.
        tile_mm: side of a tile in mm, in place of ``tiles``; needs the scale.
        spacing_mm: ``(row, column)`` mm per pixel.

    Raises:
        EnhanceError: if a parameter is not possible, or ``tile_mm`` is given without a scale.
    """
    if not clip > 0:
        raise EnhanceError(f"clip = {clip:g} is not possible; give a number above 0, such as 2.")
    levels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    if levels.min() == levels.max():
        return image.copy()
    rows, columns = _grid(levels.shape, tiles=tiles, tile_mm=tile_mm, spacing_mm=spacing_mm)
    return cv2.createCLAHE(clipLimit=float(clip), tileGridSize=(columns, rows)).apply(levels).astype(np.float32)


def _grid(
    shape: tuple[int, ...], *, tiles: int, tile_mm: float | None, spacing_mm: tuple[float, float] | None
) -> tuple[int, int]:
    if tile_mm is None:
        if int(tiles) != tiles or not 1 <= tiles <= min(_MOST_TILES, *shape):
            raise EnhanceError(
                f"tiles = {tiles} is not possible; give a whole number, 1 to {min(_MOST_TILES, *shape)}."
            )
        return int(tiles), int(tiles)
    if spacing_mm is None:
        raise EnhanceError("tile_mm needs the scale of the picture; give it (--mm-per-px), or use tiles instead.")
    if not tile_mm > 0:
        raise EnhanceError(f"tile_mm = {tile_mm:g} is not possible; give a number of mm above 0.")
    rows, columns = (
        int(np.clip(round(size * step / tile_mm), 1, min(_MOST_TILES, size)))
        for size, step in zip(shape, spacing_mm, strict=True)
    )
    return rows, columns
