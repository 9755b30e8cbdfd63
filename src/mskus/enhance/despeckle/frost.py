"""Frost's filter: a weighted mean whose weights fall off the faster, the more the neighbourhood varies."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mskus.enhance.despeckle.compression import to_envelope, to_grey
from mskus.enhance.despeckle.fast_decay import fast_decay
from mskus.enhance.despeckle.strips import Strips
from mskus.enhance.despeckle.window import positive, squared_variation, window
from mskus.enhance.method import Picture, enhancer


@enhancer("frost", kind="despeckle", source="Frost et al. 1982, IEEE Trans Pattern Anal Mach Intell 4:157")
def frost(
    picture: Picture,
    *,
    size_px: int = 7,
    size_mm: float | None = None,
    damping: float = 1.0,
    compression_db: float | None = 60.0,
    spacing_mm: tuple[float, float] | None = None,
) -> Picture:
    r"""Frost's filter on the envelope, $\hat a = \sum_t w_t a_t / \sum_t w_t$ with $w_t = e^{-K C^2 |t|}$.

    ``C`` is the local coefficient of variation and ``|t|`` the distance to the pixel, in pixels (with a size in mm: in
    units of the mean spacing, so that the falling off is round in mm).

    Args:
        picture: ``(H, W)`` grey levels 0-255.
        size_px: side of the window in pixels, odd.
        size_mm: side of the window in mm, instead of pixels.
        damping: ``K``; more keeps more.
        compression_db: dynamic range of the display; None for a linear picture.
        spacing_mm: ``(row, column)`` mm per pixel.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    positive(damping=damping)
    size = window(size_px=size_px, size_mm=size_mm, spacing_mm=spacing_mm, largest_px=31)
    unit = (1.0, 1.0) if size_mm is None or spacing_mm is None else spacing_mm
    envelope = to_envelope(picture, compression_db=compression_db)
    _, local = squared_variation(envelope, size)
    rows, columns = size[0] // 2, size[1] // 2
    padded = np.pad(envelope, ((rows, rows), (columns, columns)), mode="symmetric")
    ring, distance = _rings(size, unit)
    out = np.empty_like(envelope)
    with Strips(len(out)) as strips:
        strips(_frost, padded, np.float32(damping) * local, ring, distance, out)
    return to_grey(out, compression_db=compression_db)


def _rings(size: tuple[int, int], unit: tuple[float, float]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For every pixel of the window the number of its distance, and the distances."""
    y = (np.arange(size[0]) - size[0] // 2) * unit[0]
    x = (np.arange(size[1]) - size[1] // 2) * unit[1]
    all_distances = np.hypot(y[:, None], x) / np.mean(unit)
    distance, ring = np.unique(all_distances.round(6), return_inverse=True)
    return ring.reshape(size), distance.astype(np.float32)


@njit(cache=True, nogil=True, fastmath=True)
def _frost(first, end, padded, fall, ring, distance, out):  # type: ignore[no-untyped-def]
    height, width = ring.shape
    columns = out.shape[1]
    count = np.zeros(distance.size, np.float32)
    for i in range(height):
        for j in range(width):
            count[ring[i, j]] += 1.0
    total = np.empty((distance.size, columns), np.float32)
    weights = np.empty(columns, np.float32)
    for y in range(first, end):
        # whole rows at a time, so that the compiler adds several pixels at once
        total[:] = 0.0
        for i in range(height):
            for j in range(width):
                k = ring[i, j]
                for x in range(columns):
                    total[k, x] += padded[y + i, x + j]
        weights[:] = np.float32(1.0)
        for k in range(1, distance.size):
            for x in range(columns):
                w = fast_decay(fall[y, x] * distance[k])
                total[0, x] += w * total[k, x]
                weights[x] += w * count[k]
        for x in range(columns):
            out[y, x] = total[0, x] / weights[x]
