"""Lines across a picture: the best left-to-right path, its smoothing, its visible stretch.

Path by dynamic programming (Amini, Weymouth & Jain, IEEE TPAMI 12:855, 1990); weighted smoothing by Whittaker's penalty (Eilers,
Anal. Chem. 75:3631, 2003) with Tukey's biweight against outliers.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

F64 = NDArray[np.float64]


@njit(cache=True)
def best_path(score: NDArray[np.float32], reach: int, bend: float) -> NDArray[np.int64]:
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


def longest_run(seen: NDArray[np.bool_], bridge: int) -> slice:
    """The longest stretch of True, after closing gaps of up to ``bridge`` columns."""
    at = np.flatnonzero(seen)
    if at.size == 0:
        return slice(0, 0)
    breaks = np.flatnonzero(np.diff(at) > bridge + 1)
    starts, stops = np.concatenate(([0], breaks + 1)), np.concatenate((breaks, [at.size - 1]))
    widest = int(np.argmax(at[stops] - at[starts]))
    return slice(int(at[starts[widest]]), int(at[stops[widest]]) + 1)
