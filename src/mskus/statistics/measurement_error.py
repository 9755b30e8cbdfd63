"""Measured against true values: bias, root mean square, coverage of intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def _errors(measured: ArrayLike, truth: ArrayLike) -> NDArray[np.float64]:
    error = np.asarray(measured, float) - np.asarray(truth, float)
    return error[np.isfinite(error)]


def bias(measured: ArrayLike, truth: ArrayLike) -> float:
    """Mean error; pairs with NaN are left out.

    >>> bias([1.0, 3.0, float("nan")], [0.0, 0.0, 0.0])
    2.0
    """
    return float(_errors(measured, truth).mean())


def rmse(measured: ArrayLike, truth: ArrayLike) -> float:
    """Root of the mean squared error; pairs with NaN are left out.

    >>> rmse([3.0, 4.0], [0.0, 0.0])
    3.5355339059327378
    """
    return float(np.sqrt((_errors(measured, truth) ** 2).mean()))


def coverage(low: ArrayLike, high: ArrayLike, truth: ArrayLike) -> float:
    """Share of intervals that hold the truth; intervals with NaN are left out.

    >>> coverage([0, 0], [2, 2], [1, 3])
    0.5
    """
    lo, hi, at = (np.asarray(a, float) for a in (low, high, truth))
    known = np.isfinite(lo) & np.isfinite(hi) & np.isfinite(at)
    return float(((at >= lo) & (at <= hi))[known].mean())
