"""Marks that somebody or the scanner burned into the picture: calipers, dotted lines, text, body marks, cursors.

Ink differs from tissue in what a beam cannot draw: it is thin, it reaches its full contrast from one pixel to the next,
sideways too (an echo is as wide as the beam), and many of its pixels share one level. A learner finds such marks before
it finds disease; that is why they are looked for. Thin strokes come from the white top-hat (Serra, Image analysis and
mathematical morphology, 1982); on text burned into ultrasound see Monteiro, Costa, Oliveira, J Med Syst 41:89, 2017.
The limits below were set on public pictures and drawn marks, see ``benchmarks/burned_in.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.clip import Region
from mskus.errors import QualityError

Kind = Literal["caliper", "text", "line", "colour"]

# Strokes are narrower than this many pixels.
_STROKE_PX = 11
# Lowest contrast of a stroke to its surroundings, in grey levels, and that of its faint companions.
_CONTRAST, _FAINT = 65.0, 55.0
# ... and over the contrast that a twentieth of the picture's pixels have sideways.
_ABOVE_OWN = 6.0
# Fewest equal dots that are a dotted line.
_DOTS = 6
# Share of a stroke's contrast that is reached within one pixel: at its sharpest places, and on the whole.
_SHARPEST, _SHARP = 0.7, 0.5
# ... and sideways, towards both sides, by a fifth of its pixels.
_SIDEWAYS_SHARP = 0.4
# Share of a stroke's pixels within 12 levels of its brightest.
_FLAT = 0.25
# Fewest pixels of a mark; at the picture's border, where resampling leaves single bright pixels, of its longer side.
_PIXELS, _AT_BORDER_PX = 8, 5
# Difference of the largest and smallest colour channel from which a pixel is coloured, and the share of coloured pixels
# from which the colour is the scanner's own (Doppler, elastography).
_CHROMA, _COLOUR_SHARE = 60, 0.05
_SIDEWAYS = ((0, 1),)
_ALL_WAYS = ((0, 1), (1, 0), (1, 1), (1, -1))


@dataclass(frozen=True, kw_only=True, eq=False)
class BurnedIn:
    """Marks found in a picture.

    Attributes:
        mask: ``(H, W)`` bool, the ink.
        boxes: one a mark, neighbouring strokes joined.
        kinds: ``"caliper"``, ``"text"``, ``"line"`` or ``"colour"`` for every box; a rough guess from the shape.
    """

    mask: NDArray[np.bool_]
    boxes: tuple[Region, ...] = ()
    kinds: tuple[Kind, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.boxes)


def burned_in_marks(
    image: ArrayLike, *, colour: NDArray[np.uint8] | None = None, field: NDArray[np.bool_] | None = None
) -> BurnedIn:
    """Find marks burned into a picture.

    Args:
        image: ``(H, W)`` grey levels 0-255, at the scanner's own resolution (ink that was resampled is blurred).
        colour: ``(H, W, 3)`` RGB, to find coloured ink by its colour too.
        field: ``(H, W)`` bool; only marks inside count. Without it rulers, text and logo on a screen are marks as well.

    Returns:
        The ink, and a box and kind for every mark; false where there is none.

    Raises:
        QualityError: if the picture is not ``(H, W)``, holds NaN, or field or colour have another size.

    Example:
        >>> picture = np.full((64, 64), 40, np.uint8)
        >>> picture[20, 15:26] = picture[15:26, 20] = 255
        >>> found = burned_in_marks(picture)
        >>> found.boxes, found.kinds
        ((Region(x=15, y=15, w=11, h=11),), ('caliper',))
    """
    grey = np.asarray(image, np.float32)
    if grey.ndim != 2 or grey.size == 0:
        raise QualityError(f"A grey picture (H, W) is needed; this array has shape {grey.shape}.")
    if not np.isfinite(grey).all():
        raise QualityError("The picture holds NaN or infinite grey levels; replace them first.")
    for name, given in (("field", field), ("colour picture", colour)):
        if given is not None and given.shape[:2] != grey.shape:
            raise QualityError(f"The {name} is {given.shape[:2]} but its picture {grey.shape}; give one to fit.")
    inside = np.ones(grey.shape, bool) if field is None else field
    if not inside.any():
        return BurnedIn(mask=np.zeros(grey.shape, bool))
    ink = _ink(grey, inside)
    coloured = np.zeros_like(ink) if colour is None else _coloured_ink(colour, inside)
    return _marks(ink | coloured, coloured)


def _ink(grey: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin strokes of full sharpness, and fainter ones of the same level beside them."""
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_STROKE_PX, _STROKE_PX))
    contrast = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, disk)
    step = grey - cv2.erode(grey, np.ones((3, 3), np.uint8))
    # no echo is narrow along the row: the beam is wider than the pulse is long
    across = np.minimum(grey - cv2.erode(grey, np.ones((1, 3), np.uint8)), _standing_out(grey, _SIDEWAYS))
    # coarse pixels make tissue sharp as well: ink has to stand out of what is sharp in this picture
    enough = float(np.clip(_ABOVE_OWN * np.percentile(across[inside], 95), _CONTRAST, 2 * _CONTRAST))
    beside = cv2.dilate(step, np.ones((3, 3), np.uint8))
    # tissue that touches a stroke is fainter or less sharp, and would hide it
    likely = (contrast > _FAINT / 1.4) & (beside >= _SHARP * contrast) & inside
    likely &= contrast > 0.55 * cv2.dilate(contrast, np.ones((5, 5), np.uint8))
    likely &= _standing_out(grey, _ALL_WAYS) > 0.5 * contrast
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(likely.astype(np.uint8), connectivity=8)
    height, width = grey.shape
    strokes: list[tuple[int, float]] = []
    companions: list[tuple[int, float]] = []
    for n in range(1, count):
        x, y, w, h, area = (int(v) for v in boxes[n])
        if area < 3:
            continue
        part = (slice(y, y + h), slice(x, x + w))
        own = labels[part] == n
        of_contrast = contrast[part][own]
        strength = float(np.percentile(of_contrast, 80))
        if strength < _FAINT:
            continue
        steps, levels = step[part][own], grey[part][own]
        core = of_contrast > 0.5 * of_contrast.max()
        level = float(np.percentile(levels, 95)) if area > 10 else float(levels.max())
        sharp = (
            float(np.percentile(steps, 80)) >= _SHARPEST * strength
            and float((steps[core] / of_contrast[core]).mean()) >= _SHARP
            and float(np.percentile(across[part][own], 80)) >= _SIDEWAYS_SHARP * strength
        )
        if not sharp:
            continue
        border = x == 0 or y == 0 or x + w == width or y + h == height
        whole = area >= _PIXELS and (not border or max(w, h) > _AT_BORDER_PX)
        flat = float((levels > level - 12).mean()) >= _FLAT
        (strokes if strength >= enough and whole and flat else companions).append((n, level))
    strokes += _dots(companions, np.asarray(boxes, np.int32))
    kept = np.zeros(count, bool)
    kept[[n for n, _ in strokes]] = True
    if strokes and companions:
        near = cv2.dilate(kept[labels].astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
        level = float(np.median([value for _, value in strokes]))
        for n, own_level in companions:
            x, y, w, h, _ = (int(v) for v in boxes[n])
            kept[n] = abs(own_level - level) < 30 and bool(near[y : y + h, x : x + w].any())
    return np.asarray(kept[labels])


def _dots(companions: list[tuple[int, float]], boxes: NDArray[np.int32]) -> list[tuple[int, float]]:
    """Small sharp parts of the same size and level, many of them: a dotted line."""
    small = [(n, level) for n, level in companions if boxes[n, cv2.CC_STAT_AREA] < 2 * _PIXELS]
    if len(small) < _DOTS:
        return []
    areas = boxes[[n for n, _ in small], cv2.CC_STAT_AREA]
    levels = np.array([level for _, level in small])
    alike = (np.abs(levels - np.median(levels)) < 8) & (np.abs(areas - np.median(areas)) <= 2)
    chosen = [dot for dot, same in zip(small, alike, strict=True) if same]
    return chosen if len(chosen) >= max(_DOTS, 0.7 * len(small)) else []


def _standing_out(grey: NDArray[np.float32], directions: tuple[tuple[int, int], ...]) -> NDArray[np.float32]:
    """Grey levels above both neighbours two to five pixels away, in the best of the directions ``(dy, dx)``."""
    most = _STROKE_PX // 2
    padded = cv2.copyMakeBorder(grey, most, most, most, most, cv2.BORDER_REFLECT_101)
    height, width = grey.shape
    best = np.full_like(grey, -255.0)
    for reach in (2, 3, most):
        for dy, dx in directions:
            sides = [padded[most + s * dy * reach :][:height, most + s * dx * reach :][:, :width] for s in (-1, 1)]
            np.maximum(best, grey - np.maximum(*sides), out=best)
    return best


def _coloured_ink(colour: NDArray[np.uint8], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin strokes of saturated colour in a picture that is otherwise grey."""
    chroma = colour.max(-1) - colour.min(-1)
    if (chroma[inside] > _CHROMA).mean() > _COLOUR_SHARE:
        return np.zeros(chroma.shape, bool)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_STROKE_PX, _STROKE_PX))
    thin = (cv2.morphologyEx(chroma, cv2.MORPH_TOPHAT, disk) > _CHROMA) & inside
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(thin.astype(np.uint8), connectivity=8)
    kept = boxes[:, cv2.CC_STAT_AREA] >= 3
    kept[0] = False
    return np.asarray(kept[labels])


def _marks(ink: NDArray[np.bool_], coloured: NDArray[np.bool_]) -> BurnedIn:
    """Strokes a few pixels apart are one mark."""
    joined = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8), borderValue=0)
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    regions, kinds = [], []
    for n in range(1, count):
        own = ink & (labels == n)
        rows, columns = np.flatnonzero(own.any(1)), np.flatnonzero(own.any(0))
        region = Region(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
        regions.append(region)
        kinds.append("colour" if (own & coloured).any() else _kind(own[region.slices]))
    return BurnedIn(mask=ink, boxes=tuple(regions), kinds=tuple(kinds))


def _kind(own: NDArray[np.bool_]) -> Kind:
    y, x = np.nonzero(own)
    if x.size > 2:
        spread = np.sqrt(np.maximum(np.linalg.eigvalsh(np.cov(np.stack([x, y]))), 0.0))
        if spread[1] > 8 * max(float(spread[0]), 0.5):
            return "line"
    h, w = own.shape
    pieces = cv2.connectedComponents(own.astype(np.uint8), connectivity=8)[0] - 1
    # a cross is one piece, as wide as high, filled where its arms meet
    middle = own[h // 3 : h - h // 3, w // 3 : w - w // 3]
    if pieces == 1 and 0.6 < w / h < 1.67 and max(w, h) < 40 and middle.mean() > 0.3 and own.mean() < 0.75:
        return "caliper"
    return "text"
