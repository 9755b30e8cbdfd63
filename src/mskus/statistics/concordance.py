"""Lin's concordance correlation: how close pairs lie to the line of equality.

rho_c = 2 s_ab / (s_a^2 + s_b^2 + (m_a - m_b)^2), the product of Pearson's r (precision) and a bias factor C_b
(accuracy). Interval by Fisher's z with the variance of Lin's correction (Lin, Biometrics 45:255, 1989; 56:324, 2000).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from mskus.statistics.estimate import Estimate
from mskus.statistics.ratings import complete_pairs


class Concordance(NamedTuple):
    """Lin's concordance correlation with its two factors: precision (Pearson's r) and accuracy (C_b)."""

    estimate: Estimate
    precision: float
    accuracy: float


def concordance(a: ArrayLike, b: ArrayLike, *, confidence: float = 0.95) -> Concordance:
    """Lin's concordance correlation coefficient.

    Args:
        a: ``(N,)`` values of one method; pairs with NaN are left out.
        b: ``(N,)`` values of the other.
        confidence: of the interval.

    Returns:
        NaN where a method gives one value only.

    Raises:
        StatisticsError: if fewer than three pairs remain.

    Example:
        >>> concordance([1, 2, 3, 4], [2, 3, 4, 5]).estimate.value.__round__(3)
        0.714
    """
    x, y = complete_pairs(a, b)
    n, shift = len(x), float(x.mean() - y.mean())
    variance = float(x.var()), float(y.var())
    covariance = float(((x - x.mean()) * (y - y.mean())).mean())
    if min(np.ptp(x), np.ptp(y)) <= 0:
        nan = float("nan")
        return Concordance(Estimate(nan, nan, nan), nan, nan)
    both = float(np.sqrt(variance[0] * variance[1]))
    r = covariance / both
    c = 2.0 * covariance / (sum(variance) + shift**2)
    accuracy = 2.0 * both / (sum(variance) + shift**2)
    u2 = shift**2 / both
    if abs(c) >= 1.0 or r == 0.0 or n < 4:
        return Concordance(Estimate(c, c if abs(c) >= 1.0 else -1.0, c if abs(c) >= 1.0 else 1.0), r, accuracy)
    spread = (
        (1.0 - r**2) * c**2 / ((1.0 - c**2) * r**2)
        + 2.0 * c**3 * (1.0 - c) * u2 / (r * (1.0 - c**2) ** 2)
        - c**4 * u2**2 / (2.0 * r**2 * (1.0 - c**2) ** 2)
    ) / (n - 2.0)
    half = float(special.ndtri((1.0 + confidence) / 2.0)) * np.sqrt(max(spread, 0.0))
    low, high = np.tanh([np.arctanh(c) - half, np.arctanh(c) + half])
    return Concordance(Estimate(c, float(low), float(high)), r, accuracy)


def ccc(a: ArrayLike, b: ArrayLike) -> float:
    """Lin's coefficient alone, for a bootstrap by patient."""
    return concordance(a, b).estimate.value
