"""From probability maps to the lines that can be aponeuroses: traced, split into edges, smoothed.

Lines are the most probable left-to-right paths through the map of all aponeuroses together, one after the other
(:mod:`mskus.segment.paths`). The upper and lower edge of a line lie where the probability falls to half of its value
on the path; edges are smoothed with the probability as weight. Which two lines bound the muscle is chosen in
:mod:`mskus.segment.belly_choice`.
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
_SURE = np.float32(0.7)
_BEND = 0.5
_MOST_LINES = 6
_LEAST_COVERAGE = 0.2  # of the width


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


@njit(cache=True, nogil=True)
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


@dataclass(frozen=True, eq=False)
class Line:
    """A line that can be an aponeurosis.

    Attributes:
        edges: the line at the fixed nodes, in pixels of the image region.
        path: ``(w,)`` its row in every column of the map.
        run: columns of the map in which it is visible.
        quality: mean probability along the line times the share of the width that it spans, 0 to 1.
        shares: ``(C,)`` how the network divides it among superficial, deep and other.
    """

    edges: Aponeurosis
    path: F64
    run: slice
    quality: float
    shares: F64


def trace_lines(probabilities: F32, size: tuple[int, int]) -> list[Line]:
    """The lines of one frame, from the top down.

    Args:
        probabilities: ``(C, h, w)`` in [0, 1]: superficial, deep, other.
        size: ``(height, width)`` in pixels of the image region that the maps stand for.

    Returns:
        At most six lines that span a fifth of the width or more, at :data:`N_NODES` fixed columns.
    """
    union = (1.0 - np.prod(1.0 - probabilities, axis=0)).astype(np.float32)
    lines: list[Line] = []
    for _ in range(_MOST_LINES):
        found, upper, lower = _trace(union, probabilities, size)
        if found is None:
            break
        lines.append(found)
        # what is taken is blanked with a margin, so that the next path finds another line
        rows = np.arange(union.shape[0])[:, None]
        columns = np.zeros(union.shape[1], bool)
        columns[found.run] = True
        union = np.where((rows > upper - 3) & (rows < lower + 3) & columns, np.float32(0), union)
    return sorted(lines, key=lambda line: float(line.path[line.run].mean()))


def _trace(union: F32, probabilities: F32, size: tuple[int, int]) -> tuple[Line | None, F64, F64]:
    n_rows, n_cols = union.shape
    height, width = size
    # above _SURE all columns count alike, so that a path does not jump to a neighbour that is only a little surer
    path = best_path(np.log(np.minimum(union, _SURE) + np.float32(0.02)), 3, _BEND)
    upper, lower, peak = _half_heights(union, path)
    run = longest_run(peak > _VISIBLE, n_cols // 8)
    weights = np.zeros(n_cols)
    weights[run] = np.where(peak[run] > _VISIBLE, peak[run], 0.0)
    coverage = np.count_nonzero(weights) / n_cols
    if coverage < _LEAST_COVERAGE:
        return None, upper, lower
    columns = np.arange(n_cols, dtype=float)
    smooth = [whittaker(edge, weights, _SMOOTHNESS) for edge in (upper, lower)]
    nodes = np.linspace(0.0, n_cols - 1.0, N_NODES)
    inside = (nodes >= run.start - 1) & (nodes <= run.stop)
    rows = [np.where(inside, np.interp(nodes, columns, edge), np.nan) for edge in smooth]
    top, bottom = ((r + 0.5) * height / n_rows - 0.5 for r in rows)
    sure = float(weights[weights > 0].mean())
    at = np.clip(np.round(0.5 * (smooth[0] + smooth[1])).astype(int), 0, n_rows - 1)
    votes = probabilities[:, at, np.arange(n_cols)][:, weights > 0].mean(axis=1).astype(float)
    edges = Aponeurosis((nodes + 0.5) * width / n_cols - 0.5, top, bottom, sure)
    middle = 0.5 * (smooth[0] + smooth[1])
    return Line(edges, middle, run, sure * coverage, votes / max(float(votes.sum()), 1e-6)), upper, lower
