"""Which of several methods differ over many data sets or folds: Friedman's test and Nemenyi's critical difference.

Sources: Demsar, J Mach Learn Res 7:1, 2006; Friedman, J Am Stat Assoc 32:675, 1937; Iman & Davenport, Commun Stat
A9:571, 1980; Nemenyi 1963. The critical difference is q sqrt(k (k+1) / (6 N)), q the studentised range over sqrt 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from mskus.errors import StatisticsError


class CriticalDifference(NamedTuple):
    """Ranks of methods.

    Attributes:
        ranks: ``(k,)`` mean rank of each method, 1 is best.
        cd: two mean ranks that differ by more differ at the level asked for.
        chi_squared: Friedman's statistic.
        p: of no difference at all, after Iman & Davenport.
        groups: runs of methods, from the best, that the data cannot tell apart.
        n: data sets or folds.
    """

    ranks: NDArray[np.float64]
    cd: float
    chi_squared: float
    p: float
    groups: tuple[tuple[int, ...], ...]
    n: int


def critical_difference(
    scores: ArrayLike, *, significance: float = 0.05, higher_is_better: bool = True
) -> CriticalDifference:
    """Rank methods and say which differ.

    Folds of one data set share their training cases, so over folds the test is too eager: a hint, no proof.

    Args:
        scores: ``(N, k)`` score of k methods on N data sets or folds; a row with NaN is left out.
        significance: of the whole family of comparisons.
        higher_is_better: False for errors.

    Raises:
        StatisticsError: if fewer than two methods or two complete rows remain.

    Example:
        >>> found = critical_difference([[0.9, 0.8, 0.7], [0.8, 0.7, 0.6], [0.9, 0.7, 0.8], [0.6, 0.5, 0.4]])
        >>> found.ranks.tolist(), round(found.cd, 2)
        ([1.0, 2.25, 2.75], 1.66)
    """
    from scipy import stats

    table = np.asarray(scores, float)
    if table.ndim != 2 or table.shape[1] < 2:
        raise StatisticsError(f"Scores are needed as data sets x methods, two methods or more; got {table.shape}.")
    table = table[np.isfinite(table).all(axis=1)]
    n, k = table.shape
    if n < 2:
        raise StatisticsError(f"{n} data set(s) have a score of every method; two are needed to compare ranks.")
    each = stats.rankdata(-table if higher_is_better else table, axis=1)
    ranks = each.mean(axis=0)
    # the general form that allows for ties; equals 12 N / (k (k+1)) (sum R^2 - k (k+1)^2 / 4) without them
    spread = float(((each - (k + 1) / 2.0) ** 2).sum())
    between = n * float(((ranks - (k + 1) / 2.0) ** 2).sum())
    chi = (k - 1) * n * between / spread if spread > 0 else 0.0
    rest = n * (k - 1) - chi
    p = float(special.fdtrc(k - 1, (k - 1) * (n - 1), (n - 1) * chi / rest)) if rest > 1e-12 else 0.0
    q = float(stats.studentized_range.ppf(1.0 - significance, k, np.inf)) / np.sqrt(2.0)
    cd = float(q * np.sqrt(k * (k + 1) / (6.0 * n)))
    return CriticalDifference(ranks, cd, float(chi), p if spread > 0 else 1.0, _alike(ranks, cd), n)


def _alike(ranks: NDArray[np.float64], cd: float) -> tuple[tuple[int, ...], ...]:
    """The longest runs, in order of rank, whose ends differ by no more than ``cd``; single methods are not listed."""
    order = np.argsort(ranks, kind="stable")
    ends = [int(np.flatnonzero(ranks[order] <= ranks[order[i]] + cd)[-1]) for i in range(len(order))]
    runs = [(i, end) for i, end in enumerate(ends) if end > i and (i == 0 or end > ends[i - 1])]
    return tuple(tuple(int(m) for m in order[i : end + 1]) for i, end in runs)
