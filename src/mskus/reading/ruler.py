"""Ruler ticks beside the image: their spacing in pixels with a standard error, never what one tick means.

A ruler is a row of equal short marks at equal distances, alone on their line. Marks are sought line by line outside the
image; a lattice is fitted to each line; lines side by side must agree, which letters do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Calibration, Region
from mskus.errors import CalibrationError

_MAX_MARK_PX = 8
_MIN_SPACING_PX = 8.0
_MIN_TICKS = 4
_ROUNDING_PX = 0.29  # standard deviation of a position known to one pixel
_SPAN = 0.35


@dataclass(frozen=True, kw_only=True)
class Ruler:
    """Ticks in a line.

    Attributes:
        axis: ``"rows"`` if they follow one another down the picture, ``"columns"`` if across it.
        at_px: the column (or row) that the ticks lie on.
        spacing_px: distance from one to the next.
        standard_error_px: of that distance.
        n_ticks: how many there are.
        start_px: position of the first.
    """

    axis: Literal["rows", "columns"]
    at_px: float
    spacing_px: float
    standard_error_px: float
    n_ticks: int
    start_px: float


def find_rulers(picture: NDArray[np.uint8], *, region: Region) -> list[Ruler]:
    """Rulers outside the image, those with the widest spacing (the long ticks) first.

    Args:
        picture: ``(H, W)``; the median of several frames where there are more.
        region: the B-mode image.

    Returns:
        One entry a direction and spacing. A ruler with long and short ticks gives two.
    """
    rulers: list[Ruler] = []
    right, bottom = region.x + region.w, region.y + region.h
    for strip, first in ((picture[:, : region.x], 0), (picture[:, right:], right)):
        rulers += _along_columns(strip, first, (region.y, bottom), "rows")
    for strip, first in ((picture[: region.y], 0), (picture[bottom:], bottom)):
        rulers += _along_columns(np.ascontiguousarray(strip.T), first, (region.x, right), "columns")
    return sorted(_merged(rulers), key=lambda r: (r.axis != "rows", -r.spacing_px))


def ruler_calibration(rulers: list[Ruler], *, tick_mm: float) -> Calibration:
    """The scale if one long tick of the ruler is ``tick_mm``.

    Rows are measured by a ruler beside the image and columns by one above or below it, where their spacings agree to
    10 %; with only one of them pixels are taken as square, and the note says so.

    Raises:
        CalibrationError: if there is no ruler, or the scale comes out impossible.

    Example:
        >>> side = Ruler(axis="rows", at_px=790, spacing_px=100.0, standard_error_px=0.1, n_ticks=5, start_px=60)
        >>> ruler_calibration([side], tick_mm=10).mm_per_px_row
        0.1
    """
    if not np.isfinite(tick_mm) or tick_mm <= 0:
        raise CalibrationError(f"tick_mm = {tick_mm:g} is not a length; give the millimetres of one ruler tick.")
    down, across = _long_pair(rulers)
    main = down or across
    if main is None:
        raise CalibrationError("No ruler ticks were found beside the image; give mm_per_px instead of tick_mm.")
    col = across or main
    relative = max(_relative_error(r) for r in (main, col))
    square = "" if down and across else "; pixels taken as square"
    return Calibration(
        mm_per_px_row=tick_mm / main.spacing_px,
        mm_per_px_col=tick_mm / col.spacing_px,
        source="ruler_ticks",
        relative_error=float(relative),
        note=f"{describe(main)}, {tick_mm:g} mm each as the user says{square}",
    )


def describe(ruler: Ruler) -> str:
    """One line for the reader.

    Example:
        >>> describe(Ruler(axis="rows", at_px=5, spacing_px=46.1, standard_error_px=0.08, n_ticks=9, start_px=4))
        '9 ruler ticks every 46.10 +/- 0.08 px'
    """
    return f"{ruler.n_ticks} ruler ticks every {ruler.spacing_px:.2f} +/- {ruler.standard_error_px:.2f} px"


def _relative_error(ruler: Ruler) -> float:
    """Of the fit, and of half a pixel over the whole ruler, which every tick may share."""
    length = ruler.spacing_px * max(ruler.n_ticks - 1, 1)
    return float(np.hypot(ruler.standard_error_px / ruler.spacing_px, 0.5 / length))


def _long_pair(rulers: list[Ruler]) -> tuple[Ruler | None, Ruler | None]:
    """The long ticks down and across; short ones count as long where only the other direction shows long ones."""
    down = [r for r in rulers if r.axis == "rows"]
    across = [r for r in rulers if r.axis == "columns"]
    if not down or not across:
        return (down[0] if down else None), (across[0] if across else None)
    longest = max(down[0], across[0], key=lambda r: r.spacing_px)
    pair: list[Ruler | None] = []
    for side in (down, across):
        ratio = longest.spacing_px / side[0].spacing_px
        every = round(ratio)
        if abs(ratio / every - 1) > 0.1 or every > 10:
            pair.append(None if side is not down else down[0])
        else:
            long = replace(
                side[0],
                spacing_px=side[0].spacing_px * every,
                standard_error_px=side[0].standard_error_px * every,
            )
            pair.append(long)
    return pair[0], pair[1]


def _along_columns(
    strip: NDArray[np.uint8], first: int, extent: tuple[int, int], axis: Literal["rows", "columns"]
) -> list[Ruler]:
    """Rulers whose ticks follow one another down the columns of a strip."""
    if strip.shape[1] < 2:
        return []
    # the background is a panel or black: the median of each column
    ground = np.median(strip, axis=0).astype(np.int16)
    marks = np.asarray(strip.astype(np.int16) - ground > 22, np.bool_)
    fits: list[tuple[int, Ruler, NDArray[np.float64]]] = []
    for column in map(int, np.flatnonzero((marks.sum(axis=0) >= _MIN_TICKS) & (marks.mean(axis=0) < 0.5))):
        for ruler, positions in _lattices(marks[:, column], extent, axis, float(first + column)):
            fits.append((column, ruler, positions))
    found: list[Ruler] = []
    for column, ruler, positions in fits:
        beside = [
            p
            for c, _, p in fits
            if abs(c - column) == 1 and len(p) == len(positions) and np.abs(p - positions).max() <= 0.6
        ]
        widths = _widths(marks, column, positions)
        if beside and _are_ticks(widths) and _stand_alone(marks, column, positions):
            found.append(ruler)
            found += _long_ticks(ruler, positions, widths)
    return found


def _widths(marks: NDArray[np.bool_], column: int, positions: NDArray[np.float64]) -> NDArray[np.int64]:
    """How far each tick reaches along its own row."""
    widths = []
    for row in marks[np.rint(positions).astype(np.intp)]:
        stop = column + int(np.argmin(np.append(row[column:], False)))
        start = column - int(np.argmin(np.append(row[: column + 1][::-1], False))) + 1
        widths.append(stop - start)
    return np.array(widths, np.int64)


def _stand_alone(marks: NDArray[np.bool_], column: int, positions: NDArray[np.float64]) -> bool:
    """Whether most ticks have nothing above and below them; the strokes of a letter have its other strokes."""
    near = marks[:, max(column - 5, 0) : column + 6]
    written = np.asarray(near[:, near.mean(axis=0) < 0.5].any(axis=1), np.bool_)
    reach = int(min(10.0, 0.35 * float(np.diff(positions).min())))
    crowded = 0
    for position in positions:
        low, high = int(position), int(np.ceil(position))
        while low > 0 and marks[low, column]:
            low -= 1
        while high < len(marks) - 1 and marks[high, column]:
            high += 1
        around = np.concatenate([written[max(low + 1 - reach, 0) : low + 1], written[high : high + reach]])
        crowded += bool(around.any())
    return crowded <= 0.5 * len(positions)


def _are_ticks(widths: NDArray[np.int64]) -> bool:
    """Ticks come in one or two widths, letters in many."""
    common = np.bincount(widths).argsort()[::-1][:2]
    return bool((np.abs(widths[:, None] - common[None, :]).min(axis=1) <= 1).mean() >= 0.85)


def _long_ticks(ruler: Ruler, positions: NDArray[np.float64], widths: NDArray[np.int64]) -> list[Ruler]:
    """The long ticks among the short ones: every second, fourth, fifth or tenth."""
    k = np.rint((positions - positions[0]) / ruler.spacing_px).astype(np.int64)
    for every in (10, 5, 4, 2):
        for offset in range(every):
            is_long = (k - offset) % every == 0
            if 3 <= is_long.sum() < len(k) and widths[is_long].min() >= widths[~is_long].max() + 2:
                return [
                    replace(
                        ruler,
                        spacing_px=ruler.spacing_px * every,
                        standard_error_px=ruler.standard_error_px * every,
                        n_ticks=int(is_long.sum()),
                        start_px=float(positions[is_long][0]),
                    )
                ]
    return []


def _lattices(
    line: NDArray[np.bool_], extent: tuple[int, int], axis: Literal["rows", "columns"], at: float
) -> list[tuple[Ruler, NDArray[np.float64]]]:
    """The best lattice of equal short runs on a line of True and False, if there is one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).astype(np.int8)))
    starts, stops = edges[::2], edges[1::2]
    lengths = stops - starts
    short = lengths <= _MAX_MARK_PX
    centres = ((starts + stops - 1) / 2)[short]
    if not _MIN_TICKS <= len(centres) <= 120:
        return []
    best: tuple[float, NDArray[np.float64], NDArray[np.float64]] | None = None
    for i in range(len(centres) - 1):
        for j in range(i + 1, min(i + 4, len(centres))):
            spacing = centres[j] - centres[i]
            if spacing < _MIN_SPACING_PX:
                continue
            steps = np.rint((centres - centres[i]) / spacing)
            fits = np.abs(centres - centres[i] - steps * spacing) <= 1.0 + 0.25 * np.minimum(np.abs(steps), 4)
            inliers, k = centres[fits], steps[fits]
            if len(inliers) < _MIN_TICKS or len(np.unique(k)) != len(k):
                continue
            missing = k[-1] - k[0] + 1 - len(k)
            within = int(((starts >= inliers[0] - 4) & (stops <= inliers[-1] + 5)).sum())
            score = float(inliers[-1] - inliers[0])
            if missing > len(k) // 6 or len(inliers) < 0.75 * within or score < _SPAN * (extent[1] - extent[0]):
                continue
            if best is None or (score, len(k)) > (best[0], len(best[1])):
                best = (score, inliers, k)
    if best is None:
        return []
    _, inliers, k = best
    inside = ((inliers >= extent[0] - 10) & (inliers <= extent[1] + 10)).mean()
    if inside < 0.6:
        return []
    spacing, start = np.polyfit(k - k[0], inliers, 1)
    residual = inliers - start - spacing * (k - k[0])
    scatter = max(float(np.sqrt((residual**2).sum() / max(len(k) - 2, 1))), _ROUNDING_PX)
    if scatter > 0.8:
        return []
    error = scatter / float(np.sqrt(((k - k.mean()) ** 2).sum()))
    ruler = Ruler(
        axis=axis,
        at_px=at,
        spacing_px=float(spacing),
        standard_error_px=error,
        n_ticks=len(inliers),
        start_px=float(start),
    )
    return [(ruler, inliers)]


def _merged(rulers: list[Ruler]) -> list[Ruler]:
    """One ruler a direction and spacing: the one that is known best."""
    kept: list[Ruler] = []
    for ruler in sorted(rulers, key=lambda r: r.standard_error_px / r.spacing_px):
        if all(r.axis != ruler.axis or abs(r.spacing_px / ruler.spacing_px - 1) > 0.03 for r in kept):
            kept.append(ruler)
    return kept


def median_frame(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The middle value of each pixel over ``(n, H, W)`` frames: what stands still."""
    if len(frames) == 1:
        return np.asarray(frames[0], np.uint8)
    if len(frames) == 2:
        return np.asarray(cv2.min(frames[0], frames[1]), np.uint8)
    return np.asarray(np.median(frames, axis=0), np.uint8)
