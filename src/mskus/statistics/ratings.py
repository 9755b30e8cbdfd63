"""What several readers said of the same cases, as a matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import StatisticsError


def complete_ratings(ratings: ArrayLike, *, least_cases: int = 2, least_readers: int = 2) -> NDArray[np.float64]:
    """``(n, k)`` ratings without the cases that a reader left out.

    Args:
        ratings: ``(n, k)`` value of each case by each reader, NaN where it is missing.
        least_cases: how many complete cases are needed.
        least_readers: how many readers are needed.

    Raises:
        StatisticsError: if it is no matrix, or too few readers or complete cases remain.
    """
    table = np.asarray(ratings, float)
    if table.ndim != 2 or table.shape[1] < least_readers:
        raise StatisticsError(
            f"Ratings are needed as cases x readers with {least_readers} readers or more; got shape {table.shape}."
        )
    kept = table[np.isfinite(table).all(axis=1)]
    if len(kept) < least_cases:
        raise StatisticsError(
            f"Only {len(kept)} of {len(table)} cases were rated by all {table.shape[1]} readers; "
            f"{least_cases} or more are needed."
        )
    return kept


def complete_pairs(a: ArrayLike, b: ArrayLike, *, least: int = 3) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The pairs in which both values are finite.

    Raises:
        StatisticsError: if the two differ in length, or fewer than ``least`` pairs remain.
    """
    first, second = np.asarray(a, float).ravel(), np.asarray(b, float).ravel()
    if first.shape != second.shape:
        raise StatisticsError(f"{len(first)} values cannot be paired with {len(second)}.")
    table = complete_ratings(np.column_stack([first, second]), least_cases=least)
    return table[:, 0], table[:, 1]


def ratings_matrix(
    case: ArrayLike, reader: ArrayLike, value: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.object_], NDArray[np.object_]]:
    """A long table (one row a reading) as cases x readers; repeated readings of one reader are averaged.

    Args:
        case: ``(N,)`` what was read.
        reader: ``(N,)`` who read it.
        value: ``(N,)`` what was found.

    Returns:
        ``(n, k)`` matrix with NaN where a reader did not read a case, the cases, the readers.

    Example:
        >>> ratings_matrix(["a", "a", "b"], ["R", "S", "R"], [1, 2, 3])[0].tolist()
        [[1.0, 2.0], [3.0, nan]]
    """
    cases, row = np.unique(np.asarray(case).astype(str), return_inverse=True)
    readers, column = np.unique(np.asarray(reader).astype(str), return_inverse=True)
    found = np.asarray(value, float)
    known = np.isfinite(found)
    total, count = np.zeros((len(cases), len(readers))), np.zeros((len(cases), len(readers)))
    np.add.at(total, (row[known], column[known]), found[known])
    np.add.at(count, (row[known], column[known]), 1.0)
    matrix = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return matrix, cases.astype(object), readers.astype(object)


def is_missing(value: object) -> bool:
    """Whether a reader gave no class: None, NaN or an empty text."""
    return value is None or value == "" or (isinstance(value, float) and bool(np.isnan(value)))
