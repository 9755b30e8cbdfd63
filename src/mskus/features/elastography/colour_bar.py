"""The colour bar of an elastogram: found in the picture, read from low to high."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region
from mskus.errors import FeatureError

F32 = NDArray[np.float32]
RGB = NDArray[np.uint8]
End = Literal["top", "bottom", "left", "right"]

# Grey levels between the strongest and weakest of red, green and blue that make a pixel coloured.
COLOURED = 30
# Rows of a bar are of one colour but for what compression does to them.
_CALM = 14
_BRIGHT = 150
# Bars are slender; an elastogram's box is not.
_WIDEST_PART, _SLENDER = 0.12, 3.0
# A bar passes through many colours (distance in Lab along it) and never comes back to one.
_LEAST_WAY, _LEAST_APART = 100.0, 8.0


@dataclass(frozen=True, kw_only=True, eq=False)
class ColourBar:
    """Colours of a scale from its low to its high end.

    Attributes:
        colours: ``(N, 3)`` uint8 RGB.
        low: value at the low end, as printed beside the bar.
        high: value at the high end.
        unit: UCUM code such as ``"kPa"`` or ``"m/s"``; ``"1"`` for strain.

    Raises:
        FeatureError: if there are fewer than eight colours or the values are not in order.
    """

    colours: RGB
    low: float
    high: float
    unit: str

    def __post_init__(self) -> None:
        if self.colours.ndim != 2 or self.colours.shape[1] != 3 or len(self.colours) < 8:
            raise FeatureError(f"A colour bar needs eight RGB colours or more; got shape {self.colours.shape}.")
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise FeatureError(
                f"The colour bar runs from {self.low:g} to {self.high:g}; give the lower value first (the end that is "
                f"high is stated by high_at)."
            )

    @staticmethod
    def read(
        image: RGB, *, low: float, high: float, unit: str, region: Region | None = None, high_at: End | None = None
    ) -> ColourBar:
        """Read the bar of a picture.

        Args:
            image: ``(H, W, 3)`` uint8 RGB.
            low: value printed at the low end (text is not read).
            high: value printed at the high end.
            unit: of the values.
            region: where the bar is; found by :func:`find_colour_bar` if not given.
            high_at: the high end; the top of an upright bar and the right of a level one by default.

        Raises:
            FeatureError: if there is no bar.
        """
        place = region or find_colour_bar(image)
        upright = place.h >= place.w
        rows, columns = place.slices
        strip = image[rows, columns] if upright else image[rows, columns].transpose(1, 0, 2)
        if strip.size == 0:
            raise FeatureError("The colour bar's region lies outside the picture; give another.")
        # The sides are mixed with what lies beside them.
        side = strip.shape[1] // 4
        colours = np.median(strip[:, side : strip.shape[1] - side], axis=1).astype(np.uint8)
        turned = (high_at or ("top" if upright else "right")) in ("top", "left")
        return ColourBar(colours=colours[::-1] if turned else colours, low=low, high=high, unit=unit)

    @property
    def values(self) -> NDArray[np.float64]:
        """``(N,)`` value of each colour; ends are the outer edges of the first and last."""
        n = len(self.colours)
        return self.low + (self.high - self.low) * (np.arange(n) + 0.5) / n


def find_colour_bar(image: RGB) -> Region:
    """Place of the colour bar: the slender strip that passes through most colours and returns to none.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.

    Raises:
        FeatureError: if no strip looks like a bar, as where it ends in black or is as wide as the elastogram.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise FeatureError(f"A colour picture (H, W, 3) uint8 is needed; got {image.dtype} of shape {image.shape}.")
    found = list(_upright_bars(image))
    for way, place in _upright_bars(np.ascontiguousarray(image.transpose(1, 0, 2))):
        found.append((way, Region(place.y, place.x, place.h, place.w)))
    if not found:
        raise FeatureError("No colour bar was found in the picture; give its region (columns x, w and rows y, h).")
    return max(found, key=lambda one: one[0])[1]


def to_lab(colours: NDArray[np.number]) -> F32:
    """CIE L*a*b* of RGB colours 0-255, ``(..., 3)``; one unit is about the least difference that one sees."""
    flat = np.clip(np.asarray(colours, np.float32).reshape(-1, 1, 3) / 255.0, 0.0, 1.0)
    return np.asarray(cv2.cvtColor(flat, cv2.COLOR_RGB2LAB), np.float32).reshape(np.shape(colours))


def _upright_bars(image: RGB) -> Iterator[tuple[float, Region]]:
    """Strips that could be bars, with the length of their way through Lab."""
    height, width = image.shape[:2]
    coloured = np.ptp(image, axis=2) > COLOURED
    level = image.astype(np.int16)
    calm = np.abs(np.diff(level, axis=1)).max(2) <= _CALM
    tall = (calm & coloured[:, :-1]).sum(0) >= max(0.1 * height, 16)
    for first, last in _runs(tall):
        if not 3 <= last - first <= _WIDEST_PART * width:
            continue
        inside = slice(first, last)
        steady = calm[:, inside].mean(1) > 0.8
        tinted = coloured[:, inside].mean(1) > 0.5
        lit = tinted | (level[:, inside].max(2).mean(1) > _BRIGHT)
        for top, bottom in _runs(steady & lit):
            rows = top + np.flatnonzero(tinted[top:bottom])
            if rows.size == 0 or rows[-1] - rows[0] + 1 < _SLENDER * (last - first + 1):
                continue
            upper, lower = _ends(level[:, first + 1 : last], int(rows[0]), int(rows[-1]))
            place = Region(first, upper, last - first + 1, lower - upper + 1)
            way, apart = _way(np.median(image[place.slices], axis=1))
            if way >= _LEAST_WAY and apart >= _LEAST_APART:
                yield way, place


def _ends(strip: NDArray[np.int16], upper: int, lower: int) -> tuple[int, int]:
    """First and last row of a bar whose ends compression has blurred: up to half way to what lies beyond."""
    rows = np.median(strip, axis=1)
    reach = 8
    found = []
    for end, way in ((upper, -1), (lower, 1)):
        tint = np.median(rows[[end, end - way, end - 2 * way]], axis=0)
        beyond = rows[np.clip(end + way * reach, 0, len(rows) - 1)]
        while 0 <= end + way < len(rows) and abs(end + way - (upper if way < 0 else lower)) < reach:
            row = rows[end + way]
            if np.linalg.norm(row - tint) > np.linalg.norm(row - beyond):
                break
            end += way
        found.append(end)
    return found[0], found[1]


def _way(colours: NDArray[np.float64]) -> tuple[float, float]:
    """Length of the way through Lab in sixteen steps, and how near parts of it lie that are not neighbours."""
    marks = to_lab(colours[np.linspace(0, len(colours) - 1, 17).round().astype(int)])
    away = np.linalg.norm(marks[:, None] - marks[None], axis=2)
    i, j = np.indices(away.shape)
    return float(np.diagonal(away, 1).sum()), float(away[j - i >= 4].min())


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """``(first, end)`` of runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
