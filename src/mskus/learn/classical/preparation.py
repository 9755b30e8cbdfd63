"""What happens to features before anything is learned: gaps filled, constant columns dropped, one scale, no twins."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from mskus.errors import LearnError

Matrix = NDArray[np.float64]


class Preparation(BaseEstimator):  # type: ignore[misc]
    """Median imputation, constant columns dropped, standardisation, optional correlation filter; fitted on training.

    Each kept column becomes ``(x - mean) / sd``, with NaN replaced by the median first. With a ``correlation_limit``
    a column is dropped if its absolute Pearson correlation with an earlier kept one is higher.

    Args:
        correlation_limit: between 0 and 1, or None for no filter.

    Attributes:
        kept_: ``(K,)`` indices of the columns that come out.
        median_: ``(K,)`` of the training rows.
        mean_: ``(K,)``, after imputation.
        sd_: ``(K,)``, after imputation.

    Example:
        >>> X = np.array([[1.0, 5.0, np.nan], [3.0, 5.0, 0.0], [2.0, 5.0, 4.0]])
        >>> prepared = Preparation().fit(X)
        >>> prepared.kept_, prepared.transform([[2.0, 5.0, np.nan]])
        (array([0, 2]), array([[0., 0.]]))
    """

    def __init__(self, correlation_limit: float | None = None) -> None:
        self.correlation_limit = correlation_limit

    def fit(self, X: Matrix, y: Any = None) -> Self:
        """Learn medians, means and spreads.

        Raises:
            LearnError: if every column is constant or empty.
        """
        X = np.asarray(X, np.float64)
        known = np.isfinite(X)
        some = np.flatnonzero(known.any(0))
        median = np.nanmedian(np.where(known, X, np.nan)[:, some], axis=0)
        filled = np.where(known[:, some], X[:, some], median)
        mean, sd = filled.mean(0), filled.std(0)
        # Rounding leaves a constant column of large numbers a spread of its last digit.
        varies = sd > 1e-10 * np.maximum(np.abs(mean), 1e-12)
        if not varies.any():
            raise LearnError("Every feature is constant or empty in the training rows; there is nothing to learn from.")
        chosen = np.flatnonzero(varies)
        if self.correlation_limit is not None:
            scaled = (filled[:, chosen] - mean[chosen]) / sd[chosen]
            chosen = chosen[_without_twins(scaled, self.correlation_limit)]
        self.kept_ = some[chosen]
        self.median_, self.mean_, self.sd_ = median[chosen], mean[chosen], sd[chosen]
        return self

    def transform(self, X: Matrix) -> Matrix:
        """``(N, K)`` standardised columns without gaps."""
        kept = np.asarray(X, np.float64)[:, self.kept_]
        return (np.where(np.isfinite(kept), kept, self.median_) - self.mean_) / self.sd_

    def of_columns(self, chosen: NDArray[np.intp]) -> Preparation:
        """The same for a matrix that holds only the kept columns at these places of the output."""
        fewer = Preparation(self.correlation_limit)
        fewer.kept_ = np.arange(len(chosen))
        fewer.median_, fewer.mean_, fewer.sd_ = self.median_[chosen], self.mean_[chosen], self.sd_[chosen]
        return fewer


def _without_twins(scaled: Matrix, limit: float) -> NDArray[np.intp]:
    correlation = np.abs(scaled.T @ scaled) / len(scaled)
    kept: list[int] = []
    for column in range(scaled.shape[1]):
        if not kept or correlation[column, kept].max() <= limit:
            kept.append(column)
    return np.array(kept, dtype=np.intp)


def gaps(X: Matrix, names: list[str]) -> list[str]:
    """Sentences on what the preparation will have to mend: columns with gaps, empty and constant columns."""
    known = np.isfinite(X)
    empty = ~known.any(0)
    partly = known.any(0) & ~known.all(0)
    filled = np.where(known, X, 0.0)
    constant = known.all(0) & (filled.max(0) == filled.min(0))
    found = (
        ("have gaps that are filled with the median", partly),
        ("are empty and dropped", empty),
        ("are constant and dropped", constant),
    )
    sentences = []
    for what, columns in found:
        named = [names[i] for i in np.flatnonzero(columns)]
        if named:
            more = f" and {len(named) - 3} more" if len(named) > 3 else ""
            sentences.append(f"{len(named)} of {len(names)} features {what}: {', '.join(named[:3])}{more}.")
    return sentences
