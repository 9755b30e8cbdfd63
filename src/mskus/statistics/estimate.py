"""A figure with its 95 % interval, and the bootstrap that draws whole patients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import StatisticsError


class Estimate(NamedTuple):
    """A figure with its 95 % interval.

    Attributes:
        value: the figure.
        low: lower end of the interval.
        high: upper end of the interval.
        skipped: share of bootstrap draws in which the figure was not defined (as in a draw with one class only).
    """

    value: float
    low: float
    high: float
    skipped: float = 0.0

    def text(self, digits: int = 2) -> str:
        """``1.23 (1.10 to 1.40)``."""
        return f"{self.value:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def bootstrap(
    figure: Callable[[NDArray[np.intp]], float],
    groups: ArrayLike,
    *,
    repeats: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Percentile bootstrap that draws whole groups (patients), after Efron & Tibshirani 1993, ch. 13.

    A draw in which the figure is NaN or raises :class:`~mskus.errors.StatisticsError` is left out and counted.

    Args:
        figure: maps row indices to the figure.
        groups: ``(N,)`` group of each row; rows of one group are drawn together.
        repeats: number of draws.
        seed: of the draws.

    Returns:
        The figure of all rows with the 2.5 and 97.5 percentiles of the draws; these are NaN for one group alone, of
        which all draws are the same, and where no draw defines the figure.

    Raises:
        StatisticsError: if there are no rows.
    """
    who = np.asarray(groups)
    if not len(who):
        raise StatisticsError("There are no rows to draw from.")
    value = float(figure(np.arange(len(who))))
    if (who == who[0]).all():
        return Estimate(value, float("nan"), float("nan"))
    draws = np.array([_or_nan(figure, rows) for rows in draws_by_group(who, repeats=repeats, seed=seed)])
    known = draws[~np.isnan(draws)]
    low, high = _percentiles(known) if known.size else (np.nan, np.nan)
    return Estimate(value, float(low), float(high), 1.0 - known.size / max(len(draws), 1))


def draws_by_group(groups: ArrayLike, *, repeats: int = 1000, seed: int = 0) -> Iterator[NDArray[np.intp]]:
    """Row indices of each bootstrap draw of whole groups, as many groups as there are."""
    labels, inverse = np.unique(np.asarray(groups), return_inverse=True)
    members = [np.flatnonzero(inverse == g) for g in range(len(labels))]
    rng = np.random.default_rng(seed)
    for _ in range(repeats):
        yield np.concatenate([members[g] for g in rng.integers(0, len(members), len(members))])


def with_bootstrap(
    figure: Callable[..., float],
    *columns: ArrayLike,
    patients: ArrayLike | None = None,
    repeats: int = 1000,
    seed: int = 0,
) -> Estimate:
    """Any figure of this room with its bootstrap interval by patient.

    Args:
        figure: takes the columns, such as :func:`~mskus.statistics.rmse` or :func:`~mskus.statistics.auc`.
        columns: arrays whose first axis are the rows.
        patients: ``(N,)`` who each row belongs to; every row its own where not given.
        repeats: number of draws.
        seed: of the draws.

    Raises:
        StatisticsError: if the columns differ in length, or there are no rows.

    Example:
        >>> from mskus.statistics import rmse
        >>> with_bootstrap(rmse, [3.0, 4.0], [0.0, 0.0], patients=["a", "b"]).text(1)
        '3.5 (3.0 to 4.0)'
    """
    arrays: list[NDArray[Any]] = [np.asarray(column) for column in columns]
    groups = np.arange(len(arrays[0])) if patients is None else np.asarray(patients)
    lengths = {len(array) for array in arrays} | {len(groups)}
    if len(lengths) > 1:
        raise StatisticsError(f"Columns and patients differ in length: {', '.join(map(str, sorted(lengths)))} rows.")
    return bootstrap(lambda rows: figure(*(array[rows] for array in arrays)), groups, repeats=repeats, seed=seed)


def _or_nan(figure: Callable[[NDArray[np.intp]], float], rows: NDArray[np.intp]) -> float:
    try:
        return float(figure(rows))
    except StatisticsError:
        return float("nan")


def _percentiles(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """2.5 and 97.5; infinite where the neighbouring draws are, between which nothing can be interpolated."""
    with np.errstate(invalid="ignore"):
        ends = np.percentile(draws, [2.5, 97.5])
    return np.where(np.isnan(ends), np.percentile(draws, [2.5, 97.5], method="higher"), ends)
