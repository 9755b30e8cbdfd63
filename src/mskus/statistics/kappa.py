"""Agreement of readers in classes and grades beyond chance.

Cohen's kappa (Educ Psychol Meas 20:37, 1960) and its weighted forms (Psychol Bull 70:213, 1968) with the large-sample
variance of Fleiss, Cohen & Everitt (Psychol Bull 72:323, 1969). Quadratic weights give the intraclass correlation of
the grades (Fleiss & Cohen 1973). Several readers: Fleiss' kappa (Psychol Bull 76:378, 1971) with the variance over
cases of Gwet (Br J Math Stat Psychol 61:29, 2008).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from mskus.errors import StatisticsError
from mskus.statistics.estimate import Estimate
from mskus.statistics.ratings import is_missing

Weights = Literal["none", "linear", "quadratic"]
_POWER = {"linear": 1.0, "quadratic": 2.0}


def cohen_kappa(
    a: ArrayLike,
    b: ArrayLike,
    *,
    weights: Weights = "none",
    classes: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Cohen's kappa of two readers, weighted where grades have an order.

    Args:
        a: ``(N,)`` class of each case by one reader.
        b: ``(N,)`` class by the other.
        weights: ``"none"``, or a penalty that grows with the distance of grades or with its square.
        classes: all grades in their order; those met, sorted, where not given. Distances are counted in grades.
        confidence: of the interval.

    Returns:
        1 for perfect agreement, 0 for that of chance; NaN where both readers use one and the same class only.

    Raises:
        StatisticsError: if lengths differ, there are no cases, or a class is not among ``classes``.

    Example:
        >>> cohen_kappa([1, 1, 2, 2, 3], [1, 2, 2, 2, 3], weights="quadratic").value.__round__(3)
        0.8
    """
    table = class_counts(a, b, classes=classes)
    n, k = float(table.sum()), len(table)
    share = table / n
    row, column = share.sum(axis=1), share.sum(axis=0)
    grade = np.arange(k)
    w = np.eye(k) if weights == "none" else 1.0 - (np.abs(grade[:, None] - grade) / max(k - 1, 1)) ** _POWER[weights]
    seen, chance = float((w * share).sum()), float((w * np.outer(row, column)).sum())
    if chance >= 1.0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    kappa = (seen - chance) / (1.0 - chance)
    of_row, of_column = w @ column, row @ w
    term = w - (of_row[:, None] + of_column[None, :]) * (1.0 - kappa)
    variance = ((share * term**2).sum() - (kappa - chance * (1.0 - kappa)) ** 2) / (n * (1.0 - chance) ** 2)
    return _around(kappa, variance, confidence)


def fleiss_kappa(ratings: ArrayLike, *, confidence: float = 0.95) -> Estimate:
    """Fleiss' kappa of several readers on unordered classes.

    Args:
        ratings: ``(n, k)`` class of each case by each reader; None, NaN or "" where one did not read it.
        confidence: of the interval.

    Returns:
        NaN where everybody uses one and the same class.

    Raises:
        StatisticsError: if it is no matrix, or fewer than two cases have two readings.

    Example:
        >>> fleiss_kappa([["a", "a", "a"], ["b", "b", "b"], ["a", "a", "b"]]).value.__round__(2)
        0.55
    """
    table = np.asarray(ratings, dtype=object)
    if table.ndim != 2 or table.shape[1] < 2:
        raise StatisticsError(f"Ratings are needed as cases x readers, two readers or more; got shape {table.shape}.")
    text = np.array([["" if is_missing(v) else str(v) for v in row] for row in table])
    names = np.unique(text[text != ""])
    counts = np.stack([(text == name).sum(axis=1) for name in names], axis=1) if len(names) else np.zeros((0, 0))
    return fleiss_kappa_of_counts(counts, confidence=confidence)


def fleiss_kappa_of_counts(counts: ArrayLike, *, confidence: float = 0.95) -> Estimate:
    """:func:`fleiss_kappa` from ``(n, q)`` counts: how many readers put each case into each class."""
    table = np.asarray(counts, float)
    if table.ndim != 2:
        raise StatisticsError(f"Counts are needed as cases x classes; got shape {table.shape}.")
    table = table[table.sum(axis=1) >= 2]
    n = len(table)
    if n < 2:
        raise StatisticsError(f"{n} case(s) have two readings or more; two such cases are needed.")
    readers = table.sum(axis=1)
    share = (table / readers[:, None]).mean(axis=0)
    seen_by_case = (table * (table - 1.0)).sum(axis=1) / (readers * (readers - 1.0))
    chance_by_case = (table * share).sum(axis=1) / readers
    seen, chance = float(seen_by_case.mean()), float((share**2).sum())
    if chance >= 1.0 - 1e-12:
        return Estimate(float("nan"), float("nan"), float("nan"))
    kappa = (seen - chance) / (1.0 - chance)
    by_case = (seen_by_case - chance) / (1.0 - chance)
    by_case = by_case - 2.0 * (1.0 - kappa) * (chance_by_case - chance) / (1.0 - chance)
    return _around(kappa, float(((by_case - kappa) ** 2).sum() / (n * (n - 1.0))), confidence)


def class_counts(a: ArrayLike, b: ArrayLike, *, classes: ArrayLike | None = None) -> NDArray[np.int64]:
    """``(q, q)`` counts: rows are the classes of ``a``, columns those of ``b``.

    Raises:
        StatisticsError: if lengths differ, there are no cases, one is NaN, or a class is not among ``classes``.
    """
    first, second = np.asarray(a).ravel(), np.asarray(b).ravel()
    if len(first) != len(second) or not len(first):
        raise StatisticsError(f"{len(first)} classes of one reader cannot be paired with {len(second)} of the other.")
    if any(np.isnan(side).any() for side in (first, second) if side.dtype.kind == "f"):
        raise StatisticsError("A class is missing (NaN); leave out the cases that one of the two has not read.")
    both = np.concatenate([first, second])
    if classes is None:
        found, index = np.unique(both, return_inverse=True)
        index = index.reshape(2, -1)
    else:
        found = np.asarray(classes).ravel()
        place = {value: i for i, value in enumerate(found.tolist())}
        unknown = sorted({str(v) for v in both.tolist() if v not in place})
        if unknown:
            raise StatisticsError(f"Class {unknown[0]!r} is not among the classes {', '.join(map(str, found))}.")
        index = np.array([place[v] for v in both.tolist()]).reshape(2, -1)
    counts = np.zeros((len(found), len(found)), np.int64)
    np.add.at(counts, (index[0], index[1]), 1)
    return counts


def _around(kappa: float, variance: float, confidence: float) -> Estimate:
    half = float(special.ndtri((1.0 + confidence) / 2.0)) * float(np.sqrt(max(variance, 0.0)))
    return Estimate(float(kappa), max(kappa - half, -1.0), min(kappa + half, 1.0))
