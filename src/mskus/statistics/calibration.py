"""Do predicted chances come true?

Brier score (Mon Weather Rev 78:1, 1950); reliability curve and expected calibration error (Naeini et al., AAAI 2015);
calibration slope and intercept by logistic recalibration (Cox, Biometrika 45:562, 1958; Van Calster et al., J Clin
Epidemiol 74:167, 2016): slope 1 and intercept 0 is perfect, slope below 1 says the chances are too extreme.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from mskus.errors import StatisticsError
from mskus.statistics.confusion import wilson
from mskus.statistics.estimate import Estimate
from mskus.statistics.roc import labelled_scores

_EDGE = 1e-6  # a stated certainty has no logit; it is taken for one in a million


class Reliability(NamedTuple):
    """For each bin with cases: mean chance, the share that came true with its interval, number of cases."""

    chance: NDArray[np.float64]
    share: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: NDArray[np.int64]


class Recalibration(NamedTuple):
    """Slope of the logistic recalibration, and the intercept at slope one (calibration in the large)."""

    slope: Estimate
    intercept: Estimate


def brier(labels: ArrayLike, chances: ArrayLike) -> float:
    """Mean squared difference of chance and outcome; 0 is perfect, 0.25 a coin.

    >>> brier([1, 0], [0.8, 0.4]).__round__(3)
    0.1
    """
    y, p = _chances(labels, chances)
    return float(((p - y) ** 2).mean())


def reliability(
    labels: ArrayLike, chances: ArrayLike, *, bins: int = 10, binning: Literal["width", "count"] = "width"
) -> Reliability:
    """The reliability curve.

    Args:
        labels: ``(N,)`` 0 or 1.
        chances: ``(N,)`` predicted chance of 1.
        bins: how many.
        binning: bins of equal width of chance, or of an equal count of cases.

    Raises:
        StatisticsError: if a chance is not between 0 and 1, a class has no case, or there is no bin.
    """
    y, p = _chances(labels, chances)
    if bins < 1:
        raise StatisticsError(f"{bins} bins cannot hold the cases; ask for one bin or more.")
    if binning == "width":
        index = np.minimum((p * bins).astype(int), bins - 1)
    else:
        index = np.searchsorted(np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1]), p, side="right")
    count = np.bincount(index, minlength=bins)
    hit = np.bincount(index, y, minlength=bins)
    full = count > 0
    ends = [wilson(int(h), int(c)) for h, c in zip(hit[full], count[full], strict=True)]
    return Reliability(
        chance=np.bincount(index, p, minlength=bins)[full] / count[full],
        share=hit[full] / count[full],
        low=np.array([e.low for e in ends]),
        high=np.array([e.high for e in ends]),
        n=count[full],
    )


def expected_calibration_error(
    labels: ArrayLike, chances: ArrayLike, *, bins: int = 10, binning: Literal["width", "count"] = "width"
) -> float:
    """Mean over cases of the gap between chance and share in their bin, see :func:`reliability`.

    >>> expected_calibration_error([1, 0, 1, 1], [0.75, 0.75, 0.75, 0.75])
    0.0
    """
    curve = reliability(labels, chances, bins=bins, binning=binning)
    return float((curve.n * np.abs(curve.chance - curve.share)).sum() / curve.n.sum())


def recalibration(labels: ArrayLike, chances: ArrayLike, *, confidence: float = 0.95) -> Recalibration:
    """Calibration slope and intercept with Wald intervals.

    Slope: logit P(y) = a + b logit(p). Intercept: logit P(y) = a + logit(p).

    Returns:
        NaN where the fit does not exist (all chances equal, or classes fully apart).

    Raises:
        StatisticsError: if a chance is not between 0 and 1, or a class has no case.
    """
    y, p = _chances(labels, chances)
    logit = special.logit(np.clip(p, _EDGE, 1.0 - _EDGE))
    z = float(special.ndtri((1.0 + confidence) / 2.0))
    slope = _logistic(np.column_stack([np.ones_like(logit), logit]), y, np.zeros_like(logit), z)[1]
    intercept = _logistic(np.ones((len(y), 1)), y, logit, z)[0]
    return Recalibration(slope=slope, intercept=intercept)


def calibration_slope(labels: ArrayLike, chances: ArrayLike) -> float:
    """The slope alone, for a bootstrap by patient."""
    return recalibration(labels, chances).slope.value


def _chances(labels: ArrayLike, chances: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    y, p = labelled_scores(labels, chances)
    if p.min() < 0.0 or p.max() > 1.0:
        raise StatisticsError(f"Chances must lie between 0 and 1; these go from {p.min():g} to {p.max():g}.")
    return y, p


def _logistic(
    design: NDArray[np.float64], y: NDArray[np.bool_], offset: NDArray[np.float64], z: float
) -> list[Estimate]:
    """Coefficients of a logistic regression by Newton's method, with Wald intervals."""
    weight, nothing = np.zeros(design.shape[1]), Estimate(float("nan"), float("nan"), float("nan"))
    for _ in range(50):
        chance = special.expit(design @ weight + offset)
        curvature = design.T @ (design * (chance * (1.0 - chance))[:, None])
        if not np.isfinite(curvature).all() or np.linalg.cond(curvature) > 1e12:
            return [nothing] * len(weight)
        step = np.linalg.solve(curvature, design.T @ (y - chance))
        weight = weight + step
        if np.abs(step).max() < 1e-10:
            half = z * np.sqrt(np.diag(np.linalg.inv(curvature)))
            return [Estimate(float(w), float(w - h), float(w + h)) for w, h in zip(weight, half, strict=True)]
    return [nothing] * len(weight)
