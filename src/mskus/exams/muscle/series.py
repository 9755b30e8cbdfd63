"""A clip's frames made one series: edges and directions fused with the motion between frames.

What is smoothed are the primary findings (rows of the edges at fixed nodes, coefficients of the direction field); every
measurement is computed from them afterwards, so that thickness, pennation and length of a frame agree with each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mskus.exams.muscle.fascicles import FascicleSight
from mskus.motion.flow import BellyMotion
from mskus.motion.smoother import fuse
from mskus.segment.aponeuroses import Aponeurosis, AponeurosisPair

F64 = NDArray[np.float64]

_EDGE_SD_PX = 1.0
_ANGLE_SD_DEG = 1.0
_FLOW_SD_PX = 0.15
_FLOW_SD_DEG = 0.15
_LEAST_QUALITY = 0.6
_BRIDGE = 3  # frames: a node missing for no longer is filled from its neighbours in time


def _bridged(measured: F64) -> NDArray[np.bool_]:
    """``(T, K)``: measured, or missing for at most ``_BRIDGE`` frames between measured ones."""
    seen = np.isfinite(measured)
    index = np.arange(len(seen))[:, None]
    last = np.maximum.accumulate(np.where(seen, index, -(10**6)), axis=0)
    following = np.minimum.accumulate(np.where(seen, index, 10**6)[::-1], axis=0)[::-1]
    return np.asarray(seen | (following - last <= _BRIDGE + 1))


def _fused(measured: F64, sd: float, increments: F64, increment_sd: float) -> F64:
    """``(T, K)`` series fused; what is missing for longer than the bridge stays missing."""
    fused = fuse(measured, sd**2, increments, increment_sd**2).value
    return np.where(_bridged(measured), fused, np.nan)


def smooth_pairs(pairs: Sequence[AponeurosisPair], motions: Sequence[BellyMotion | None]) -> list[AponeurosisPair]:
    """Edges of both aponeuroses over time.

    Args:
        pairs: one a frame, in pixels of the image region.
        motions: ``motions[t]`` is the motion from frame t-1 to t in the same pixels; None where unknown.
    """
    x = pairs[0].superficial.x_px
    smoothed: dict[str, F64] = {}
    for which in ("superficial", "deep"):
        for edge in ("upper_y_px", "lower_y_px"):
            rows = np.stack([getattr(getattr(p, which), edge) for p in pairs])
            smoothed[which + edge] = _fused(rows, _EDGE_SD_PX, _vertical_steps(rows, x, motions), _FLOW_SD_PX)
    return [
        AponeurosisPair(
            *(
                Aponeurosis(
                    x, smoothed[w + "upper_y_px"][t], smoothed[w + "lower_y_px"][t], getattr(pair, w).confidence
                )
                for w in ("superficial", "deep")
            )
        )
        for t, pair in enumerate(pairs)
    ]


def _vertical_steps(rows: F64, x: F64, motions: Sequence[BellyMotion | None]) -> F64:
    """``(T, K)``: how far the edge at each node moves from the frame before, by the motion; NaN where it is unknown."""
    steps = np.full(rows.shape, np.nan)
    for t in range(1, len(rows)):
        motion, before = motions[t], rows[t - 1]
        if not _trusted(motion) or np.count_nonzero(np.isfinite(before)) < 3:
            continue
        assert motion is not None
        moved = motion.move(np.stack([x, before], axis=1))
        steps[t] = moved[:, 1] - before - np.gradient(before, x) * (moved[:, 0] - x)
    return steps


def frames_to_look_at(motions: Sequence[BellyMotion | None], *, every: int) -> list[bool]:
    """In which frames fascicle direction is looked for; :func:`smooth_sights` gives it to the others.

    Args:
        motions: as for :func:`smooth_pairs`.
        every: the n-th frame, and the last; frames before and after a motion that is not to be trusted besides.

    Example:
        >>> still = BellyMotion(np.eye(2, 3), quality=1.0, residual_px=0.0)
        >>> frames_to_look_at([None, still, still, still, None, still, still], every=4)
        [True, False, False, True, True, False, True]
    """
    trusted = [_trusted(motion) for motion in motions]
    ends = zip(trusted, [*trusted[1:], False], strict=True)
    return [t % every == 0 or not (before and after) for t, (before, after) in enumerate(ends)]


def frames_left_open(sights: Sequence[FascicleSight | None]) -> list[int]:
    """Frames that nobody looked at and that those about them, with no direction themselves, cannot fill."""
    rows = np.array([[np.nan if sight is None else sight.coefficients_deg[0]] for sight in sights])
    return [t for t, filled in enumerate(_bridged(rows)[:, 0]) if sights[t] is None and not filled]


def smooth_sights(
    sights: Sequence[FascicleSight | None], motions: Sequence[BellyMotion | None], *, aspect: float
) -> list[FascicleSight | None]:
    """Coefficients of the direction field over time; the constant one is carried by the belly's rotation.

    Args:
        sights: one a frame; None where nobody looked or no belly was found.
        motions: as for :func:`smooth_pairs`.
        aspect: pixel height over width of the frame.

    Returns:
        One a frame; a frame without has the spread and the visibility of those about it, and None where no frame has
        a direction.
    """
    blank = FascicleSight(np.full(6, np.nan), np.nan, np.nan)
    given = [blank if sight is None else sight for sight in sights]
    rows = np.stack([sight.coefficients_deg for sight in given])
    if not np.isfinite(rows).any():
        return list(sights)
    turns = np.full(rows.shape, np.nan)
    before = np.nan  # the last direction seen: what a line turns by changes little with where it points
    for t in range(1, len(rows)):
        motion = motions[t]
        before = rows[t - 1, 0] if np.isfinite(rows[t - 1, 0]) else before
        if motion is not None and _trusted(motion) and np.isfinite(before):
            turns[t] = 0.0
            turns[t, 0] = motion.rotation_of_line_deg(float(before), aspect=aspect)
    fused = _fused(rows, _ANGLE_SD_DEG, turns, _FLOW_SD_DEG)
    spread, visibility = (_filled(np.array([getattr(s, n) for s in given])) for n in ("spread_deg", "visibility"))
    return [
        FascicleSight(c, float(s), float(v), carried=sight is None)
        for c, s, v, sight in zip(fused, spread, visibility, sights, strict=True)
    ]


def _filled(series: F64) -> F64:
    """NaN replaced by the line between the neighbours in time."""
    index, known = np.arange(len(series)), np.isfinite(series)
    return np.asarray(np.interp(index, index[known], series[known]))


def _trusted(motion: BellyMotion | None) -> bool:
    return motion is not None and motion.quality >= _LEAST_QUALITY
