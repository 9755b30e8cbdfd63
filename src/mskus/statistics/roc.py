"""Receiver operating characteristic and precision-recall of a score.

AUC is the chance that a diseased case scores higher than a healthy one, ties counting half (Hanley & McNeil, Radiology
143:29, 1982); its variance and the paired test are DeLong's (Biometrics 44:837, 1988) in the O(N log N) form of Sun &
Xu (IEEE Signal Process Lett 21:1389, 2014).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from mskus.errors import StatisticsError
from mskus.statistics.estimate import Estimate


class Roc(NamedTuple):
    """The curve: ``(M,)`` false positive rate, true positive rate (both rising) and the score to reach each."""

    false_positive_rate: NDArray[np.float64]
    true_positive_rate: NDArray[np.float64]
    threshold: NDArray[np.float64]


class PrecisionRecall(NamedTuple):
    """The curve: ``(M,)`` recall (rising), precision, and the score to reach each."""

    recall: NDArray[np.float64]
    precision: NDArray[np.float64]
    threshold: NDArray[np.float64]


class Comparison(NamedTuple):
    """Two scores on the same cases: difference of AUC (first minus second) with interval, z and two-sided p."""

    difference: Estimate
    z: float
    p: float


def labelled_scores(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Labels as bool with their scores.

    Raises:
        StatisticsError: if lengths differ, a label is not 0 or 1, a score is NaN, or a class has no case.
    """
    y, s = np.asarray(labels).ravel(), np.asarray(scores, float).ravel()
    if len(y) != len(s):
        raise StatisticsError(f"{len(y)} labels cannot be paired with {len(s)} scores.")
    if not np.isin(y, [0, 1]).all():
        raise StatisticsError("Labels must be 0 (absent) or 1 (present); say which class is the positive one.")
    if np.isnan(s).any():
        raise StatisticsError(f"{int(np.isnan(s).sum())} of {len(s)} scores are missing; leave those cases out.")
    y = y.astype(bool)
    if y.all() or not y.any():
        raise StatisticsError(f"All {len(y)} cases are of one class; a curve needs both.")
    return y, s


def roc_curve(labels: ArrayLike, scores: ArrayLike) -> Roc:
    """The curve from (0, 0) to (1, 1), one point a distinct score; the first threshold is infinite.

    Args:
        labels: ``(N,)`` 0 or 1.
        scores: ``(N,)``, higher for 1.

    Raises:
        StatisticsError: if a class has no case or a score is missing.

    Example:
        >>> roc_curve([0, 1, 0, 1], [0.1, 0.9, 0.4, 0.35]).true_positive_rate.tolist()
        [0.0, 0.5, 0.5, 1.0, 1.0]
    """
    y, s = labelled_scores(labels, scores)
    true, false, at = _cumulative(y, s)
    start = np.zeros(1)
    return Roc(
        np.concatenate([start, false / false[-1]]),
        np.concatenate([start, true / true[-1]]),
        np.concatenate([[np.inf], at]),
    )


def precision_recall_curve(labels: ArrayLike, scores: ArrayLike) -> PrecisionRecall:
    """Precision against recall, one point a distinct score; see :func:`roc_curve`."""
    y, s = labelled_scores(labels, scores)
    true, false, at = _cumulative(y, s)
    return PrecisionRecall(true / true[-1], true / (true + false), at)


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the precision-recall steps: sum of precision times gain of recall.

    >>> round(average_precision([0, 1, 0, 1], [0.1, 0.9, 0.4, 0.35]), 4)
    0.8333
    """
    curve = precision_recall_curve(labels, scores)
    return float((np.diff(curve.recall, prepend=0.0) * curve.precision).sum())


def auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve, ties counting half.

    >>> auc([0, 1, 0, 1], [0.1, 0.9, 0.4, 0.35])
    0.75
    """
    y, s = labelled_scores(labels, scores)
    return float(_placements(y, s[None])[0][0])


