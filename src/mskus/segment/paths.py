"""Lines across a picture: the best left-to-right path, its smoothing, its visible stretch.

Path by dynamic programming (Amini, Weymouth & Jain, IEEE TPAMI 12:855, 1990); weighted smoothing by Whittaker's
penalty (Eilers, Anal. Chem. 75:3631, 2003) with Tukey's biweight against outliers.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

F64 = NDArray[np.float64]


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _solve(smoothness: float, trust: F64, values: F64) -> F64:
    """``(W + smoothness D'D) z = W y`` with second differences D, by the LDL' factors of its five diagonals."""
    n = values.size
    d, e, f = np.zeros(n), np.zeros(n), np.zeros(n)
    z = np.zeros(n)
    for i in range(n):
        main = 6.0
        if i == 0 or i == n - 1:
            main = 1.0
        elif i == 1 or i == n - 2:
            main = 5.0
        first = -2.0 if i == 0 or i == n - 2 else -4.0
        a = trust[i] + smoothness * main
        b = smoothness * first if i < n - 1 else 0.0
        c = smoothness if i < n - 2 else 0.0
        y = trust[i] * values[i]
        if i > 0:
            a -= d[i - 1] * e[i - 1] ** 2
            b -= d[i - 1] * e[i - 1] * f[i - 1]
            y -= e[i - 1] * z[i - 1]
        if i > 1:
            a -= d[i - 2] * f[i - 2] ** 2
            y -= f[i - 2] * z[i - 2]
        d[i], e[i], f[i], z[i] = a, b / a, c / a, y
    for i in range(n - 1, -1, -1):
        z[i] /= d[i]
        if i < n - 1:
            z[i] -= e[i] * z[i + 1]
        if i < n - 2:
            z[i] -= f[i] * z[i + 2]
    return z


@njit(cache=True, nogil=True)
def whittaker(values: F64, weights: F64, smoothness: float, robust: int = 2) -> F64:
    """Smooth ``(N,)`` values with weights by a second-difference penalty; bridges gaps of weight 0 by straight lines.

    Args:
        values: ``(N,)``, N at least 4.
        weights: ``(N,)`` of at least 0.
        smoothness: factor on the squared second differences.
        robust: further turns in which values far from the smooth line lose their weight.

    >>> whittaker(np.array([0.0, 1.0, 9.0, 3.0, 4.0]), np.array([1.0, 1.0, 0.0, 1.0, 1.0]), 10.0).round(3).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0]
    """
    trust = weights + 1e-9
    smooth = _solve(smoothness, trust, values)
    for _ in range(robust):
        residual = np.abs(values - smooth)
        spread = 4.685 * max(1.4826 * np.median(residual[weights > 0]), 0.25)
        trust = weights * np.maximum(1.0 - (residual / spread) ** 2, 0.0) ** 2 + 1e-9
        smooth = _solve(smoothness, trust, values)
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
