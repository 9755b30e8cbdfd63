"""Histograms of grey levels, equalised in parts, and the table of a monotone map put on a picture.

A part is a run of levels ``a .. b``. Equalising it spreads its levels over that same run,

``f(x) = a + (b - a) * C(x)``,  ``C(x)`` the share of the part's pixels at levels ``a .. x``,

which is the map of Kim (1997). One part is plain histogram equalisation; more parts keep brightness better.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.enhance.method import Picture
from mskus.errors import EnhanceError

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Where to cut a histogram ``counts``; levels up to the cut go to the lower part.
Cut = Callable[[F64], int]


def level_counts(image: Picture, *, field: Mask | None = None) -> F64:
    """``(256,)`` pixels at each grey level; levels are rounded and clipped to 0-255.

    Args:
        image: ``(H, W)`` grey levels.
        field: ``(H, W)`` bool, the pixels that count; all by default.

    Raises:
        EnhanceError: if the field is empty or of another shape.
    """
    if field is not None:
        inside = np.asarray(field) != 0
        if inside.shape != image.shape or not inside.any():
            raise EnhanceError(f"The field {inside.shape} is empty or does not fit its picture {image.shape}.")
        image = image[inside][:, None]
    levels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    return np.asarray(cv2.calcHist([levels], [0], None, [256], [0, 256]).ravel(), np.float64)


def map_levels(image: Picture, table: F64) -> Picture:
    """The picture through a ``(256,)`` table; grey levels between two whole ones are interpolated."""
    clipped = np.clip(image, 0, 255)
    lower = clipped.astype(np.uint8)
    steps = np.diff(table, append=table[-1])
    mapped = cv2.LUT(lower, table.astype(np.float32)) + (clipped - lower) * cv2.LUT(lower, steps.astype(np.float32))
    return np.asarray(np.clip(mapped, 0, 255), np.float32)


def equalised(counts: F64, *, starts: tuple[int, ...] = (0,)) -> F64:
    """Table of the map that equalises each part of a histogram.

    Args:
        counts: ``(L,)`` pixels at each level.
        starts: first level of each part, ascending from 0.

    Returns:
        ``(L,)`` grey level of the result, not rounded. Levels of a part without pixels stay as they are; so does
        everything if the picture has one level only.

    Example:
        Half of the pixels at level 0; the upper part's levels 1, 2, 3 hold 2, 1, 1 pixels.

        >>> equalised(np.array([4.0, 2, 1, 1]), starts=(0, 1)).tolist()
        [0.0, 2.0, 2.5, 3.0]
    """
    table = np.arange(len(counts), dtype=np.float64)
    if np.count_nonzero(counts) < 2:
        return table
    for first, after in zip(starts, (*starts[1:], len(counts)), strict=True):
        part = counts[first:after]
        if part.sum() > 0:
            table[first:after] = first + (after - 1 - first) * np.cumsum(part) / part.sum()
    return table


def split(counts: F64, *, cut: Cut, levels: int) -> tuple[int, ...]:
    """First levels of the parts after ``levels`` rounds of cutting every part in two.

    Args:
        counts: ``(L,)`` pixels at each level.
        cut: gives the last level of a part's lower half, counted from the part's first.
        levels: rounds; there are at most ``2**levels`` parts.

    Raises:
        EnhanceError: if ``levels`` is not a whole number from 0 to 8.
    """
    if int(levels) != levels or not 0 <= levels <= 8:
        raise EnhanceError(f"levels = {levels!r} rounds of cutting a histogram are not possible; give 0 to 8.")
    starts: tuple[int, ...] = (0,)
    for _ in range(int(levels)):
        pieces = []
        for first, after in zip(starts, (*starts[1:], len(counts)), strict=True):
            pieces.append(first)
            part = counts[first:after]
            if np.count_nonzero(part) > 1:
                pieces.append(first + min(cut(part), len(part) - 2) + 1)
        starts = tuple(pieces)
    return starts


def mean_level(counts: F64) -> int:
    """Mean level, rounded down.

    Example:
        >>> mean_level(np.array([4.0, 2, 1, 1]))
        0
    """
    return int(counts @ np.arange(len(counts)) / counts.sum())


def median_level(counts: F64) -> int:
    """Lowest level at or below which lie half of the pixels.

    Example:
        >>> median_level(np.array([1.0, 2, 4, 1]))
        2
    """
    return int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
