"""All figures of agreement between readers of the same cases, in one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import StatisticsError
from mskus.statistics.bland_altman import BlandAltman, bland_altman
from mskus.statistics.concordance import ccc, concordance
from mskus.statistics.estimate import Estimate, bootstrap
from mskus.statistics.icc import icc, icc_table
from mskus.statistics.kappa import Weights, cohen_kappa, fleiss_kappa
from mskus.statistics.ratings import is_missing
from mskus.statistics.repeatability import repeatability

_LEAST_CASES = 3

Kind = Literal["continuous", "ordinal", "nominal"]


class AgreementRow(NamedTuple):
    """One figure.

    Attributes:
        between: readers it is of, ``"A - B"`` or ``"all"``.
        figure: its name.
        estimate: with the interval of its own theory, which takes every case for independent.
        by_patient: with the bootstrap by patient, where that was asked for.
        n: cases that all these readers read.
        note: what the figure means.
    """

    between: str
    figure: str
    estimate: Estimate
    by_patient: Estimate | None
    n: int
    note: str = ""


def agreement(
    ratings: ArrayLike,
    *,
    readers: Sequence[str],
    kind: Kind = "continuous",
    patients: ArrayLike | None = None,
    grades: Sequence[str] | None = None,
    repeats: int = 1000,
) -> list[AgreementRow]:
    """Figures of all readers together and of every pair; those of fewer than three shared cases are left out.

    Args:
        ratings: ``(n, k)`` value, grade or class of each case by each reader; NaN (None for classes) where missing.
        readers: k names.
        kind: ``"continuous"`` (ICC, limits, CCC, SEM), ``"ordinal"`` (weighted kappa) or ``"nominal"`` (kappa).
        patients: ``(n,)`` who each case is of, for the bootstrap and for limits of agreement with repeats.
        grades: all grades in their order, for ``"ordinal"``; needed where there are three or more and not numbers.
        repeats: bootstrap draws; 0 for none.

    Raises:
        StatisticsError: if there are fewer than two readers, no two of them share three cases, or the order of grades
            is not known.
    """
    table = np.asarray(ratings, dtype=float if kind == "continuous" else object)
    if table.ndim != 2 or table.shape[1] < 2 or table.shape[1] != len(readers):
        raise StatisticsError(f"Ratings of two named readers or more are needed; got shape {table.shape}.")
    who = np.arange(len(table)) if patients is None else np.asarray(patients)
    if kind == "continuous":
        return _continuous(table, list(readers), who, patients is not None, repeats)
    order = list(grades) if grades else _in_order(table, ordinal=kind == "ordinal")
    return _classes(table, list(readers), who, kind, order, repeats)


def _continuous(
    table: NDArray[np.float64], readers: list[str], who: NDArray[np.generic], named: bool, repeats: int
) -> list[AgreementRow]:
    seen = np.isfinite(table)
    rows = _together(table[seen.all(axis=1)], who[seen.all(axis=1)], repeats)
    for i, j in shared_pairs(seen, readers):
        rows += _pair(table[:, i], table[:, j], f"{readers[i]} - {readers[j]}", who if named else None, repeats)
    return rows


def shared_pairs(seen: NDArray[np.bool_], readers: list[str]) -> list[tuple[int, int]]:
    """Pairs of readers with three cases in common or more, from ``(n, k)`` what each has read.

    Raises:
        StatisticsError: if there is no such pair.
    """
    pairs = [(i, j) for i, j in combinations(range(len(readers)), 2) if (seen[:, i] & seen[:, j]).sum() >= _LEAST_CASES]
    if not pairs:
        raise StatisticsError(f"No two of the readers {', '.join(readers)} read {_LEAST_CASES} cases in common.")
    return pairs


def _together(x: NDArray[np.float64], group: NDArray[np.generic], repeats: int) -> list[AgreementRow]:
    """Figures of all readers, from the cases that all of them read."""
    if len(x) < _LEAST_CASES:
        return []
    rows = []
    for form in icc_table(x):

        def again(i: NDArray[np.intp], name: str = form.name) -> float:
            return icc(x[i], name).value

        rows.append(
            AgreementRow(
                "all",
                f"{form.name} = {form.mcgraw_wong}",
                form.estimate,
                _drawn(again, group, repeats),
                len(x),
                f"{form.meaning}; F({form.df[0]:g}, {form.df[1]:g}) = {form.f:.3g}, p = {form.p:.2g}",
            )
        )
    case = np.repeat(np.arange(len(x)), x.shape[1])
    spread = repeatability(case, x.ravel())
    return rows + [
        AgreementRow("all", "SEM", spread.sem, None, len(x), "standard error of measurement between readers"),
        AgreementRow("all", "MDC", spread.mdc, None, len(x), "smallest change of two readings that is real"),
        AgreementRow("all", "CV %", spread.cv_percent, None, len(x), "coefficient of variation"),
    ]


def limits_of_pair(a: ArrayLike, b: ArrayLike, *, patients: ArrayLike | None = None) -> BlandAltman:
    """:func:`bland_altman` that takes the pairs for independent where all are of one patient.

    Raises:
        StatisticsError: if fewer than three pairs remain.
    """
    shared = np.isfinite(np.asarray(a, float)) & np.isfinite(np.asarray(b, float))
    several = patients is not None and len(np.unique(np.asarray(patients)[shared])) > 1
    return bland_altman(a, b, patients=patients if several else None)


def _pair(
    a: NDArray[np.float64], b: NDArray[np.float64], between: str, who: NDArray[np.generic] | None, repeats: int
) -> list[AgreementRow]:
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    group = np.arange(len(a)) if who is None else who[known]
    found = limits_of_pair(a, b, patients=who if who is None else group)
    slope, lin = found.proportional, concordance(a, b)
    n = found.n

    def limit(side: float) -> Callable[[NDArray[np.intp]], float]:
        return lambda i: float((a[i] - b[i]).mean() + side * 1.96 * (a[i] - b[i]).std(ddof=1))

    how = "exact" if found.n_patients == n else f"{found.n_patients} patients with repeats"
    if who is not None and len(np.unique(group)) < 2:
        how = "all of one patient: says nothing of others"
    return [
        AgreementRow(between, "bias", found.bias, _drawn(lambda i: float((a[i] - b[i]).mean()), group, repeats), n),
        AgreementRow(between, "lower limit of agreement", found.lower, _drawn(limit(-1), group, repeats), n, how),
        AgreementRow(between, "upper limit of agreement", found.upper, _drawn(limit(1), group, repeats), n, how),
        AgreementRow(
            between, "proportional bias (slope)", slope.slope, None, n, f"p = {slope.p:.2g}; difference on mean"
        ),
        AgreementRow(
            between,
            "CCC",
            lin.estimate,
            _drawn(lambda i: ccc(a[i], b[i]), group, repeats),
            n,
            f"precision {lin.precision:.3f}, accuracy {lin.accuracy:.3f}",
        ),
    ]


def _classes(
    table: NDArray[np.object_],
    readers: list[str],
    who: NDArray[np.generic],
    kind: Kind,
    order: list[str],
    repeats: int,
) -> list[AgreementRow]:
    rows = []
    said = np.array([["" if is_missing(v) else _text(v) for v in row] for row in table], dtype=object)
    if len(readers) > 2 or kind == "nominal":
        rows.append(
            AgreementRow(
                "all",
                "Fleiss' kappa",
                fleiss_kappa(said),
                _drawn(lambda i: fleiss_kappa(said[i]).value, who, repeats),
                len(said),
                "classes without order",
            )
        )
    weightings: tuple[Weights, ...] = ("none", "linear", "quadratic") if kind == "ordinal" else ("none",)
    for i, j in shared_pairs(said != "", readers):
        both = (said[:, i] != "") & (said[:, j] != "")
        a, b, group = said[both, i].astype(str), said[both, j].astype(str), who[both]
        for weights in weightings:

            def again(
                rows: NDArray[np.intp],
                a: NDArray[np.str_] = a,
                b: NDArray[np.str_] = b,
                weights: Weights = weights,
            ) -> float:
                return cohen_kappa(a[rows], b[rows], weights=weights, classes=order).value

            found = cohen_kappa(a, b, weights=weights, classes=order)
            name = "Cohen's kappa" if weights == "none" else f"kappa, {weights} weights"
            between = f"{readers[i]} - {readers[j]}"
            rows.append(
                AgreementRow(
                    between,
                    name,
                    found,
                    _drawn(again, group, repeats),
                    len(a),
                    f"{100 * float((a == b).mean()):.0f} % alike; grades {', '.join(order)}",
                )
            )
    return rows


def _drawn(figure: Callable[[NDArray[np.intp]], float], group: NDArray[np.generic], repeats: int) -> Estimate | None:
    return bootstrap(figure, group, repeats=repeats) if repeats else None


def _in_order(table: NDArray[np.object_], *, ordinal: bool) -> list[str]:
    names = {_text(v) for v in table.ravel().tolist() if not is_missing(v)}
    try:
        return sorted(names, key=float)
    except ValueError as error:
        if ordinal and len(names) > 2:  # the alphabet puts mild before none
            raise StatisticsError(
                f"Give the grades {', '.join(sorted(names))} in their order (--grades); words do not tell it."
            ) from error
        return sorted(names)


def _text(value: object) -> str:
    """Grade 2.0 of a column with gaps is grade 2."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
