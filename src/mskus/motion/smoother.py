"""A series measured frame by frame and the motion between frames, fused by a Kalman filter and smoother."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from mskus.errors import MskusError

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Smoothed:
    """A smoothed series.

    Attributes:
        value: ``(T,)`` or ``(T, K)``; nan only where a whole series has no measurement.
        sd: its standard deviation, the same shape.
    """

    value: F64
    sd: F64


def fuse(
    measured: ArrayLike,
    variance: ArrayLike,
    increment: ArrayLike | None = None,
    increment_variance: ArrayLike = 0.01,
    *,
    blind_variance: float | None = None,
    tail: float = 4.0,
    turns: int = 4,
) -> Smoothed:
    r"""Smooth a series without lag and without drift.

    The state is a random walk driven by what the motion says, :math:`x_t = x_{t-1} + u_t + w_t`, and seen through
    :math:`z_t = x_t + v_t`. A Kalman filter runs forward, a Rauch-Tung-Striebel smoother back. The increments give the
    shape, so a fast contraction is followed; the measurements anchor the level, so errors of the motion do not add up.
    Measurements have Student-t noise: each turn, one that lies far from the smooth series gets a larger variance, so
    that outliers lose their say, while a lasting change is followed.

    Args:
        measured: ``(T,)`` or ``(T, K)`` for K series at once; nan where missing.
        variance: of the measurements, of the same shape or a number.
        increment: expected change from frame t-1 to t at index t (index 0 unused), of the same shape; nan where
            unknown; None if there is no motion.
        increment_variance: of the increments: per frame variance of the walk, of the same shape or a number.
        blind_variance: variance of the walk where no increment is known. By default that under which the series itself
            is most likely.
        tail: degrees of freedom of the measurements' noise; large is Gaussian.
        turns: iterations of the weights; 1 is the plain smoother.

    Returns:
        Value and standard deviation for every frame, also where the measurement is missing.

    Raises:
        MskusError: if shapes differ or a variance is not positive.

    Source:
        Rauch, Tung & Striebel 1965, AIAA J. 3:1445; Agamennoni, Nieto & Nebot 2012, IEEE Trans. Signal Process.
        60:5024.

    Example:
        >>> smooth = fuse([0.0, 1.0, np.nan, 3.0], 1e-4, [0.0, 1.0, 1.0, 1.0], 1e-4)
        >>> [round(float(v), 3) for v in smooth.value]
        [0.0, 1.0, 2.0, 3.0]
    """
    z = np.asarray(measured, float)
    if z.ndim not in (1, 2) or z.shape[0] < 1:
        raise MskusError(f"A series to smooth is (T,) or (T, K) with at least one frame; got {z.shape}.")
    try:
        r, q = (np.broadcast_to(np.asarray(v, float), z.shape) for v in (variance, increment_variance))
        u = np.full(z.shape, np.nan) if increment is None else np.broadcast_to(np.asarray(increment, float), z.shape)
    except ValueError:
        raise MskusError(f"Variances and increments must have the series' shape {z.shape}.") from None
    if not (r[np.isfinite(z)] > 0).all() or not (q > 0).all():
        raise MskusError("Variances of measurements and increments must be positive.")
    columns = z.reshape(len(z), -1)
    r, q, u = (np.array(a, float).reshape(columns.shape) for a in (r, q, u))
    value, deviation = np.full(columns.shape, np.nan), np.full(columns.shape, np.nan)
    for k in range(columns.shape[1]):
        series = columns[:, k].copy()
        if not np.isfinite(series).any():
            continue
        known = np.isfinite(u[:, k])
        step = np.where(known, u[:, k], 0.0)
        blind = 0.0 if blind_variance is None else blind_variance
        if blind_variance is None and not known[1:].all():
            blind = _walk_variance(series, r[:, k], step, q[:, k], known, tail)
        walk = np.where(known, q[:, k], max(blind, 1e-12))
        value[:, k], deviation[:, k] = _robust_smooth(series, r[:, k].copy(), step, walk, tail, turns)
    return Smoothed(value.reshape(z.shape), deviation.reshape(z.shape))


def _walk_variance(series: F64, r: F64, u: F64, q: F64, known: NDArray[np.bool_], tail: float) -> float:
    """The walk's variance under which the series is most likely: of 29, from 1e-4 to 1000 times the measurements'.

    Fewer than five values do not tell how fast things move; they are left nearly as measured.
    """
    candidates = float(np.median(r[np.isfinite(series)])) * np.geomspace(1e-4, 1e3, 29)
    if np.count_nonzero(np.isfinite(series)) < 5:
        return float(candidates[-1])
    likely = [_log_likelihood(series, r, u, np.where(known, q, c), tail) for c in candidates]
    return float(candidates[int(np.argmax(likely))])


@njit(cache=True)
def _log_likelihood(z: F64, r: F64, u: F64, q: F64, tail: float) -> float:
    """Of the innovations of a forward filter, Student-t (up to a constant)."""
    total, x, p, begun = 0.0, 0.0, 0.0, False
    for t in range(z.size):
        if begun:
            x, p = x + u[t], p + q[t]
        if not np.isfinite(z[t]):
            continue
        if not begun:
            x, p, begun = z[t], r[t], True
            continue
        spread = p + r[t]
        miss = (z[t] - x) ** 2 / spread
        total -= 0.5 * np.log(spread) + 0.5 * (tail + 1.0) * np.log(1.0 + miss / tail)
        # What an outlier says of the level is weighed as the smoother does.
        gain = p / (p + r[t] * max((tail + miss) / (tail + 1.0), 1.0))
        x, p = x + gain * (z[t] - x), (1.0 - gain) * p
    return total


@njit(cache=True)
def _robust_smooth(z: F64, r: F64, u: F64, q: F64, tail: float, turns: int) -> tuple[F64, F64]:
    n = z.size
    weight = np.ones(n)
    mean, var = np.empty(n), np.empty(n)
    ahead, ahead_var = np.empty(n), np.empty(n)
    seen = np.isfinite(z)
    first = 0
    while not seen[first]:
        first += 1
    level = np.median(z[seen])
    for turn in range(turns):
        # A start so wide that it says nothing.
        x, p = level, 1e6 * (r[first] + q[0]) + np.var(z[seen])
        for t in range(n):
            if t > 0:
                x, p = x + u[t], p + q[t]
            ahead[t], ahead_var[t] = x, p
            if seen[t]:
                gain = p / (p + r[t] / weight[t])
                x, p = x + gain * (z[t] - x), (1.0 - gain) * p
            mean[t], var[t] = x, p
        for t in range(n - 2, -1, -1):
            back = var[t] / ahead_var[t + 1]
            mean[t] += back * (mean[t + 1] - ahead[t + 1])
            var[t] += back * back * (var[t + 1] - ahead_var[t + 1])
        if turn < turns - 1:
            for t in range(n):
                if seen[t]:
                    miss = (z[t] - mean[t]) ** 2 + var[t]
                    weight[t] = (tail + 1.0) / (tail + miss / r[t])
    return mean, np.sqrt(np.maximum(var, 0.0))
