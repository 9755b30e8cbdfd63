"""The B-mode image in a screen: where it is, without text, rulers, grey bars and logos.

A screen has dead parts: black, or a panel of one grey level. The image is the largest piece of texture that thick
strokes survive in; its straight sides are where the share of living pixels jumps. Fades are never taken for a side, so
that a shadow is not cut off.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region

_PANEL_LEVELS = (12, 140)
_PANEL_SHARE = 0.03
_JUMP = 0.3
_FULL_FIELD = 0.95


@dataclass(frozen=True, kw_only=True)
class ImageRegion:
    """Where the image is.

    Attributes:
        region: its bounding rectangle.
        field: ``(H, W)`` bool, True inside the insonified field, or None where it fills the rectangle.
        how: one line of provenance, empty where the picture is all image.
    """

    region: Region
    field: NDArray[np.bool_] | None = None
    how: str = ""


def find_image_region(frames: NDArray[np.uint8], *, within: Region | None = None) -> ImageRegion:
    """The image region of one or several frames ``(n, H, W)`` of one clip.

    Args:
        frames: frames spread over the clip; what is bright in any of them is alive.
        within: look only here, e.g. the region that a DICOM file states.

    Returns:
        The rectangle, the field mask for sectors and steered (tilted) images, and a note.
    """
    whole = np.max(frames, axis=0) if len(frames) > 1 else frames[0]
    height, width = whole.shape
    outer = within or Region(0, 0, width, height)
    picture = whole[outer.slices]
    if min(picture.shape) < 32:
        return ImageRegion(region=outer)
    panel = _panel_mask(picture)
    box = (0, 0, picture.shape[1], picture.shape[0])
    body: NDArray[np.bool_] | None = None
    if panel is not None:
        body = _largest(~panel)
        box = _bounds(body)
    framed = (box[0] > 0) + (box[1] > 0) + (box[2] < picture.shape[1]) + (box[3] < picture.shape[0])
    tilted = body is not None and body[box[1] : box[3], box[0] : box[2]].mean() < 0.985
    if panel is None or body is None or not (framed >= 2 or tilted):
        inner = picture[box[1] : box[3], box[0] : box[2]]
        found = _living_box(inner)
        x0, y0, x1, y1 = found.box
        box = (box[0] + x0, box[1] + y0, box[0] + x1, box[1] + y1)
        field = _sector_field(inner, found)
    else:
        field = _filled(_grown_back(body, ~panel))[box[1] : box[3], box[0] : box[2]]
    if panel is not None:
        box, field = _without_frame_lines(picture, box, field)
    region = Region(outer.x + box[0], outer.y + box[1], box[2] - box[0], box[3] - box[1])
    mask: NDArray[np.bool_] | None = None
    if field is not None and field.mean() < 0.985:
        mask = np.zeros((height, width), np.bool_)
        mask[region.slices] = field
    is_all = (region.w, region.h) == (outer.w, outer.h)
    how = "" if is_all else f"image region {region.x},{region.y},{region.w},{region.h} found in the picture"
    return ImageRegion(region=region, field=mask, how=how)


def _flat(picture: NDArray[np.uint8], size: int = 5) -> NDArray[np.bool_]:
    kernel = np.ones((size, size), np.uint8)
    spread = cv2.subtract(cv2.dilate(picture, kernel), cv2.erode(picture, kernel))
    return np.asarray(spread <= 2, np.bool_)


def _panel_mask(picture: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """Pixels of a panel of one grey level (not black), or None."""
    flat = _flat(picture)
    share = np.bincount(picture[flat], minlength=256) / picture.size
    floor = float(share.max()) / 20
    levels = [v for v in range(*_PANEL_LEVELS) if share[v - 1 : v + 2].sum() >= _PANEL_SHARE and share[v] >= floor]
    if not levels:
        return None
    near = np.zeros(256, np.bool_)
    for level in levels:
        if _is_panel(flat & (np.abs(picture.astype(np.int16) - level) <= 2)):
            near[max(level - 2, 0) : level + 3] = True
    if not near.any():
        return None
    grown = cv2.dilate((flat & near[picture]).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.bool_)
    return np.asarray(grown & near[picture], np.bool_)


def _is_panel(level: NDArray[np.bool_]) -> bool:
    """Whether pixels of one level hold one large smooth piece at the edge; quantised speckle has only crumbs."""
    seed = cv2.erode(level.astype(np.uint8), np.ones((9, 9), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(seed, connectivity=4)
    height, width = level.shape
    left, top, wide, high = stats[1:, 0], stats[1:, 1], stats[1:, 2], stats[1:, 3]
    outer = (left <= 8) | (top <= 8) | (left + wide >= width - 8) | (top + high >= height - 8)
    return bool((outer & (stats[1:, 4] >= 0.4 * _PANEL_SHARE * level.size)).any())


def _largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Largest connected part that survives an opening by 1 / 20 of the picture."""
    size = max(5, min(mask.shape) // 20) | 1
    kernel = np.ones((size, size), np.uint8)
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    if count < 2:
        return np.ones_like(mask)
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return np.asarray(labels == best, np.bool_)


def _grown_back(body: NDArray[np.bool_], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The body with the sharp corners that the opening took, never beyond the mask."""
    grown = body.astype(np.uint8)
    allowed = mask.astype(np.uint8)
    for _ in range(2 * max(5, min(mask.shape) // 20)):
        grown = np.asarray(cv2.dilate(grown, np.ones((3, 3), np.uint8)), np.uint8) & allowed
    return grown.astype(np.bool_)


def _bounds(body: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, cols = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    return int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1


def _filled(body: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without holes."""
    contours, _ = cv2.findContours(body.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    out = np.zeros(body.shape, np.uint8)
    cv2.drawContours(out, contours, -1, 1, thickness=cv2.FILLED)
    return out.astype(np.bool_)


@dataclass(frozen=True)
class _Living:
    box: tuple[int, int, int, int]
    sharp: tuple[bool, bool, bool, bool]
    black: int
    body: NDArray[np.bool_]


def _living_box(picture: NDArray[np.uint8]) -> _Living:
    """The texture on black: its sides, which of them are sharp, and its body at half size."""
    height, width = picture.shape
    half = np.asarray(cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)
    counts = np.bincount(half[_flat(half, 3)], minlength=256)[:12]
    black = int(np.argmax(counts)) if counts.sum() > 0.01 * half.size else 0
    alive = (half > black + 8).astype(np.uint8) * np.uint8(255)
    density = cv2.blur(alive, (5, 5), borderType=cv2.BORDER_REFLECT)
    size = max(5, round(0.06 * min(half.shape))) | 1
    opened = cv2.morphologyEx((density >= 51).astype(np.uint8), cv2.MORPH_OPEN, np.ones((size, size), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    if count < 2:
        everything = np.ones(half.shape, np.bool_)
        return _Living((0, 0, width, height), (False, False, False, False), black, everything)
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    x, y, w, h = (2 * int(v) for v in stats[best, :4])
    box = [x, y, min(x + w + 1, width), min(y + h + 1, height)]
    soft = np.clip((picture.astype(np.float32) - (black + 3)) * 0.05, 0, 1)
    # a side moves the span of the sides across it, so go round twice
    sharp = [False] * 4
    for _ in range(2):
        for side in (0, 2, 1, 3):
            box[side], sharp[side] = _side(soft, box, side)
    _keep_fades(picture > black + 80, box, sharp)
    return _Living(
        (box[0], box[1], box[2], box[3]), (sharp[0], sharp[1], sharp[2], sharp[3]), black, np.asarray(labels == best)
    )


def _side(soft: NDArray[np.float32], box: list[int], side: int) -> tuple[int, bool]:
    """Position of one side (0 left, 1 top, 2 right, 3 bottom) and whether it is a sharp one."""
    x0, y0, x1, y1 = box
    profile = soft[y0:y1].mean(axis=0) if side in (0, 2) else soft[:, x0:x1].mean(axis=1)
    at, opposite = box[side], box[(side + 2) % 4]
    if side >= 2:
        profile = profile[::-1]
        at, opposite = len(profile) - at, len(profile) - opposite
    extent = opposite - at
    inside = float(np.median(profile[at:opposite])) if extent > 0 else 0.0
    padded = np.concatenate([np.zeros(4, np.float32), profile, np.zeros(4, np.float32)])
    sums = np.concatenate([[0.0], np.cumsum(padded, dtype=np.float64)])
    edges = np.arange(max(at - 12, 0), min(at + max(12, int(0.3 * extent)), len(profile) - 4))
    if inside <= 0 or not len(edges):
        return box[side], False
    centre = edges + 4
    jump = (sums[centre + 3] - sums[centre]) / 3 - (sums[centre] - sums[centre - 3]) / 3
    best = int(edges[np.argmax(jump)])
    outside = profile[: max(best - 1, 0)]
    lively = float(outside.max(initial=0.0))
    is_sharp = float(jump.max()) >= _JUMP * max(inside, 0.5) and lively < max(0.6 * inside, 0.3)
    if is_sharp:
        place = best
    else:
        place = at
        while place > 0 and profile[place - 1] > 0.03:
            place -= 1
        # the outline comes from half size and may lie a few dead pixels too far out
        while place < min(at + 12, opposite - 1) and profile[place] <= 0.005:
            place += 1
    return (len(profile) - place if side >= 2 else place), is_sharp


def _keep_fades(bright: NDArray[np.bool_], box: list[int], sharp: list[bool]) -> None:
    """A side that fades out is a shadow: the image goes on to the edge, unless something else begins after a gap."""
    height, width = bright.shape
    for side, limit in ((0, 0), (1, 0), (2, width), (3, height)):
        if sharp[side] or box[side] == limit:
            continue
        across = (1, 3) if side in (0, 2) else (0, 2)
        far = height if side in (0, 2) else width
        is_cropped = box[across[1]] - box[across[0]] >= 0.93 * far
        is_deep = side == 3 and sharp[0] and sharp[2]
        if not is_cropped and not is_deep:
            continue
        x0, y0, x1, y1 = box
        strip = (bright[y0:y1, :x0], bright[:y0, x0:x1], bright[y0:y1, x1:], bright[y1:, x0:x1])[side]
        written = strip.mean(axis=0 if side in (0, 2) else 1)
        if is_cropped or float(written.max(initial=0.0)) < 0.01:
            box[side] = limit


def _without_frame_lines(
    picture: NDArray[np.uint8], box: tuple[int, int, int, int], field: NDArray[np.bool_] | None
) -> tuple[tuple[int, int, int, int], NDArray[np.bool_] | None]:
    """Drop rows of one level (not black) at the top and bottom: the ruler's own line and the panel below it."""
    x0, y0, x1, y1 = box
    rows = picture[y0:y1, x0:x1]
    is_line = (np.percentile(rows, 90, axis=1) - np.percentile(rows, 10, axis=1) <= 2) & (rows.mean(axis=1) > 12)
    top = int(np.argmin(is_line[:6])) if is_line[:6].any() and is_line[0] else 0
    bottom = int(np.argmin(is_line[::-1][:6])) if is_line[-1] else 0
    if field is not None:
        field = field[top : len(field) - bottom]
    return (x0, y0 + top, x1, y1 - bottom), field


def _sector_field(picture: NDArray[np.uint8], found: _Living) -> NDArray[np.bool_] | None:
    """The convex outline of a sector or a steered image that stands free on black; None for a rectangle."""
    x0, y0, x1, y1 = found.box
    height, width = picture.shape
    free = (x0 > 0) + (y0 > 0) + (x1 < width) + (y1 < height)
    if free < 3 or found.sharp[0] or found.sharp[2]:
        return None
    body = cv2.resize(found.body.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    faint = cv2.blur((picture > found.black + 3).astype(np.uint8) * np.uint8(255), (9, 9)) > 64
    near = cv2.dilate(body, np.ones((41, 41), np.uint8)).astype(np.bool_)
    inside = (body.astype(np.bool_) | (faint & near))[y0:y1, x0:x1].astype(np.uint8)
    if not inside.any():
        return None
    out = np.zeros(inside.shape, np.uint8)
    cv2.fillConvexPoly(out, cv2.convexHull(cv2.findNonZero(inside)), 1)
    return out.astype(np.bool_) if out.mean() < _FULL_FIELD else None
