"""Medians: the plain one, and the one whose weights follow the local statistics."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from mskus.enhance.despeckle.strips import Strips
from mskus.enhance.despeckle.window import local_mean, local_variance, positive, window
from mskus.enhance.method import Picture, enhancer

# Grey levels closer than this are taken for one where weights are summed.
_RESOLUTION = 0.25
# Beyond this OpenCV's median takes whole grey levels only.
_LARGEST_FLOAT_PX = 5


@enhancer("median", kind="despeckle", source="Tukey 1977, Exploratory Data Analysis, ch. 7")
def median(picture: Picture, *, size_px: int = 5) -> Picture:
    """Median over a square window; the border is repeated. A median commutes with log compression.

    Args:
        picture: ``(H, W)`` grey levels 0-255.
        size_px: side of the window in pixels, odd. Above 5, grey levels are rounded to whole numbers first.

    Raises:
        EnhanceError: if the size is not possible.
    """
    window(size_px=size_px, size_mm=None, spacing_mm=None)
    if size_px <= _LARGEST_FLOAT_PX:
        return np.asarray(cv2.medianBlur(picture, size_px))
    whole = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return np.asarray(cv2.medianBlur(whole, size_px), np.float32)


@enhancer("adaptive_weighted_median", kind="despeckle", source="Loupas et al. 1989, IEEE Trans Circuits Syst 36:129")
def adaptive_weighted_median(
    picture: Picture,
    *,
    size_px: int = 9,
    size_mm: float | None = None,
    centre_weight: float = 99.0,
    scaling: float = 2.0,
    spacing_mm: tuple[float, float] | None = None,
) -> Picture:
    r"""Median of grey levels counted $w = \lfloor w_0 - c\,d\,s^2 / m \rceil$ times (0 where negative).

    ``d`` is the distance to the pixel, ``m`` and ``s^2`` are local mean and variance of the log-compressed picture,
    whose speckle has ``s^2`` proportional to ``m`` in the source's model. Where the picture varies, only the middle has
    a say. The weighted median is the smallest grey level whose weights, with those below it, reach half of the total.

    Args:
        picture: ``(H, W)`` grey levels 0-255, log-compressed.
        size_px: side of the window in pixels, odd.
        size_mm: side of the window in mm, instead of pixels.
        centre_weight: ``w0``.
        scaling: ``c``; near 0 it is the plain median. The source takes 10 to 20 for speckle of one pixel; smaller suits
            the larger grains of a displayed picture.
        spacing_mm: ``(row, column)`` mm per pixel.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    positive(centre_weight=centre_weight, scaling=scaling)
    size = window(size_px=size_px, size_mm=size_mm, spacing_mm=spacing_mm, largest_px=15)
    mean = local_mean(picture, size)
    fall = np.float32(scaling) * local_variance(picture, mean, size) / np.maximum(mean, np.float32(1.0))
    rows, columns = size[0] // 2, size[1] // 2
    padded = np.pad(picture, ((rows, rows), (columns, columns)), mode="symmetric")
    y, x = np.mgrid[-rows : rows + 1, -columns : columns + 1]
    out = np.empty_like(picture)
    with Strips(len(out)) as strips:
        strips(_weighted_median, padded, fall, np.hypot(y, x).astype(np.float32), np.float32(centre_weight), out)
    return out


@njit(cache=True, nogil=True, fastmath=True)
def _weighted_median(first, end, padded, fall, distance, centre_weight, out):  # type: ignore[no-untyped-def]
    rows, columns = distance.shape
    n = distance.size
    value = np.empty(n, np.float32)
    weight = np.empty(n, np.float32)
    for y in range(first, end):
        for x in range(out.shape[1]):
            total = np.float32(0.0)
            low, high = np.float32(1e9), np.float32(-1e9)
            kept = 0
            for i in range(rows):
                for j in range(columns):
                    w = np.rint(centre_weight - fall[y, x] * distance[i, j])
                    if w > 0:
                        v = padded[y + i, x + j]
                        value[kept], weight[kept] = v, w
                        total += w
                        low, high = min(low, v), max(high, v)
                        kept += 1
            half = np.float32(0.5) * total
            # halving the range finds it in passes without branches, where sorting would need many
            low -= np.float32(1e-3)
            while high - low > np.float32(_RESOLUTION):
                middle = np.float32(0.5) * (low + high)
                below = np.float32(0.0)
                for k in range(kept):
                    below += weight[k] if value[k] <= middle else np.float32(0.0)
                if below >= half:
                    high = middle
                else:
                    low = middle
            best = np.float32(1e9)
            for k in range(kept):
                if value[k] > low and value[k] < best:
                    best = value[k]
            out[y, x] = best