def delong_auc(labels: ArrayLike, scores: ArrayLike, *, confidence: float = 0.95) -> Estimate:
    """AUC with DeLong's interval, on the logit scale so that it stays within 0 and 1.

    Every case counts as a patient of its own; where patients have several cases use
    ``with_bootstrap(auc, labels, scores, patients=...)``.

    Raises:
        StatisticsError: if a class has no case or a score is missing.
    """
    y, s = labelled_scores(labels, scores)
    area, variance = _areas_and_covariance(y, s[None])
    value, error = float(area[0]), float(np.sqrt(variance[0, 0]))
    if not 0.0 < value < 1.0 or not np.isfinite(error):
        return Estimate(value, value if error == 0 else float("nan"), value if error == 0 else float("nan"))
    z = float(special.ndtri((1.0 + confidence) / 2.0))
    half = z * error / (value * (1.0 - value))
    return Estimate(
        value, float(special.expit(special.logit(value) - half)), float(special.expit(special.logit(value) + half))
    )


def delong_test(labels: ArrayLike, first: ArrayLike, second: ArrayLike, *, confidence: float = 0.95) -> Comparison:
    """Do two scores of the same cases differ in AUC?

    Args:
        labels: ``(N,)`` 0 or 1.
        first: ``(N,)`` one score.
        second: ``(N,)`` the other.
        confidence: of the interval.

    Returns:
        Interval, z and p are NaN where a class has one case only.

    Raises:
        StatisticsError: if a class has no case or a score is missing.
    """
    y, a = labelled_scores(labels, first)
    _, b = labelled_scores(labels, second)
    area, covariance = _areas_and_covariance(y, np.stack([a, b]))
    difference = float(area[0] - area[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2.0 * covariance[0, 1])
    error = float(np.sqrt(np.maximum(variance, 0.0)))  # stays NaN where a class has one case
    z = (0.0 if difference == 0 else float(np.copysign(np.inf, difference))) if error == 0 else difference / error
    half = float(special.ndtri((1.0 + confidence) / 2.0)) * error
    p = 2.0 * float(special.ndtr(-abs(z)))
    return Comparison(Estimate(difference, difference - half, difference + half), z, p)


def youden_threshold(labels: ArrayLike, scores: ArrayLike) -> float:
    """Score at which sensitivity + specificity is largest (Youden, Cancer 3:32, 1950): positive at or above it."""
    curve = roc_curve(labels, scores)
    return float(curve.threshold[int(np.argmax(curve.true_positive_rate - curve.false_positive_rate))])


def threshold_at_sensitivity(labels: ArrayLike, scores: ArrayLike, sensitivity: float) -> float:
    """Highest score at which at least this share of the diseased is positive."""
    curve = roc_curve(labels, scores)
    return float(curve.threshold[int(np.argmax(curve.true_positive_rate >= sensitivity - 1e-12))])


def roc_at(labels: ArrayLike, scores: ArrayLike, false_positive_rate: ArrayLike) -> NDArray[np.float64]:
    """True positive rate of the curve at given false positive rates (for a band over bootstrap draws)."""
    curve = roc_curve(labels, scores)
    return np.asarray(
        np.interp(np.asarray(false_positive_rate, float), curve.false_positive_rate, curve.true_positive_rate)
    )


def _cumulative(
    y: NDArray[np.bool_], s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """True and false positives at each distinct score from the highest down."""
    order = np.argsort(-s, kind="stable")
    at = s[order]
    last = np.append(np.flatnonzero(at[1:] != at[:-1]), len(at) - 1)  # infinite scores tie as well
    true = np.cumsum(y[order])[last].astype(float)
    return true, last + 1.0 - true, at[last]


def _midrank(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, equal values sharing their mean rank."""
    _, inverse, count = np.unique(x, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2.0)[inverse])


def _placements(
    y: NDArray[np.bool_], scores: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Areas ``(S,)``; share of the other class that each case beats, ``(S, positive)`` and ``(S, negative)``."""
    m, n = int(y.sum()), int((~y).sum())
    of_positive = np.stack([(_midrank(s)[y] - _midrank(s[y])) / n for s in scores])
    of_negative = np.stack([1.0 - (_midrank(s)[~y] - _midrank(s[~y])) / m for s in scores])
    return of_positive.mean(axis=1), of_positive, of_negative


def _areas_and_covariance(
    y: NDArray[np.bool_], scores: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    area, positive, negative = _placements(y, scores)
    if min(positive.shape[1], negative.shape[1]) < 2:
        return area, np.full((len(scores), len(scores)), np.nan)
    covariance = (
        np.atleast_2d(np.cov(positive)) / positive.shape[1] + np.atleast_2d(np.cov(negative)) / negative.shape[1]
    )
    return area, covariance
