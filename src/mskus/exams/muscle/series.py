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


def smooth_sights(
    sights: Sequence[FascicleSight | None], motions: Sequence[BellyMotion | None], *, aspect: float
) -> list[FascicleSight | None]:
    """Coefficients of the direction field over time; the constant one is carried by the belly's rotation.

    Args:
        sights: one a frame; None where no belly was found.
        motions: as for :func:`smooth_pairs`.
        aspect: pixel height over width of the frame.
    """
    blank = np.full(6, np.nan)
    rows = np.stack([blank if s is None else s.coefficients_deg for s in sights])
    turns = np.full(rows.shape, np.nan)
    for t in range(1, len(rows)):
        motion = motions[t]
        if motion is not None and _trusted(motion) and np.isfinite(rows[t - 1, 0]):
            turns[t] = 0.0
            turns[t, 0] = motion.rotation_of_line_deg(float(rows[t - 1, 0]), aspect=aspect)
    fused = _fused(rows, _ANGLE_SD_DEG, turns, _FLOW_SD_DEG)
    return [
        None if s is None else FascicleSight(c, s.spread_deg, s.visibility) for s, c in zip(sights, fused, strict=True)
    ]


def _trusted(motion: BellyMotion | None) -> bool:
    return motion is not None and motion.quality >= _LEAST_QUALITY
