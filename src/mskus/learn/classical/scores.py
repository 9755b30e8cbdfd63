"""Figures of a classification, each with an interval that draws whole patients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.statistics import Estimate, bootstrap

Probabilities = NDArray[np.float64]
Indices = NDArray[np.intp]
Figure = Callable[[Indices, Probabilities, Indices], float]


def area_under_curve(positive: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Area under the ROC curve by ranks, ties counted half (Mann & Whitney 1947); NaN where one class is missing.

    Example:
        >>> area_under_curve(np.array([False, True, False, True]), np.array([0.1, 0.9, 0.4, 0.4]))
        0.875
    """
    from scipy.stats import rankdata

    n_positive = int(np.count_nonzero(positive))
    n_negative = len(positive) - n_positive
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    ranks = rankdata(score)[positive].sum()
    return float((ranks - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def auc(y: Indices, probabilities: Probabilities) -> float:
    """Area under the ROC curve; for more than two classes the mean of each against the rest (those present)."""
    columns = range(probabilities.shape[1]) if probabilities.shape[1] > 2 else (1,)
    areas = [area_under_curve(y == c, probabilities[:, c]) for c in columns]
    known = [area for area in areas if area == area]
    return float(np.mean(known)) if known else float("nan")


def brier(y: Indices, probabilities: Probabilities) -> float:
    """Mean squared error of the probability of the second class; for more classes the sum over all (Brier 1950)."""
    if probabilities.shape[1] == 2:
        return float(np.mean((probabilities[:, 1] - (y == 1)) ** 2))
    truth = y[:, None] == np.arange(probabilities.shape[1])[None, :]
    return float(np.mean(((probabilities - truth) ** 2).sum(1)))


def recalls(y: Indices, predicted: Indices, n_classes: int) -> NDArray[np.float64]:
    """``(C,)`` share of each class that was found; NaN for a class without rows."""
    rows = np.bincount(y, minlength=n_classes).astype(np.float64)
    right = np.bincount(y[y == predicted], minlength=n_classes).astype(np.float64)
    return np.divide(right, rows, out=np.full(n_classes, np.nan), where=rows > 0)


def figures(n_classes: int) -> dict[str, Figure]:
    """What a classification is judged by; class 1 of two is the positive one.

    Each takes true class numbers, probabilities and predicted class numbers.
    """

    def mean_recall(y: Indices, _: Probabilities, predicted: Indices) -> float:
        found = recalls(y, predicted, n_classes)
        return float(found[np.isfinite(found)].mean())

    def accuracy(y: Indices, _: Probabilities, predicted: Indices) -> float:
        return float(np.mean(y == predicted))

    judged: dict[str, Figure] = {
        "AUC": lambda y, p, _: auc(y, p),
        "accuracy": accuracy,
        "balanced accuracy": mean_recall,
    }
    if n_classes == 2:
        judged["sensitivity"] = lambda y, _, predicted: float(recalls(y, predicted, 2)[1])
        judged["specificity"] = lambda y, _, predicted: float(recalls(y, predicted, 2)[0])
    judged["Brier score"] = lambda y, p, _: brier(y, p)
    return judged


def scores(
    y: Indices, probabilities: Probabilities, predicted: NDArray[np.intp], patients: ArrayLike, *, seed: int = 0
) -> dict[str, Estimate]:
    """All figures with 95 % intervals.

    Args:
        y: ``(N,)`` true class numbers.
        probabilities: ``(R, N, C)`` of every repeat of the cross-validation.
        predicted: ``(R, N)`` class numbers of every repeat.
        patients: ``(N,)`` drawn as a whole by the bootstrap.
        seed: of the bootstrap.

    Returns:
        By name; a figure is the mean of the repeats.
    """

    def over_repeats(figure: Figure) -> Callable[[Indices], float]:
        return lambda rows: float(
            np.mean([figure(y[rows], p[rows], d[rows]) for p, d in zip(probabilities, predicted, strict=True)])
        )

    return {
        name: bootstrap(over_repeats(figure), patients, repeats=500, seed=seed)
        for name, figure in figures(probabilities.shape[2]).items()
    }
