"""Agreement of measured with true values: bias, RMSE, coverage, overlap, each with a bootstrap by group.

The judge's room grows here; every figure of the benchmarks is computed by these functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Estimate(NamedTuple):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def text(self, digits: int = 2) -> str:
        """``1.23 (1.10-1.40)``."""
        return f"{self.value:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def bootstrap(
    figure: Callable[[NDArray[np.intp]], float],
    groups: ArrayLike,
    *,
    repeats: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Percentile bootstrap that draws whole groups (patients), after Efron & Tibshirani 1993, ch. 13.

    Args:
        figure: maps row indices to the figure.
        groups: ``(N,)`` group of each row; rows of one group are drawn together.
        repeats: number of draws.
        seed: of the draws.
    """
    labels, inverse = np.unique(np.asarray(groups), return_inverse=True)
    members = [np.flatnonzero(inverse == g) for g in range(len(labels))]
    rng = np.random.default_rng(seed)
    draws = [
        figure(np.concatenate([members[g] for g in rng.integers(0, len(members), len(members))]))
        for _ in range(repeats)
    ]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return Estimate(float(figure(np.arange(len(inverse)))), float(low), float(high))


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


def iou(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Intersection over union of two masks; NaN if both are empty."""
    union = int(np.count_nonzero(a | b))
    return float(np.count_nonzero(a & b) / union) if union else float("nan")


def dice(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Twice the intersection over the sum of two masks; NaN if both are empty."""
    total = int(np.count_nonzero(a)) + int(np.count_nonzero(b))
    return float(2.0 * np.count_nonzero(a & b) / total) if total else float("nan")
