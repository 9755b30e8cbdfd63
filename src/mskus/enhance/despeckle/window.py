"""The neighbourhood that a local filter looks at, in pixels or in millimetres, and its moments."""

from __future__ import annotations

import cv2
import numpy as np

from mskus.enhance.method import Picture
from mskus.errors import EnhanceError

# Coefficient of variation of a Rayleigh envelope, sqrt(4 / pi - 1): fully developed speckle, one look.
RAYLEIGH_VARIATION = float(np.sqrt(4.0 / np.pi - 1.0))
_LARGEST_PX = 101
# What rounding leaves of zero.
_CONSTANT = 1e-5


def window(
    *, size_px: int, size_mm: float | None, spacing_mm: tuple[float, float] | None, largest_px: int = _LARGEST_PX
) -> tuple[int, int]:
    """``(rows, columns)`` of a window, both odd and at least 3.

    Args:
        size_px: side in pixels, used where ``size_mm`` is None.
        size_mm: side in mm; with unequal spacing the window is square in mm, not in pixels.
        spacing_mm: ``(row, column)`` mm per pixel.
        largest_px: longest side allowed.

    Raises:
        EnhanceError: if the size is not possible, or in mm without a scale.

    Example:
        >>> window(size_px=5, size_mm=1.1, spacing_mm=(0.1, 0.2))
        (11, 5)
    """
    if size_mm is None:
        if size_px % 2 != 1 or not 3 <= size_px <= largest_px:
            raise EnhanceError(f"size_px = {size_px} is not an odd number of pixels from 3 to {largest_px}.")
        return size_px, size_px
    if spacing_mm is None:
        raise EnhanceError("size_mm needs a scale: give spacing_mm (row, column), or size_px instead.")
    sides = [max(3, 2 * round((size_mm / step - 1.0) / 2.0) + 1) for step in spacing_mm if step > 0]
    if size_mm <= 0 or len(sides) != 2 or max(sides) > largest_px:
        raise EnhanceError(
            f"A window of {size_mm:g} mm at {spacing_mm[0]:g} x {spacing_mm[1]:g} mm per pixel is not possible; "
            f"it may span 3 to {largest_px} pixels."
        )
    return sides[0], sides[1]


def positive(**values: float) -> None:
    """Refuse parameters that are not positive finite numbers.

    Raises:
        EnhanceError: naming the first one.
    """
    for name, value in values.items():
        if not (np.isfinite(value) and value > 0):
            raise EnhanceError(f"{name} = {value:g} must be a positive number.")


def local_mean(picture: Picture, size: tuple[int, int]) -> Picture:
    """Mean over the window around every pixel; the border is mirrored."""
    return np.asarray(cv2.blur(picture, size[::-1], borderType=cv2.BORDER_REFLECT))


def local_variance(picture: Picture, mean: Picture, size: tuple[int, int]) -> Picture:
    """Variance over the window, n in the denominator."""
    square = np.asarray(cv2.sqrBoxFilter(picture, cv2.CV_32F, size[::-1], borderType=cv2.BORDER_REFLECT))
    return np.maximum(square - mean * mean, 0.0)


def squared_variation(picture: Picture, size: tuple[int, int]) -> tuple[Picture, Picture]:
    """Local mean, and local squared coefficient of variation ``var / mean^2`` (0 where the mean is 0)."""
    mean = local_mean(picture, size)
    return mean, local_variance(picture, mean, size) / np.maximum(mean * mean, np.float32(1e-12))


def typical(values: Picture) -> float:
    """Median of the values that are not zero: the black around an image says nothing of its speckle.

    Example:
        >>> typical(np.array([0.0, 0.0, 0.0, 0.2, 0.4, 0.9], np.float32))
        0.4000000059604645
    """
    varied = values[values > _CONSTANT]
    return float(np.median(varied)) if varied.size else 0.0


def speckle_variation(squared: Picture, *, given: float | None) -> float:
    """Coefficient of variation of the speckle itself: as given, else as the picture shows it.

    Half of a picture's windows hold little but speckle, so the median of the local values is taken; a Rayleigh
    envelope's value bounds it, because what varies more is structure.

    Args:
        squared: local squared coefficient of variation, over the window of the filter that uses the answer.
        given: the value, where it is known.

    Raises:
        EnhanceError: if the given value is negative or not finite.
    """
    if given is None:
        return min(float(np.sqrt(typical(squared[::3, ::3]))), RAYLEIGH_VARIATION)
    if not (np.isfinite(given) and given >= 0):
        raise EnhanceError(f"variation = {given:g} must be zero or more; fully developed speckle has 0.523.")
    return given
