"""From probability maps to the two aponeuroses of a muscle: traced, split into edges, smoothed.

Each aponeurosis is the most probable left-to-right path through its map (:mod:`mskus.segment.paths`). Its upper and lower edge
lie where the probability falls to half of its value on the path; edges are smoothed with the probability as weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mskus.segment.paths import best_path, longest_run, whittaker

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


def _trace(probability: F32, size: tuple[int, int], not_above: F64 | None) -> tuple[Aponeurosis, F64]:
    n_rows, n_cols = probability.shape
    height, width = size
    if not_above is not None:
        probability = np.where(np.arange(n_rows)[:, None] < not_above[None, :], np.float32(0), probability)
    path = best_path(np.log(probability + np.float32(0.02)), 3, 0.15)
    upper, lower, peak = _half_heights(probability, path)
    run = longest_run(peak > _VISIBLE, n_cols // 8)
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
