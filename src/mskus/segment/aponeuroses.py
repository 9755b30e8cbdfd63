"""From probability maps to the two aponeuroses of a muscle: traced, split into edges, smoothed.

Each aponeurosis is the most probable left-to-right path through its map (dynamic programming: Amini, Weymouth & Jain,
IEEE TPAMI 12:855, 1990). Its upper and lower edge lie where the probability falls to half of its value on the path. Edges are
smoothed by a weighted Whittaker smoother (Eilers, Anal. Chem. 75:3631, 2003) with Tukey's biweight against outliers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]

N_NODES = 33
_SMOOTHNESS = 2e4  # of the Whittaker smoother over 256 columns: passes bends longer than about a third of the width
_VISIBLE = 0.25


@dataclass(frozen=True, eq=False)
class Aponeurosis:
    """One aponeurosis at fixed nodes across the image region, in pixels of the region.

    Attributes:
        x_px: ``(K,)`` node columns.
        upper_y_px: ``(K,)`` rows of the upper edge; NaN where the aponeurosis is not visible.
        lower_y_px: ``(K,)`` rows of the lower edge; NaN where it is not visible.
        confidence: mean probability along the visible path, 0 to 1.
    """

    x_px: F64
    upper_y_px: F64
    lower_y_px: F64
    confidence: float

    @property
    def visible(self) -> NDArray[np.bool_]:
        """``(K,)`` nodes at which it is seen."""
        return np.isfinite(self.upper_y_px)


@dataclass(frozen=True, eq=False)
class AponeurosisPair:
    """Superficial and deep aponeurosis of one frame."""

    superficial: Aponeurosis
    deep: Aponeurosis

    @property
    def common(self) -> NDArray[np.bool_]:
        """``(K,)`` nodes at which both are seen."""
        return self.superficial.visible & self.deep.visible


@njit(cache=True)
def _best_path(score: NDArray[np.float32], reach: int, bend: float) -> NDArray[np.int64]:
    """Row of the best path in every column; a step of k rows costs ``bend * k**2``."""
    n_rows, n_cols = score.shape
    total = score[:, 0].copy()
    came = np.zeros((n_rows, n_cols), np.int16)
    for c in range(1, n_cols):
        new = np.empty(n_rows, np.float32)
        for r in range(n_rows):
            best, step = np.float32(-1e30), 0
            for k in range(-reach, reach + 1):
                if 0 <= r + k < n_rows:
                    value = total[r + k] - np.float32(bend * k * k)
                    if value > best:
                        best, step = value, k
            new[r] = best + score[r, c]
            came[r, c] = step
        total = new
    path = np.zeros(n_cols, np.int64)
    path[n_cols - 1] = np.argmax(total)
    for c in range(n_cols - 1, 0, -1):
        path[c - 1] = path[c] + came[path[c], c]
    return path


@njit(cache=True)
def _half_heights(probability: NDArray[np.float32], path: NDArray[np.int64]) -> NDArray[np.float64]:
    """``(3, W)``: upper edge, lower edge (sub-pixel rows) and peak probability near the path of every column."""
    n_rows, n_cols = probability.shape
    out = np.zeros((3, n_cols))
    for c in range(n_cols):
        r = path[c]
        for k in range(max(0, path[c] - 2), min(n_rows, path[c] + 3)):
            if probability[k, c] > probability[r, c]:
                r = k
        peak = probability[r, c]
        half = 0.5 * peak
        up = r
        while up > 0 and probability[up - 1, c] >= half:
            up -= 1
        low = r
        while low < n_rows - 1 and probability[low + 1, c] >= half:
            low += 1
        top, bottom = float(up) - 0.5, float(low) + 0.5
        if up > 0:
            above, at = probability[up - 1, c], probability[up, c]
            top = up - (at - half) / max(at - above, 1e-6)
        if low < n_rows - 1:
            below, at = probability[low + 1, c], probability[low, c]
            bottom = low + (at - half) / max(at - below, 1e-6)
        out[0, c], out[1, c], out[2, c] = top, bottom, peak
    return out


def whittaker(values: F64, weights: F64, smoothness: float, *, robust: int = 2) -> F64:
    """Smooth ``(N,)`` values with weights by a second-difference penalty; bridges gaps of weight 0 by straight lines.

    >>> whittaker(np.array([0.0, 1.0, 9.0, 3.0, 4.0]), np.array([1.0, 1.0, 0.0, 1.0, 1.0]), 10.0).round(3).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0]
    """
    n = values.size
    penalty = np.zeros((3, n))
    penalty[2] = 6.0
    penalty[2, [0, -1]], penalty[2, [1, -2]] = 1.0, 5.0
    penalty[1, 1:] = -4.0
    penalty[1, [1, -1]] = -2.0
    penalty[0, 2:] = 1.0
    trust = weights + 1e-9
    smooth = values
    for turn in range(robust + 1):
        bands = smoothness * penalty
        bands[2] += trust
        smooth = solveh_banded(bands, trust * values, check_finite=False)
        if turn < robust:
            residual = np.abs(values - smooth)
            spread = 4.685 * max(1.4826 * float(np.median(residual[weights > 0])), 0.25)
            trust = weights * np.clip(1.0 - (residual / spread) ** 2, 0.0, None) ** 2 + 1e-9
    return smooth


def _longest_run(seen: NDArray[np.bool_], bridge: int) -> slice:
    """The longest stretch of True, after closing gaps of up to ``bridge`` columns."""
    at = np.flatnonzero(seen)
    if at.size == 0:
        return slice(0, 0)
    breaks = np.flatnonzero(np.diff(at) > bridge + 1)
    starts, stops = np.concatenate(([0], breaks + 1)), np.concatenate((breaks, [at.size - 1]))
    widest = int(np.argmax(at[stops] - at[starts]))
    return slice(int(at[starts[widest]]), int(at[stops[widest]]) + 1)


def _trace(probability: F32, size: tuple[int, int], not_above: F64 | None) -> tuple[Aponeurosis, F64]:
    n_rows, n_cols = probability.shape
    height, width = size
    if not_above is not None:
        probability = np.where(np.arange(n_rows)[:, None] < not_above[None, :], np.float32(0), probability)
    path = _best_path(np.log(probability + np.float32(0.02)), 3, 0.15)
    upper, lower, peak = _half_heights(probability, path)
    run = _longest_run(peak > _VISIBLE, n_cols // 8)
    weights = np.zeros(n_cols)
    weights[run] = np.where(peak[run] > _VISIBLE, peak[run], 0.0)
    nodes = np.linspace(0.0, n_cols - 1.0, N_NODES)
    nan = np.full(N_NODES, np.nan)
    x_px = (nodes + 0.5) * width / n_cols - 0.5
    if np.count_nonzero(weights) < 8:
        return Aponeurosis(x_px, nan, nan, 0.0), path.astype(float)
    columns = np.arange(n_cols, dtype=float)
    smooth = [whittaker(edge, weights, _SMOOTHNESS) for edge in (upper, lower)]
    inside = (nodes >= run.start - 1) & (nodes <= run.stop)
    rows = [np.where(inside, np.interp(nodes, columns, edge), np.nan) for edge in smooth]
    top, bottom = ((r + 0.5) * height / n_rows - 0.5 for r in rows)
    confidence = float(peak[run][peak[run] > _VISIBLE].mean())
    return Aponeurosis(x_px, top, bottom, confidence), np.maximum(smooth[1], 0.0)


def trace_aponeuroses(probabilities: F32, size: tuple[int, int]) -> AponeurosisPair:
    """Trace the superficial and the deep aponeurosis in one frame.

    Args:
        probabilities: ``(C, h, w)`` in [0, 1]; channel 0 superficial, channel 1 deep.
        size: ``(height, width)`` in pixels of the image region that the maps stand for.

    Returns:
        The pair, at :data:`N_NODES` fixed columns; edges are NaN where not visible.
    """
    superficial, floor = _trace(probabilities[0], size, None)
    gap = 0.04 * probabilities.shape[1]
    limit = floor + gap if superficial.confidence > 0 else None
    deep, _ = _trace(probabilities[1], size, limit)
    return AponeurosisPair(superficial, deep)
