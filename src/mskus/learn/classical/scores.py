"""Figures of a classification, each with an interval that draws whole patients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus import statistics
from mskus.statistics import Estimate, bootstrap

Probabilities = NDArray[np.float64]
Indices = NDArray[np.intp]
Figure = Callable[[Indices, Probabilities, Indices], float]


def auc(y: Indices, probabilities: Probabilities) -> float:
    """Area under the ROC curve; for more than two classes the mean of each against the rest, of those that can be had.

    Args:
        y: ``(N,)`` class numbers.
        probabilities: ``(N, C)`` or any scores; of two classes the second column counts.

    Returns:
        NaN where all rows are of one class.
    """
    columns = range(probabilities.shape[1]) if probabilities.shape[1] > 2 else (1,)
    areas = [statistics.auc(y == c, probabilities[:, c]) for c in columns if 0 < np.count_nonzero(y == c) < len(y)]
    return float(np.mean(areas)) if areas else float("nan")


def brier(y: Indices, probabilities: Probabilities) -> float:
    """Mean squared error of the probability of the second class; of more classes the sum over all (Brier 1950)."""
    truth = y[:, None] == np.arange(probabilities.shape[1])[None, :]
    squares = ((probabilities - truth) ** 2).mean(0)
    return float(squares[1] if len(squares) == 2 else squares.sum())


def figures(n_classes: int) -> dict[str, Figure]:
    """What a classification is judged by; class 1 of two is the positive one.

    Each takes true class numbers, probabilities and predicted class numbers.
    """
    judged: dict[str, Figure] = {
        "AUC": lambda y, p, _: auc(y, p),
        "accuracy": lambda y, _, predicted: statistics.accuracy(y, predicted),
        "balanced accuracy": lambda y, _, predicted: statistics.balanced_accuracy(y, predicted),
    }
    if n_classes == 2:
        judged["sensitivity"] = lambda y, _, predicted: statistics.sensitivity(y, predicted)
        judged["specificity"] = lambda y, _, predicted: statistics.specificity(y, predicted)
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
