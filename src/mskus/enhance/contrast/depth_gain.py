"""Depth-gain compensation after the fact: the fall of brightness with depth, from the picture or from physics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.enhance.method import Picture, enhancer
from mskus.errors import EnhanceError

_BLACK = 2.0  # at or below this a pixel is outside the field or lost in the compression
_RAMP = 12.0  # grey levels from which a pixel gets the whole gain
_LEAST_SHARE = 0.05  # of the width that a row must show for its mean to count
_ROUNDS = 8


@enhancer(
    "depth_gain", kind="contrast", source="Hughes & Duck 1997, Ultrasound Med Biol 23:651 (attenuation compensation)"
)
def depth_gain(
    image: Picture,
    *,
    attenuation_db_per_cm_mhz: float | None = None,
    frequency_mhz: float | None = None,
    dynamic_range_db: float = 60.0,
    degree: int = 2,
    field: NDArray[np.bool_] | None = None,
    spacing_mm: tuple[float, float] | None = None,
) -> Picture:
    """Even out brightness over depth.

    Grey is logarithmic, so a gain is a number of grey levels added to a row. From the picture: a polynomial in depth is
    fitted to the rows' mean levels by iterated Huber weights (a bright bone is not the trend), and its deviation from
    its own mean is taken away. From physics: what the scanner left uncompensated, ``2 a f z`` dB at depth ``z``
    (there and back), is given back as ``255 / dynamic_range_db`` grey levels a dB. Black pixels stay black.

    Args:
        image: ``(H, W)`` grey levels, the first row at the probe.
        attenuation_db_per_cm_mhz: residual one-way attenuation ``a``; None fits the trend of the picture.
        frequency_mhz: centre frequency ``f``, with ``attenuation_db_per_cm_mhz``.
        dynamic_range_db: of the scanner's log compression, with ``attenuation_db_per_cm_mhz``.
        degree: of the polynomial, 1 to 5.
        field: ``(H, W)`` bool, the insonified field; the whole picture by default.
        spacing_mm: ``(row, column)`` mm per pixel, with ``attenuation_db_per_cm_mhz``.

    Raises:
        EnhanceError: if a parameter is not possible, or the scale or frequency is missing for a given attenuation.
    """
    inside = np.ones(image.shape, bool) if field is None else np.asarray(field, bool)
    if inside.shape != image.shape:
        raise EnhanceError(f"The field is {inside.shape} but its picture {image.shape}; give one to fit.")
    if attenuation_db_per_cm_mhz is None:
        if not 1 <= degree <= 5:
            raise EnhanceError(f"degree = {degree} is not possible; give 1 to 5.")
        added = -depth_trend(image, field=inside & (image > _BLACK), degree=degree)
    else:
        if frequency_mhz is None or spacing_mm is None:
            raise EnhanceError("A given attenuation needs frequency_mhz and the scale of the picture; give both.")
        if not (frequency_mhz > 0 and dynamic_range_db > 0):
            raise EnhanceError("frequency_mhz and dynamic_range_db must be above 0.")
        depth_cm = np.arange(image.shape[0]) * spacing_mm[0] / 10
        added = 2 * attenuation_db_per_cm_mhz * frequency_mhz * depth_cm * 255 / dynamic_range_db
    return add_gain(image, levels=added, field=inside)


def add_gain(image: Picture, *, levels: NDArray[np.float64], field: NDArray[np.bool_] | None) -> Picture:
    """Add ``(H,)`` grey levels to the rows, inside the field; black stays black."""
    # what the compression has cut off has no level to add to: without this ramp a step would show beside it
    share = np.where(levels[:, None] > 0, np.minimum(image / _RAMP, 1), 1)
    lifted = np.clip(image + levels[:, None] * share, 0, 255)
    return np.asarray(lifted if field is None else np.where(field, lifted, image), np.float32)


def depth_trend(image: Picture, *, field: NDArray[np.bool_], degree: int) -> NDArray[np.float64]:
    """``(H,)`` grey levels of the fitted trend over its mean; zeros where too few rows show anything.

    Example:
        >>> ramp = np.repeat(np.linspace(100, 80, 21, dtype=np.float32)[:, None], 8, axis=1)
        >>> depth_trend(ramp, field=ramp > 0, degree=1)[[0, 5, 20]].round(3).tolist()
        [10.0, 5.0, -10.0]
    """
    counts = field.sum(axis=1)
    rows = np.flatnonzero(counts >= max(1.0, _LEAST_SHARE * field.shape[1]))
    if len(rows) <= degree + 1:
        return np.zeros(len(counts))
    level = np.where(field, image, 0).sum(axis=1, dtype=np.float64)[rows] / counts[rows]
    depth = 2 * rows / max(1, len(counts) - 1) - 1
    width = np.sqrt(counts[rows])
    huber = np.ones(len(rows))
    for _ in range(_ROUNDS):
        fit = np.polynomial.Polynomial.fit(depth, level, degree, w=width * np.sqrt(huber), domain=[-1, 1])
        residual = np.abs(level - fit(depth))
        scale = 1.4826 * float(np.median(residual))
        if scale < 1e-9:
            break
        huber = np.minimum(1.0, 1.345 * scale / np.maximum(residual, 1e-12))
    # beyond the rows that show something a polynomial runs away: hold its ends
    everywhere = np.clip(np.arange(len(counts)), rows[0], rows[-1])
    trend = fit(2 * everywhere / max(1, len(counts) - 1) - 1)
    return np.asarray(trend - np.average(trend[rows], weights=counts[rows]), np.float64)
