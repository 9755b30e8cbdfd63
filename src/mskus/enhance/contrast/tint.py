"""A scanner's tinted grey (sepia, blue ...) back to one number a pixel.

A tint is a curve through colour space along which luma rises. Each pixel is taken to the nearest place on the curve, so
that the noise of colour compression across the curve is dropped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from mskus.clip import Region
from mskus.enhance.method import Picture
from mskus.errors import EnhanceError
from mskus.reading.colour import grey_map_tint

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
_FINE = 4  # places on the curve for one level of the map


def luma_from_tint(rgb: ArrayLike, *, colour_map: ArrayLike | None = None) -> Picture:
    """Grey levels of a tinted picture.

    Args:
        rgb: ``(H, W, 3)`` uint8.
        colour_map: ``(N, 3)`` RGB from dark to bright as the scanner draws it, for example read off the bar beside the
            picture: the result is then the place along it times 255, which also undoes a map that is not linear in
            luma. Without one the tint is fitted to the picture and the result is its luma: the scanner's level 255
            cannot be known from the picture, so a map whose white is tinted ends below 255.

    Returns:
        ``(H, W)`` float32, 0-255.

    Raises:
        EnhanceError: if the picture is not RGB, or the colour map does not rise in luma from dark to bright.

    Example:
        >>> warm = np.stack([np.arange(256), np.arange(256) * 0.9, np.arange(256) * 0.7], axis=1).round()
        >>> seen = warm[[0, 100, 200]].astype(np.uint8).reshape(1, 3, 3)
        >>> luma_from_tint(seen, colour_map=warm).round().tolist()
        [[0.0, 100.0, 200.0]]
    """
    picture = np.asarray(rgb)
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or picture.size == 0:
        raise EnhanceError(f"A colour picture (H, W, 3) of uint8 is needed; got {picture.shape} {picture.dtype}.")
    if colour_map is None:
        curve = fitted_colour_map(picture)
        value = curve @ _LUMA
    else:
        curve = _checked(colour_map)
        value = np.linspace(0.0, 255.0, len(curve))
    at = np.linspace(0, len(curve) - 1, _FINE * (len(curve) - 1) + 1)
    places = np.stack([np.interp(at, np.arange(len(curve)), curve[:, c]) for c in range(3)], axis=1)
    seen, inverse = np.unique(picture.reshape(-1, 3), axis=0, return_inverse=True)
    nearest = cKDTree(places).query(seen.astype(np.float64))[1]
    levels = np.interp(at, np.arange(len(curve)), value)[nearest]
    return np.asarray(np.clip(levels, 0, 255)[inverse.ravel()].reshape(picture.shape[:2]), np.float32)


def fitted_colour_map(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """``(256, 3)`` RGB that the picture's tint gives to each luma; neutral grey where there is no tint.

    The hue comes from :func:`mskus.reading.colour.grey_map_tint`; colours beyond 0-255 are clipped.
    """
    red, blue = grey_map_tint([rgb], region=Region(0, 0, rgb.shape[1], rgb.shape[0])).T.astype(np.float64)
    luma = np.arange(256.0)
    green = luma - 0.714136 * red - 0.344136 * blue  # BT.601: Cr and Cb around 0 back to RGB
    return np.asarray(np.clip(np.stack([luma + 1.402 * red, green, luma + 1.772 * blue], axis=1), 0, 255))


def _checked(colour_map: ArrayLike) -> NDArray[np.float64]:
    curve = np.asarray(colour_map, np.float64)
    if curve.ndim != 2 or curve.shape[1:] != (3,) or len(curve) < 2 or not np.isfinite(curve).all():
        raise EnhanceError(f"A colour map is (N, 3) RGB with at least two colours; got {curve.shape}.")
    steps = np.diff(curve @ _LUMA)
    # rounding to 8 bits may let the luma of neighbours fall a little
    if steps.min() < -1.5 or curve[-1] @ _LUMA <= curve[0] @ _LUMA:
        raise EnhanceError("The colour map does not grow brighter from first to last, so it is not a tinted grey.")
    return curve
