"""Intervals that hold the truth as often as they say, whatever the model: split conformal prediction.

On cases that the model has not learned from, the score of each is how far its prediction lies from the truth. The next
case's score stays below their quantile with the wanted chance, if it comes from where they came.

Sources: Vovk, Gammerman & Shafer 2005, Algorithmic Learning in a Random World; Angelopoulos & Bates 2021 (arXiv
2107.07511); several cases a patient: Lee, Barber & Willett 2023 (arXiv 2306.06342), where every patient weighs alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mskus.errors import StatisticsError


def conformal_quantile(scores: ArrayLike, *, groups: ArrayLike | None = None, share: float = 0.95) -> float:
    """The score that the next case keeps below or at with the chance ``share`` at least.

    The case of a new group has the distribution ``sum_g sum_i d(s_gi) / ((G + 1) n_g) + d(infinity) / (G + 1)``.

    Args:
        scores: ``(N,)`` of cases not learned from; higher is worse, NaN counts as the worst.
        groups: ``(N,)`` patients; every case its own where not given.
        share: wanted chance, between 0 and 1.

    Returns:
        The quantile; infinite where there are too few groups to promise anything (fewer than 19 for 95 %).

    Raises:
        StatisticsError: if there are no scores, lengths differ, or the share is not between 0 and 1.

    Example:
        >>> conformal_quantile(range(1, 20))  # the 19th of 19: ceil(0.95 x 20)
        19.0
        >>> conformal_quantile(range(1, 19))
        inf
    """
    values = np.asarray(scores, np.float64).ravel()
    who = np.arange(len(values)) if groups is None else np.asarray(groups).ravel()
    if not len(values) or len(values) != len(who):
        raise StatisticsError(f"A score and a group of every case are needed; got {len(values)} and {len(who)}.")
    if not 0.0 < share < 1.0:
        raise StatisticsError(f"A share between 0 and 1 is needed, not {share:g}.")
    values = np.where(np.isnan(values), np.inf, values)
    _, inverse, sizes = np.unique(who, return_inverse=True, return_counts=True)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(1.0 / sizes[inverse[order]]) / (len(sizes) + 1)
    # sums of fractions end a rounding error below the share
    place = int(np.searchsorted(below, share - 1e-9))
    return float(values[order[place]]) if place < len(values) else float("inf")
