"""Rare classes: rows weighted, or whole patients of the rare class drawn again."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.learn.classical.recipe import Imbalance

Indices = NDArray[np.intp]


def balanced_weights(y: Indices) -> NDArray[np.float64]:
    """``(N,)`` weights by which every class counts the same; their mean is 1 (King & Zeng 2001, Polit Anal 9:137).

    Example:
        >>> balanced_weights(np.array([0, 0, 0, 1]))
        array([0.66666667, 0.66666667, 0.66666667, 2.        ])
    """
    present, inverse, counts = np.unique(y, return_inverse=True, return_counts=True)
    return (len(y) / (len(present) * counts))[inverse]


def oversampled(y: Indices, groups: NDArray[Any], *, seed: int = 0) -> Indices:
    """Rows with those of rare classes repeated, whole patients at a time, until the classes are about equal.

    Args:
        y: ``(N,)`` class numbers.
        groups: ``(N,)`` patients.
        seed: of the draws.

    Returns:
        Row indices: all rows once, then the repeated ones. A class falls short by less than one patient's rows.
    """
    rng = np.random.default_rng(seed)
    present, counts = np.unique(y, return_counts=True)
    rows = [np.arange(len(y))]
    for c, count in zip(present, counts, strict=True):
        who = np.unique(groups[y == c])
        wanted = int(counts.max() - count)
        while wanted > 0:
            again = np.flatnonzero((groups == rng.choice(who)) & (y == c))
            if len(again) > wanted:
                break
            rows.append(again)
            wanted -= len(again)
    return np.concatenate(rows)


def fit_balanced(
    classifier: Any, X: NDArray[np.float64], y: Indices, groups: NDArray[Any], *, how: Imbalance, seed: int = 0
) -> Any:
    """Fit with the classes balanced as asked; a classifier that takes no weights is given repeated patients instead.

    Args:
        classifier: unfitted.
        X: ``(N, F)``.
        y: ``(N,)`` class numbers.
        groups: ``(N,)`` patients.
        how: see :class:`mskus.learn.classical.recipe.Recipe`.
        seed: of the draws.

    Returns:
        The classifier, fitted.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils.validation import has_fit_parameter

    with warnings.catch_warnings():
        # A solver stopped early is one more regularised candidate, which the inner folds judge like any other.
        warnings.simplefilter("ignore", ConvergenceWarning)
        if how == "none":
            return classifier.fit(X, y)
        if how == "weights" and has_fit_parameter(classifier, "sample_weight"):
            return classifier.fit(X, y, sample_weight=balanced_weights(y))
        rows = oversampled(y, groups, seed=seed)
        return classifier.fit(X[rows], y[rows])
