"""Any number of bits to 8-bit grey levels, with one line that says how."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.errors import ReadError

_DEPTHS = (8, 10, 12, 14, 16, 32)


def eight_bit(pixels: NDArray[np.generic], *, low: float, high: float) -> NDArray[np.uint8]:
    """Map ``low .. high`` to 0 .. 255 linearly, clipped.

    Example:
        >>> eight_bit(np.array([0, 2048, 4095], np.uint16), low=0, high=4095).tolist()
        [0, 128, 255]
    """
    scaled = (pixels.astype(np.float32) - low) * (255.0 / (high - low))
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)


def full_range(pixels: NDArray[np.generic]) -> tuple[float, float, str]:
    """``(low, high, note)`` of the number format that the pixels use, so that every frame is scaled alike.

    Integers use the smallest usual bit depth that holds the largest value (8, 10, 12, 14, 16); floats use 0 to 1 or
    0 to 255 where they fit it, else their own range.

    Raises:
        ReadError: if a value is not a number.

    Example:
        >>> full_range(np.array([[0, 900]], np.uint16))
        (0.0, 1023.0, '16-bit integers scaled from the full 10-bit range 0 to 1023')
    """
    if np.issubdtype(pixels.dtype, np.floating):
        if not np.isfinite(pixels).all():
            raise ReadError("The array holds values that are not numbers (NaN or infinity); replace them first.")
        low, high = float(pixels.min(initial=0)), float(pixels.max(initial=0))
        if low >= 0 and high <= 1.0:
            return 0.0, 1.0, "floats scaled from 0 to 1"
        if low >= 0 and high <= 255.0:
            return 0.0, 255.0, "floats from 0 to 255 rounded"
        return low, high, f"floats scaled from their own range {low:g} to {high:g}"
    low, high = float(pixels.min(initial=0)), float(pixels.max(initial=0))
    bits = pixels.dtype.itemsize * 8
    if low < 0:
        return low, max(high, low + 1), f"signed {bits}-bit integers scaled from their own range {low:g} to {high:g}"
    depth = next((d for d in _DEPTHS if high < 2.0**d), 64)
    top = 2.0**depth - 1
    return 0.0, top, f"{bits}-bit integers scaled from the full {depth}-bit range 0 to {top:.0f}"
