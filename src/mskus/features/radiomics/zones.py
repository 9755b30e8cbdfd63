"""Zones: patches of one grey level whose pixels touch, with their size and their distance from the region's edge."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray


class Zones(NamedTuple):
    """``(Z,)`` grey level, number of pixels and least distance from the outside of each zone."""

    level: NDArray[np.int64]
    size: NDArray[np.int64]
    distance: NDArray[np.int64]


def zones(levels: NDArray[np.int32]) -> Zones:
    """All zones of a region; pixels that touch at a side or a corner belong together.

    Args:
        levels: ``(H, W)`` levels 1 .. n, 0 outside the region.

    Returns:
        The distance is the number of steps across pixel sides to leave the region, 1 at its edge; the picture's border
        and holes are outside.

    Source:
        IBSI reference manual, sections 3.8 (8-connected zones) and 3.9 (distance by 4-connectedness).

    Example:
        >>> found = zones(np.array([[1, 2, 1], [2, 1, 1]], np.int32))
        >>> sorted(zip(found.level.tolist(), found.size.tolist()))
        [(1, 4), (2, 2)]
    """
    framed = np.pad(levels, 1)
    steps = cv2.distanceTransform((framed > 0).astype(np.uint8), cv2.DIST_L1, 3)
    return Zones(*_flood(framed, steps.astype(np.int32)))


@njit(cache=True)
def _flood(levels, steps):  # type: ignore[no-untyped-def]
    """Flood fill from every pixel not yet reached; ``levels`` has a rim of zeros, so no step leaves the array."""
    width = levels.shape[1]
    flat, distance = levels.copy().ravel(), steps.ravel()
    around = (-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1)
    waiting = np.empty(flat.size, np.int64)
    found = np.empty((3, flat.size), np.int64)
    n = 0
    for start in range(flat.size):
        here = flat[start]
        if here == 0:
            continue
        waiting[0], top, area, least = start, 1, 0, distance[start]
        flat[start] = 0
        while top > 0:
            top -= 1
            at = waiting[top]
            area += 1
            least = min(least, distance[at])
            for step in around:
                if flat[at + step] == here:
                    flat[at + step] = 0
                    waiting[top] = at + step
                    top += 1
        found[0, n], found[1, n], found[2, n] = here, area, least
        n += 1
    return found[:, :n]
