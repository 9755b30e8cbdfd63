"""How many cases a study of agreement or accuracy needs; hints to begin the talk with a statistician."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import special

from mskus.errors import StatisticsError

_MOST = 1_000_000


def cases_for_icc(
    *, least: float, expected: float, readers: int = 2, power: float = 0.8, significance: float = 0.05
) -> int:
    """Cases to show that an ICC(1,1) exceeds ``least`` (one-sided test; Walter, Eliasziw & Donner 1998).

    Source: Stat Med 17:101, 1998.

    Raises:
        StatisticsError: if it is not ``0 <= least < expected < 1``, or there are fewer than two readers.

    Example:
        >>> cases_for_icc(least=0.6, expected=0.8)
        39
    """
    if not 0.0 <= least < expected < 1.0 or readers < 2:
        raise StatisticsError("An expected ICC between the least acceptable one and 1 is needed, and two readers.")
    odds = [1.0 + readers * rho / (1.0 - rho) for rho in (least, expected)]
    z = special.ndtri(1.0 - significance) + special.ndtri(power)
    return math.ceil(1.0 + 2.0 * z**2 * readers / (math.log(odds[0] / odds[1]) ** 2 * (readers - 1)))


def cases_for_icc_width(*, expected: float, width: float, readers: int = 2, confidence: float = 0.95) -> int:
    """Cases for an interval of an ICC of at most this whole width (Bonett, Stat Med 21:1331, 2002).

    With two readers and an ICC of 0.7 or more his approximation is too small; ``5 expected`` cases are added, as he
    says.

    Raises:
        StatisticsError: if the ICC or the width is not between 0 and 1, or there are fewer than two readers.

    Example:
        >>> cases_for_icc_width(expected=0.8, width=0.2)
        55
    """
    if not 0.0 <= expected < 1.0 or not 0.0 < width < 1.0 or readers < 2:
        raise StatisticsError("An expected ICC and a width between 0 and 1 are needed, and two readers.")
    z, k = float(special.ndtri((1.0 + confidence) / 2.0)), readers
    n = 8.0 * z**2 * (1.0 - expected) ** 2 * (1.0 + (k - 1) * expected) ** 2 / (k * (k - 1) * width**2)
    return math.ceil(n + 1.0 + (5.0 * expected if k == 2 and expected >= 0.7 else 0.0))


def cases_for_limits_of_agreement(
    *, mean: float, sd: float, allowed: float, power: float = 0.8, significance: float = 0.05, share: float = 0.95
) -> int:
    """Pairs to show that the limits of agreement, with their intervals, lie within ``+- allowed``.

    Source: Lu et al., Int J Biostat 12(2), 2016.

    Args:
        mean: expected mean difference.
        sd: expected standard deviation of the differences.
        allowed: largest difference that is clinically acceptable.
        power: chance to show it.
        significance: of the intervals.
        share: of differences within the limits.

    Raises:
        StatisticsError: if the expected limits themselves lie beyond what is allowed.

    Example:
        >>> cases_for_limits_of_agreement(mean=0.0, sd=3.3, allowed=8.0)
        145
    """
    z = float(special.ndtri((1.0 + share) / 2.0))
    if sd <= 0 or abs(mean) + z * sd >= allowed:
        raise StatisticsError(
            f"The expected limits {mean - z * sd:g} to {mean + z * sd:g} reach beyond +-{allowed:g}; "
            "no number of cases can show agreement."
        )

    def enough(n: int) -> bool:
        error = sd * math.sqrt(1.0 / n + z**2 / (2.0 * (n - 1)))
        t = float(special.stdtrit(n - 1, 1.0 - significance / 2.0))
        miss = [float(special.nctdtr(n - 1, (allowed - side * mean - z * sd) / error, t)) for side in (1.0, -1.0)]
        return 1.0 - sum(miss) >= power

    return _smallest(enough, least=3)


def cases_for_sensitivity(
    *, expected: float, half_width: float, prevalence: float = 1.0, confidence: float = 0.95
) -> int:
    """Cases in all for an interval of the sensitivity of ``+- half_width`` (Buderer, Acad Emerg Med 3:895, 1996).

    For the specificity give ``prevalence = 1 - prevalence``.

    Raises:
        StatisticsError: if a share is not between 0 and 1.

    Example:
        >>> cases_for_sensitivity(expected=0.9, half_width=0.1, prevalence=0.2)
        173
    """
    if not (0.0 < expected < 1.0 and 0.0 < half_width < 1.0 and 0.0 < prevalence <= 1.0):
        raise StatisticsError("The expected share, the half width and the prevalence must lie between 0 and 1.")
    z = float(special.ndtri((1.0 + confidence) / 2.0))
    return math.ceil(z**2 * expected * (1.0 - expected) / half_width**2 / prevalence)


def auc_standard_error(area: float, *, positive: int, negative: int) -> float:
    """Standard error of an AUC that is only expected (Hanley & McNeil, Radiology 143:29, 1982).

    Example:
        >>> round(auc_standard_error(0.893, positive=51, negative=58), 3)
        0.033
    """
    q1, q2 = area / (2.0 - area), 2.0 * area**2 / (1.0 + area)
    variance = area * (1.0 - area) + (positive - 1) * (q1 - area**2) + (negative - 1) * (q2 - area**2)
    return math.sqrt(variance / (positive * negative))


def cases_for_auc(
    *, expected: float, half_width: float, prevalence: float = 0.5, confidence: float = 0.95
) -> tuple[int, int]:
    """Diseased and healthy cases for an interval of an AUC of ``+- half_width`` (Hanley & McNeil 1982).

    Raises:
        StatisticsError: if a share is not between 0 and 1.

    Example:
        >>> cases_for_auc(expected=0.8, half_width=0.1)
        (38, 39)
    """
    if not (0.0 < expected < 1.0 and 0.0 < half_width < 1.0 and 0.0 < prevalence < 1.0):
        raise StatisticsError("The expected AUC, the half width and the prevalence must lie between 0 and 1.")
    z = float(special.ndtri((1.0 + confidence) / 2.0))

    def split(n: int) -> tuple[int, int]:
        positive = max(1, round(n * prevalence))
        return positive, max(1, n - positive)

    def enough(n: int) -> bool:
        positive, negative = split(n)
        return z * auc_standard_error(expected, positive=positive, negative=negative) <= half_width

    return split(_smallest(enough, least=2))


def cases_for_mcnemar(
    *, only_first_right: float, only_second_right: float, power: float = 0.8, significance: float = 0.05
) -> int:
    """Cases to show that one of two classifiers is right more often on the same cases.

    Source: Connor, Biometrics 43:207, 1987.

    Args:
        only_first_right: expected share of cases that only the first gets right.
        only_second_right: expected share that only the second gets right.
        power: chance to show it.
        significance: two-sided.

    Raises:
        StatisticsError: if the shares are equal, negative or exceed 1 together.

    Example:
        >>> cases_for_mcnemar(only_first_right=0.2, only_second_right=0.1)
        234
    """
    discordant, difference = only_first_right + only_second_right, abs(only_first_right - only_second_right)
    if min(only_first_right, only_second_right) < 0 or discordant > 1.0 or difference == 0:
        raise StatisticsError("Two different shares of cases are needed that do not exceed 1 together.")
    z = special.ndtri(1.0 - significance / 2.0), special.ndtri(power)
    root = z[0] * np.sqrt(discordant) + z[1] * np.sqrt(discordant - difference**2)
    return math.ceil((root / difference) ** 2)


def _smallest(enough: Callable[[int], bool], *, least: int) -> int:
    """Smallest whole number from which it is enough, by doubling and halving."""
    high = least
    while not enough(high):
        high *= 2
        if high > _MOST:
            raise StatisticsError(f"More than {_MOST:,} cases would be needed.")
    low = max(least, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return high
