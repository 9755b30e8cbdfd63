"""Intervals that hold the truth as often as they say, whatever the model: split conformal prediction.

On cases that the model has not learned from, the score of each is how far its prediction lies from the truth. The next
case's score stays below their quantile with the wanted chance, if it comes from where they came.

Sources: Vovk, Gammerman & Shafer 2005, Algorithmic Learning in a Random World; Angelopoulos & Bates 2021 (arXiv
2107.07511); several cases a patient: Lee, Barber & Willett 2023 (arXiv 2306.06342), where every patient weighs alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


@dataclass(frozen=True, kw_only=True)
class RatioInterval:
    """How far the truth of a positive figure lies from its prediction, as a factor.

    The interval of a prediction v with spread s (standard deviation of the logarithm over members of an ensemble) is
    ``v exp(-q (s + floor))`` to ``v exp(q (s + floor))``: wide where the members disagree.

    Attributes:
        quantile: q, of the scores ``|log(truth / v)| / (s + floor)``.
        floor: added to the spread, so that members who agree by chance promise nothing.
        share: of intervals that hold the truth.
        groups: patients that it was calibrated on.
    """

    quantile: float
    floor: float
    share: float
    groups: int

    def interval(self, value: float, spread: float) -> tuple[float, float]:
        """Lower and upper end; from 0 to infinity where nothing can be promised.

        Example:
            >>> RatioInterval(quantile=1.0, floor=np.log(2), share=0.9, groups=20).interval(10.0, 0.0)
            (5.0, 20.0)
        """
        reach = self.quantile * (spread + self.floor)
        return (value * float(np.exp(-reach)), value * float(np.exp(reach))) if np.isfinite(reach) else (0.0, np.inf)


def calibrate_ratio(
    predicted: ArrayLike, spread: ArrayLike, truth: ArrayLike, *, groups: ArrayLike, share: float = 0.95
) -> RatioInterval:
    """The interval that holds the truth of a new patient's case with the chance ``share`` at least.

    Args:
        predicted: ``(N,)`` positive figures of cases not learned from.
        spread: ``(N,)`` standard deviation of their logarithm over members.
        truth: ``(N,)``; zero where there is nothing, which no interval can hold.
        groups: ``(N,)`` patients.
        share: wanted chance.

    Raises:
        StatisticsError: if there are no cases, lengths differ, a prediction is not positive or a spread is negative.
    """
    v, s, t, who = (np.asarray(a).ravel() for a in (predicted, spread, truth, groups))
    if not len(v) or not len(v) == len(s) == len(t) == len(who):
        raise StatisticsError(
            f"Four columns of one length are needed; got {len(v)}, {len(s)}, {len(t)}, {len(who)} rows."
        )
    if not (v > 0).all() or not (s >= 0).all() or not (t >= 0).all():
        raise StatisticsError("Predictions must be positive, spreads and true values not negative.")
    # half of the cases lie below their median: it is what members of like mind still differ by
    floor = max(float(np.median(s)), 0.01)
    quantile = conformal_quantile(_log_ratio(v, t) / (s + floor), groups=who, share=share)
    return RatioInterval(quantile=quantile, floor=floor, share=share, groups=len(np.unique(who)))


def _log_ratio(predicted: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.abs(np.log(truth / predicted))
