"""Decisions: from the probabilities of a picture to a class, and from several pictures to one answer a patient."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.learn.classical.recipe import PatientRule
from mskus.statistics import roc_curve

Probabilities = NDArray[np.float64]
Indices = NDArray[np.intp]


def decide(probabilities: Probabilities, *, threshold: float = 0.5) -> Indices:
    """``(N,)`` class numbers: of two classes the second at or above the threshold, of more the most probable.

    Example:
        >>> decide(np.array([[0.7, 0.3], [0.55, 0.45]]), threshold=0.4)
        array([0, 1])
    """
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(np.intp)
    return np.argmax(probabilities, axis=1)


def best_threshold(y: Indices, probabilities: Probabilities) -> float:
    """Threshold of highest balanced accuracy (Youden 1950, Cancer 3:32), midway between its neighbours.

    Among equally good ones the nearest to one half; 0.5 where there are more than two classes or one class only.

    Args:
        y: ``(N,)`` class numbers.
        probabilities: ``(N, C)`` of rows that were not trained on.

    Example:
        >>> p = np.array([0.1, 0.2, 0.3, 0.4])
        >>> float(round(best_threshold(np.array([0, 0, 1, 1]), np.stack([1 - p, p], axis=1)), 3))
        0.25
    """
    if probabilities.shape[1] != 2 or len(np.unique(y)) < 2:
        return 0.5
    curve = roc_curve(y, probabilities[:, 1])
    gain = curve.true_positive_rate - curve.false_positive_rate
    middles = (curve.threshold[1:-1] + curve.threshold[2:]) / 2  # of each distinct score and the next lower one
    if not len(middles):
        return 0.5
    good = middles[np.isclose(gain[1:-1], gain[1:-1].max())]
    return float(good[np.argmin(np.abs(good - 0.5))])


def by_patient(
    probabilities: Probabilities, patients: NDArray[Any], *, rule: PatientRule = "mean", threshold: float = 0.5
) -> tuple[NDArray[Any], Probabilities]:
    """One row a patient.

    Args:
        probabilities: ``(N, C)`` of the pictures.
        patients: ``(N,)`` who.
        rule: ``"mean"`` of the probabilities; ``"max"``: those of the picture with the highest probability of the last
            class (one affected picture makes an affected patient); ``"majority"``: share of pictures decided for each.
        threshold: of the pictures, for ``"majority"``.

    Returns:
        ``(P,)`` patients in sorted order and their ``(P, C)`` probabilities.

    Example:
        >>> p = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
        >>> by_patient(p, np.array(["a", "a", "b"]), rule="max")[1]
        array([[0.4, 0.6],
               [0.2, 0.8]])
    """
    who, inverse = np.unique(patients, return_inverse=True)
    if rule == "max":
        order = np.argsort(probabilities[:, -1], kind="stable")
        top = np.zeros(len(who), np.intp)
        top[inverse[order]] = order  # the last written is the highest
        return who, probabilities[top]
    if rule == "majority":
        voted = decide(probabilities, threshold=threshold)
        probabilities = np.eye(probabilities.shape[1])[voted]
    total = np.zeros((len(who), probabilities.shape[1]))
    np.add.at(total, inverse, probabilities)
    return who, total / np.bincount(inverse)[:, None]
