"""All figures of a classifier in one table: how well scores part two classes, and how often a class is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import StatisticsError
from mskus.statistics.calibration import brier, expected_calibration_error, recalibration
from mskus.statistics.confusion import accuracy, balanced_accuracy, decide, macro_f1, wilson
from mskus.statistics.estimate import Estimate, with_bootstrap
from mskus.statistics.kappa import cohen_kappa
from mskus.statistics.paired_tests import mcnemar
from mskus.statistics.ratings import is_missing
from mskus.statistics.roc import auc, average_precision, delong_auc, delong_test, labelled_scores


class AccuracyRow(NamedTuple):
    """One figure.

    Attributes:
        of: the score, or ``"A - B"`` for a comparison.
        figure: its name.
        estimate: with the interval of its own theory, which takes every row for independent; NaN ends where none.
        by_patient: with the bootstrap by patient.
        note: what the figure means, and the p of a comparison.
    """

    of: str
    figure: str
    estimate: Estimate
    by_patient: Estimate | None
    note: str = ""


def judge_scores(
    labels: ArrayLike,
    scores: Mapping[str, ArrayLike],
    *,
    patients: ArrayLike | None = None,
    threshold: float = 0.5,
    repeats: int = 1000,
) -> list[AccuracyRow]:
    """Figures of each score of the same cases, and of every pair of scores.

    Calibration is judged where a score lies between 0 and 1.

    Args:
        labels: ``(N,)`` 0 or 1.
        scores: ``(N,)`` each by name, higher for 1.
        patients: ``(N,)`` who, for the bootstrap; every row its own where not given.
        threshold: positive at or above it.
        repeats: bootstrap draws; 0 for none.

    Raises:
        StatisticsError: if a class has no case, a score is missing or lengths differ.
    """
    rows, columns = [], {}
    for name, given in scores.items():
        y, columns[name] = labelled_scores(labels, given)
    for name, s in columns.items():
        rows += _of_score(name, y, s, patients, threshold, repeats)
    for a, b in combinations(columns, 2):
        rows += _compared(a, b, y, columns[a], columns[b], patients, threshold, repeats)
    return rows


def judge_classes(
    truth: ArrayLike, predicted: ArrayLike, *, patients: ArrayLike | None = None, repeats: int = 1000
) -> list[AccuracyRow]:
    """Figures of predicted classes, two or more.

    Args:
        truth: ``(N,)`` true class.
        predicted: ``(N,)`` predicted class.
        patients: ``(N,)`` who, for the bootstrap; every row its own where not given.
        repeats: bootstrap draws; 0 for none.

    Raises:
        StatisticsError: if lengths differ or there are no cases.
    """
    y, c = np.asarray(truth).astype(str), np.asarray(predicted).astype(str)
    value = accuracy(y, c)

    def kappa(a: NDArray[np.str_], b: NDArray[np.str_]) -> float:
        return cohen_kappa(a, b).value

    rows = [_row("classes", "accuracy", wilson(round(value * len(y)), len(y)), accuracy, y, c, patients, repeats)]
    for figure, name in ((balanced_accuracy, "balanced accuracy"), (macro_f1, "macro F1")):
        rows.append(_row("classes", name, _alone(figure(y, c)), figure, y, c, patients, repeats))
    rows.append(_row("classes", "Cohen's kappa", cohen_kappa(y, c), kappa, y, c, patients, repeats))
    for one in np.unique(y):
        is_one, said_one = y == one, c == one
        found = wilson(int((is_one & said_one).sum()), int(is_one.sum()))

        def recall(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
            return float(b[a].mean()) if a.any() else float("nan")

        rows.append(_row(str(one), "recognised", found, recall, is_one, said_one, patients, repeats))
    return rows


def _of_score(
    name: str,
    y: NDArray[np.bool_],
    s: NDArray[np.float64],
    patients: ArrayLike | None,
    threshold: float,
    repeats: int,
) -> list[AccuracyRow]:
    rows = [
        _row(name, "AUC", delong_auc(y, s), auc, y, s, patients, repeats, "interval: DeLong, logit"),
        _row(
            name,
            "average precision",
            _alone(average_precision(y, s)),
            average_precision,
            y,
            s,
            patients,
            repeats,
            f"share of positives {y.mean():.3f}",
        ),
    ]
    at = decide(y, s >= threshold)
    for field in ("sensitivity", "specificity", "ppv", "npv", "accuracy", "balanced_accuracy", "f1"):
        found = getattr(at, field)

        def again(a: NDArray[np.bool_], b: NDArray[np.float64], field: str = field) -> float:
            value = getattr(decide(a, b >= threshold), field)
            return value.value if isinstance(value, Estimate) else value

        estimate = found if isinstance(found, Estimate) else _alone(found)
        label = field.upper() if field in {"ppv", "npv", "f1"} else field.replace("_", " ")
        rows.append(_row(name, label, estimate, again, y, s, patients, repeats, f"positive from {threshold:g}"))
    if s.min() >= 0.0 and s.max() <= 1.0:
        fit = recalibration(y, s)
        rows += [
            _row(name, "Brier score", _alone(brier(y, s)), brier, y, s, patients, repeats, "0 is perfect"),
            _row(
                name,
                "expected calibration error",
                _alone(expected_calibration_error(y, s)),
                expected_calibration_error,
                y,
                s,
                patients,
                repeats,
                "10 bins of equal width",
            ),
            AccuracyRow(name, "calibration slope", fit.slope, None, "1 is perfect; below 1: too extreme"),
            AccuracyRow(name, "calibration intercept", fit.intercept, None, "0 is perfect; above 0: chances too low"),
        ]
    return rows


def _compared(
    name_a: str,
    name_b: str,
    y: NDArray[np.bool_],
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    patients: ArrayLike | None,
    threshold: float,
    repeats: int,
) -> list[AccuracyRow]:
    test, of = delong_test(y, a, b), f"{name_a} - {name_b}"
    drawn = None
    if repeats:
        drawn = with_bootstrap(lambda t, p, q: auc(t, p) - auc(t, q), y, a, b, patients=patients, repeats=repeats)
    right = mcnemar(y, a >= threshold, b >= threshold)
    more = Estimate((right.only_first - right.only_second) / len(y), float("nan"), float("nan"))
    return [
        AccuracyRow(of, "difference of AUC", test.difference, drawn, f"DeLong p = {test.p:.2g}"),
        AccuracyRow(
            of,
            "difference of accuracy",
            more,
            None,
            f"only first right {right.only_first}, only second {right.only_second}; McNemar exact p = {right.p:.2g}",
        ),
    ]


def _row(
    of: str,
    name: str,
    estimate: Estimate,
    figure: Callable[..., float],
    first: NDArray[np.generic],
    second: NDArray[np.generic],
    patients: ArrayLike | None,
    repeats: int,
    note: str = "",
) -> AccuracyRow:
    drawn = with_bootstrap(figure, first, second, patients=patients, repeats=repeats) if repeats else None
    return AccuracyRow(of, name, estimate, drawn, note)


def _alone(value: float) -> Estimate:
    """A figure whose interval is the bootstrap's only."""
    return Estimate(float(value), float("nan"), float("nan"))


def positive_labels(labels: ArrayLike, positive: object | None = None) -> NDArray[np.int64]:
    """A column of classes as 0 and 1, one of them against the rest.

    Args:
        labels: ``(N,)`` of any type.
        positive: the class that is 1; not needed where the classes are 0 and 1.

    Raises:
        StatisticsError: if a label is missing, or it is not clear which class is positive.

    Example:
        >>> positive_labels(["ill", "well", "ill"], "ill").tolist()
        [1, 0, 1]
    """
    column = np.asarray(labels)
    missing = sum(is_missing(value) for value in column.tolist())
    if missing:
        raise StatisticsError(f"{missing} of {len(column)} labels are missing; leave those cases out.")
    names = [str(v) for v in np.unique(column.astype(str)).tolist()]
    if positive is None:
        if set(names) <= {"0", "1", "0.0", "1.0", "False", "True"}:
            return np.isin(column.astype(str), ["1", "1.0", "True"]).astype(np.int64)
        raise StatisticsError(f"Which of the classes {', '.join(names)} is the positive one? Name it (--positive).")
    if str(positive) not in names:
        raise StatisticsError(f"There is no class {str(positive)!r}; the classes are {', '.join(names)}.")
    return (column.astype(str) == str(positive)).astype(np.int64)
