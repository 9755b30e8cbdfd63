"""Figures of a yes-or-no decision and of several classes, each share with Wilson's interval.

Wilson, J Am Stat Assoc 22:209, 1927; recommended by Newcombe, Stat Med 17:857, 1998. Intervals hold where every case is
a patient of its own; else ``with_bootstrap(sensitivity, labels, decisions, patients=...)``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from mskus.errors import StatisticsError
from mskus.statistics.estimate import Estimate
from mskus.statistics.kappa import class_counts


class Decision(NamedTuple):
    """Figures of a decision between present (1) and absent (0); counts are of cases."""

    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate
    accuracy: Estimate
    balanced_accuracy: float
    f1: float
    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int


def wilson(successes: int, trials: int, *, confidence: float = 0.95) -> Estimate:
    """A share with Wilson's score interval; NaN of nothing.

    Example:
        >>> wilson(81, 263).text(3)
        '0.308 (0.255 to 0.366)'
    """
    if trials < 1:
        return Estimate(float("nan"), float("nan"), float("nan"))
    z2, share = float(special.ndtri((1.0 + confidence) / 2.0)) ** 2, successes / trials
    middle = (share + z2 / (2.0 * trials)) / (1.0 + z2 / trials)
    half = float(np.sqrt(z2 * (share * (1.0 - share) / trials + z2 / (4.0 * trials**2)))) / (1.0 + z2 / trials)
    return Estimate(share, max(middle - half, 0.0), min(middle + half, 1.0))


def decide(labels: ArrayLike, decisions: ArrayLike, *, confidence: float = 0.95) -> Decision:
    """Sensitivity, specificity, predictive values, accuracy and F1 of a decision.

    Args:
        labels: ``(N,)`` 0 or 1, the truth.
        decisions: ``(N,)`` 0 or 1.
        confidence: of the intervals.

    Returns:
        NaN for a share of no cases, such as the sensitivity where nobody is diseased.

    Raises:
        StatisticsError: if lengths differ, there are no cases, or a value is not 0 or 1.

    Example:
        >>> decide([1, 1, 1, 0], [1, 1, 0, 0]).sensitivity.value.__round__(2)
        0.67
    """
    (tn, fp), (fn, tp) = class_counts(
        np.asarray(labels).astype(float), np.asarray(decisions).astype(float), classes=[0.0, 1.0]
    ).tolist()
    sensitivity, specificity = wilson(tp, tp + fn, confidence=confidence), wilson(tn, tn + fp, confidence=confidence)
    return Decision(
        sensitivity=sensitivity,
        specificity=specificity,
        ppv=wilson(tp, tp + fp, confidence=confidence),
        npv=wilson(tn, tn + fn, confidence=confidence),
        accuracy=wilson(tp + tn, tp + tn + fp + fn, confidence=confidence),
        balanced_accuracy=(sensitivity.value + specificity.value) / 2.0,
        f1=2.0 * tp / (2.0 * tp + fp + fn) if tp + fp + fn else float("nan"),
        true_positive=tp,
        false_positive=fp,
        false_negative=fn,
        true_negative=tn,
    )


def sensitivity(labels: ArrayLike, decisions: ArrayLike) -> float:
    """Share of the diseased that are found, for a bootstrap by patient."""
    return decide(labels, decisions).sensitivity.value


def specificity(labels: ArrayLike, decisions: ArrayLike) -> float:
    """Share of the healthy that are cleared, for a bootstrap by patient."""
    return decide(labels, decisions).specificity.value


def confusion_matrix(
    truth: ArrayLike, predicted: ArrayLike, *, classes: ArrayLike | None = None
) -> tuple[NDArray[np.int64], NDArray[np.generic]]:
    """``(q, q)`` counts, rows the true and columns the predicted class, and the classes in their order.

    Raises:
        StatisticsError: if lengths differ, there are no cases, or a class is not among ``classes``.
    """
    names = (
        np.unique(np.concatenate([np.ravel(truth), np.ravel(predicted)])) if classes is None else np.asarray(classes)
    )
    return class_counts(truth, predicted, classes=names), names


def balanced_accuracy(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Mean over the true classes of the share recognised (macro recall); 1 / q is chance.

    >>> balanced_accuracy(["a", "a", "a", "b"], ["a", "a", "b", "b"]).__round__(3)
    0.833
    """
    counts, _ = confusion_matrix(truth, predicted)
    total = counts.sum(axis=1)
    return float((np.diag(counts)[total > 0] / total[total > 0]).mean())


def macro_f1(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Mean over the classes of F1.

    >>> macro_f1(["a", "a", "a", "b"], ["a", "a", "b", "b"]).__round__(3)
    0.733
    """
    counts, _ = confusion_matrix(truth, predicted)
    return float((2.0 * np.diag(counts) / (counts.sum(axis=0) + counts.sum(axis=1))).mean())


def accuracy(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Share recognised.

    Raises:
        StatisticsError: if lengths differ or there are no cases.
    """
    a, b = np.ravel(truth), np.ravel(predicted)
    if len(a) != len(b) or not len(a):
        raise StatisticsError(f"{len(a)} true classes cannot be paired with {len(b)} predicted ones.")
    return float((a == b).mean())
