"""Limits of agreement of two methods, for one pair a patient and for several.

With differences d of n pairs, mean and standard deviation s, the limits are mean +- 1.96 s (Bland & Altman, Lancet
1:307, 1986). Their intervals: approximate, with variance s^2 (1/n + 1.96^2 / (2 (n-1))) (Bland & Altman, Stat Methods
Med Res 8:135, 1999), or exact from the non-central t distribution (Carkeet, Optom Vis Sci 92:e71, 2015). Several pairs
a patient: the variance between and within patients are added (Bland & Altman, J Biopharm Stat 17:571, 2007) and the
limits' interval recovered from those of the two variances (Zou, Stat Methods Med Res 22:630, 2013).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from mskus.errors import StatisticsError
from mskus.statistics.estimate import Estimate
from mskus.statistics.ratings import complete_pairs


class ProportionalBias(NamedTuple):
    """Least-squares line of the differences on the means: slope with interval, intercept, p of no slope."""

    slope: Estimate
    intercept: float
    p: float


class BlandAltman(NamedTuple):
    """Agreement of two methods.

    Attributes:
        bias: mean of first minus second, with interval.
        lower: lower limit of agreement, with interval.
        upper: upper limit of agreement, with interval.
        sd: standard deviation of the differences (of all sources where patients repeat).
        proportional: whether the difference grows with the value.
        n: pairs.
        n_patients: patients.
    """

    bias: Estimate
    lower: Estimate
    upper: Estimate
    sd: float
    proportional: ProportionalBias
    n: int
    n_patients: int


def bland_altman(
    a: ArrayLike,
    b: ArrayLike,
    *,
    patients: ArrayLike | None = None,
    share: float = 0.95,
    confidence: float = 0.95,
    interval: Literal["exact", "approximate"] = "exact",
) -> BlandAltman:
    """Bias and limits of agreement of ``a - b``, each with its interval.

    Args:
        a: ``(N,)`` values of one method; pairs with NaN are left out.
        b: ``(N,)`` values of the other.
        patients: ``(N,)`` who; where a patient has several pairs the limits allow for it.
        share: of differences that the limits shall hold.
        confidence: of the intervals.
        interval: of the limits where every patient has one pair.

    Raises:
        StatisticsError: if fewer than three pairs or two patients remain.

    Example:
        >>> bland_altman([10, 12, 14, 17], [9, 12, 12, 16]).bias.text()
        '1.00 (-0.30 to 2.30)'
    """
    first, second = np.asarray(a, float).ravel(), np.asarray(b, float).ravel()
    x, y = complete_pairs(first, second)
    difference = x - y
    proportional = _proportional(difference, (x + y) / 2.0, confidence)
    if patients is not None:
        who = np.asarray(patients).ravel()
        if len(who) != len(first):
            raise StatisticsError(f"{len(who)} patients are given for {len(first)} pairs.")
        who = who[np.isfinite(first) & np.isfinite(second)]
        if len(np.unique(who)) < len(who):
            return _repeated(difference, who, share, confidence, proportional)
    n = len(difference)
    mean, sd = float(difference.mean()), float(difference.std(ddof=1))
    z, t = _z(share), float(special.stdtrit(n - 1, (1.0 + confidence) / 2.0))
    inner, outer = limit_factors(n, share=share, confidence=confidence, interval=interval)
    half = t * sd / float(np.sqrt(n))
    return BlandAltman(
        bias=Estimate(mean, mean - half, mean + half),
        lower=Estimate(mean - z * sd, mean - outer * sd, mean - inner * sd),
        upper=Estimate(mean + z * sd, mean + inner * sd, mean + outer * sd),
        sd=sd,
        proportional=proportional,
        n=n,
        n_patients=n,
    )


def limit_factors(
    n: int, *, share: float = 0.95, confidence: float = 0.95, interval: Literal["exact", "approximate"] = "exact"
) -> tuple[float, float]:
    """Standard deviations from the mean to the inner and outer end of a limit's interval.

    Args:
        n: pairs.
        share: of differences that the limits shall hold.
        confidence: of the interval.
        interval: ``"exact"`` (Carkeet 2015) or ``"approximate"`` (Bland & Altman 1999).
    """
    z, tails = _z(share), np.array([1.0 - confidence, 1.0 + confidence]) / 2.0
    if interval == "approximate":
        half = special.stdtrit(n - 1, tails[1]) * np.sqrt(1.0 / n + z**2 / (2.0 * (n - 1)))
        return float(z - half), float(z + half)
    inner, outer = special.nctdtrit(n - 1.0, z * np.sqrt(n), tails) / np.sqrt(n)
    return float(inner), float(outer)


def _z(share: float) -> float:
    return float(special.ndtri((1.0 + share) / 2.0))


def _proportional(difference: NDArray[np.float64], mean: NDArray[np.float64], confidence: float) -> ProportionalBias:
    centred, n = mean - mean.mean(), len(mean)
    scatter = float((centred**2).sum())
    if scatter <= 0:
        nan = float("nan")
        return ProportionalBias(Estimate(nan, nan, nan), nan, nan)
    slope = float((centred * difference).sum() / scatter)
    intercept = float(difference.mean() - slope * mean.mean())
    rest = difference - intercept - slope * mean
    error = float(np.sqrt((rest**2).sum() / (n - 2) / scatter))
    half = float(special.stdtrit(n - 2, (1.0 + confidence) / 2.0)) * error
    p = 2.0 * float(special.stdtr(n - 2, -abs(slope) / error)) if error > 0 else float(slope == 0)
    return ProportionalBias(Estimate(slope, slope - half, slope + half), intercept, p)


def _repeated(
    difference: NDArray[np.float64],
    who: NDArray[np.generic],
    share: float,
    confidence: float,
    proportional: ProportionalBias,
) -> BlandAltman:
    patients, inverse, count = np.unique(who, return_inverse=True, return_counts=True)
    k, n = len(patients), len(difference)
    if k < 2:
        raise StatisticsError("All pairs are of one patient; limits of agreement need two patients or more.")
    means = np.bincount(inverse, difference) / count
    within = float(((difference - means[inverse]) ** 2).sum() / (n - k))
    # variance of one difference: that of the patients' means plus the part of the noise that their means averaged out
    part = 1.0 - float((1.0 / count).mean())
    between = float(means.var(ddof=1))
    variance = between + part * within
    mean, sd, z = float(means.mean()), float(np.sqrt(variance)), _z(share)
    tail = (1.0 - confidence) / 2.0

    def reach(df: int, chance: float) -> float:
        return df / float(special.chdtri(df, 1.0 - chance)) - 1.0

    above = np.hypot(between * reach(k - 1, tail), part * within * reach(n - k, tail))
    below = np.hypot(between * reach(k - 1, 1.0 - tail), part * within * reach(n - k, 1.0 - tail))
    half = float(special.stdtrit(k - 1, 1.0 - tail) * np.sqrt(between / k))
    outer = float(np.hypot(half, z * (np.sqrt(variance + above) - sd)))
    inner = float(np.hypot(half, z * (sd - np.sqrt(max(variance - below, 0.0)))))
    low, high = mean - z * sd, mean + z * sd
    return BlandAltman(
        bias=Estimate(mean, mean - half, mean + half),
        lower=Estimate(low, low - outer, low + inner),
        upper=Estimate(high, high - inner, high + outer),
        sd=sd,
        proportional=proportional,
        n=n,
        n_patients=k,
    )
