"""Where the depth or zoom of a clip changes on the way, so that no scale is used for frames that it does not fit.

Three signs, in falling order of trust: the ruler's ticks change their distance; the image takes another place on the
screen; from one frame to the next the picture is the former one drawn larger or smaller. Motion, contraction and gain
change none of these.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Clip, Region
from mskus.reading.image_region import find_image_region
from mskus.reading.ruler import Ruler, find_rulers

_THUMB = 96
_SCALES = tuple(float(s) for s in np.geomspace(0.5, 2.0, 49) if abs(s - 1) > 0.04)
_SAMPLES = 12


def depth_changes(clip: Clip) -> list[int]:
    """Frames at which another depth or zoom begins; empty for a clip of one scale.

    A clip in memory is compared frame by frame; a streamed one at samples whose interval is then halved.
    """
    if clip.n_frames < 2:
        return []
    if isinstance(clip.luma, np.ndarray):
        return _in_memory(clip.luma, clip.image_region)
    return _streamed(clip)


def split_at_depth_changes(clip: Clip) -> list[Clip]:
    """Pieces of one scale each, in order; ``[clip]`` if nothing changes.

    The file states one scale for all frames, and after a change it is not known which piece it belongs to, so pieces
    carry no calibration other than the user's own.
    """
    changes = depth_changes(clip)
    if not changes:
        return [clip]
    limits = [0, *changes, clip.n_frames]
    return [_piece(clip, a, b) for a, b in pairwise(limits)]


def _piece(clip: Clip, start: int, stop: int) -> Clip:
    luma: Any = clip.luma
    frames = luma[start:stop] if isinstance(luma, np.ndarray) else luma.part(start, stop)
    sample = np.stack([frames[i] for i in sorted({0, (stop - start) // 2, stop - start - 1})])
    found = find_image_region(sample)
    times = clip.frame_times_s
    calibration = clip.calibration if clip.calibration is not None and clip.calibration.source == "user" else None
    note = f"frames {start} to {stop - 1} of the clip: depth or zoom changes at its ends, so its scale must be given"
    return clip.with_(
        luma=frames,
        colour=None if clip.colour is None else clip.colour[start:stop],
        frame_times_s=None if times is None else times[start:stop] - times[start],
        calibration=calibration,
        region=found.region,
        field=found.field,
        notes=(*clip.notes, note),
    )


def _in_memory(luma: NDArray[np.uint8], region: Region) -> list[int]:
    inside = np.stack([_thumb(frame[region.slices]) for frame in luma])
    likeness = np.array([_ncc(a, b) for a, b in pairwise(inside)])
    usual = float(np.median(likeness))
    suspects = np.flatnonzero(likeness < min(0.85 * usual, usual - 0.08)) + 1
    changes: list[int] = []
    for at in suspects[:50]:
        before = luma[max(at - 3, changes[-1] if changes else 0) : at]
        after = luma[at : at + 3]
        if _is_rescaled(before, after, region):
            changes.append(int(at))
    return changes


def _streamed(clip: Clip) -> list[int]:
    """Ruler and place of the image at samples; each difference is narrowed down by halving."""
    at = sorted({round(float(i)) for i in np.linspace(0, clip.n_frames - 1, _SAMPLES)})
    seen = {i: clip.frame(i) for i in at}
    changes: list[int] = []
    for a, b in pairwise(at):
        if not _other_screen(seen[a][None], seen[b][None]):
            continue
        low, high = a, b
        while high - low > 1:
            middle = (low + high) // 2
            if _other_screen(seen[a][None], clip.frame(middle)[None]):
                high = middle
            else:
                low = middle
        changes.append(high)
    return changes


def _is_rescaled(before: NDArray[np.uint8], after: NDArray[np.uint8], region: Region) -> bool:
    verdict = _screen_verdict(before, after)
    if verdict is not None:
        return verdict
    old, new = _mean(before)[region.slices], _mean(after)[region.slices]
    return _drawn_to_scale(_thumb(old, 2 * _THUMB), _thumb(new, 2 * _THUMB))


def _other_screen(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> bool:
    return _screen_verdict(a, b) is True


def _screen_verdict(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool | None:
    """Whether ruler or place of the image say that the scale changed (True), did not (False), or nothing (None)."""
    place_a, place_b = find_image_region(before).region, find_image_region(after).region
    ticks_a, ticks_b = _ticks(before, place_a), _ticks(after, place_b)
    if ticks_a and ticks_b:
        same = [r for r in ticks_a if any(_alike(r, s) for s in ticks_b)]
        return not same
    height, width = before.shape[1:]
    moved = max(abs(place_a.w - place_b.w) / width, abs(place_a.h - place_b.h) / height)
    has_margin = min(place_a.w, place_b.w) < 0.97 * width and min(place_a.h, place_b.h) < 0.97 * height
    return True if moved > 0.04 and has_margin else None


def _ticks(frames: NDArray[np.uint8], region: Region) -> list[Ruler]:
    return [r for r in find_rulers(_mean(frames), region=region) if r.axis == "rows"]


def _alike(a: Ruler, b: Ruler) -> bool:
    return abs(a.spacing_px / b.spacing_px - 1) < 0.015


def _drawn_to_scale(old: NDArray[np.float32], new: NDArray[np.float32]) -> bool:
    """Whether ``new`` is ``old`` enlarged or reduced about the middle of its top, the probe's face."""
    plain = _best_match(old, new)
    unshifted = [_ncc(_rescaled(old, scale), new) for scale in _SCALES]
    best, best_scale = -1.0, 1.0
    for at in np.argsort(unshifted)[-4:]:
        likeness = _best_match(_rescaled(old, _SCALES[at]), new)
        if likeness > best:
            best, best_scale = likeness, _SCALES[at]
    # a true change of scale matches much better at its own scale and well in itself
    return best > 0.6 and best > plain + 0.2 and abs(best_scale - 1) > 0.04


def _rescaled(picture: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    height, width = picture.shape
    centre = (width - 1) / 2
    matrix = np.array([[scale, 0, centre * (1 - scale)], [0, scale, 0]], np.float64)
    out = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=float("nan"))
    return np.asarray(out, np.float32)


def _best_match(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Likeness of two pictures where both are defined, at the best shift of a few pixels."""
    best = -1.0
    for dy in (-3, 0, 3):
        for dx in (-3, 0, 3):
            best = max(best, _ncc(a[3 + dy : a.shape[0] - 3 + dy, 3 + dx : a.shape[1] - 3 + dx], b[3:-3, 3:-3]))
    return best


def _ncc(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Normalised cross-correlation where both are numbers."""
    good = np.isfinite(a) & np.isfinite(b)
    if good.sum() < 0.2 * a.size:
        return -1.0
    x, y = a[good] - a[good].mean(), b[good] - b[good].mean()
    norm = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / norm if norm > 0 else 1.0


def _thumb(picture: NDArray[np.uint8], size: int = _THUMB) -> NDArray[np.float32]:
    small = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 1.0 if size == _THUMB else 2.0), np.float32)


def _mean(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(frames[0] if len(frames) == 1 else frames.mean(axis=0), np.uint8)
