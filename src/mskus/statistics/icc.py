"""Intraclass correlation: the six forms of Shrout & Fleiss with their F-based intervals.

With n cases, k readers and the mean squares of the analysis of variance between cases MSR, between readers MSC, of the
residual MSE and within cases MSW:

| Shrout & Fleiss | McGraw & Wong | model | of | value |
| --- | --- | --- | --- | --- |
| ICC(1,1) | ICC(1) | readers differ from case to case | one reading | (MSR-MSW) / (MSR+(k-1)MSW) |
| ICC(2,1) | ICC(A,1) | readers crossed, absolute agreement | one reading | (MSR-MSE) / (MSR+(k-1)MSE+k(MSC-MSE)/n) |
| ICC(3,1) | ICC(C,1) | readers crossed, consistency | one reading | (MSR-MSE) / (MSR+(k-1)MSE) |
| ICC(1,k) | ICC(k) | readers differ from case to case | mean of k | (MSR-MSW) / MSR |
| ICC(2,k) | ICC(A,k) | readers crossed, absolute agreement | mean of k | (MSR-MSE) / (MSR+(MSC-MSE)/n) |
| ICC(3,k) | ICC(C,k) | readers crossed, consistency | mean of k | (MSR-MSE) / MSR |

Sources: Shrout & Fleiss, Psychological Bulletin 86:420, 1979; McGraw & Wong, Psychological Methods 1:30, 1996 (with
the correction on p. 390). Which form to report: Koo & Li, J Chiropractic Medicine 15:155, 2016.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from mskus.errors import StatisticsError
from mskus.statistics.estimate import Estimate
from mskus.statistics.ratings import complete_ratings

MCGRAW_WONG = {
    "ICC(1,1)": "ICC(1)",
    "ICC(2,1)": "ICC(A,1)",
    "ICC(3,1)": "ICC(C,1)",
    "ICC(1,k)": "ICC(k)",
    "ICC(2,k)": "ICC(A,k)",
    "ICC(3,k)": "ICC(C,k)",
}
_MEANING = {
    "1": "readers differ from case to case",
    "2": "same readers, absolute agreement",
    "3": "same readers, consistency",
}


class MeanSquares(NamedTuple):
    """Two-way analysis of variance of cases x readers: mean squares, and how many cases and readers."""

    cases: float
    readers: float
    residual: float
    within: float
    n: int
    k: int


class Icc(NamedTuple):
    """One form of the intraclass correlation: both names, what it means, the value, and its F test against zero."""

    name: str
    mcgraw_wong: str
    meaning: str
    estimate: Estimate
    f: float
    df: tuple[float, float]
    p: float


def mean_squares(ratings: ArrayLike) -> MeanSquares:
    """The analysis of variance that all forms rest on; cases with a missing reading are left out.

    Args:
        ratings: ``(n, k)`` value of each case by each reader.

    Raises:
        StatisticsError: if fewer than two readers or two complete cases remain.
    """
    x = complete_ratings(ratings)
    x = x - x[0, 0]  # equal values give no spread at all, not that of their last digit
    n, k = x.shape
    grand, of_case, of_reader = x.mean(), x.mean(axis=1), x.mean(axis=0)
    residual = x - of_case[:, None] - of_reader[None, :] + grand
    return MeanSquares(
        cases=float(k * ((of_case - grand) ** 2).sum() / (n - 1)),
        readers=float(n * ((of_reader - grand) ** 2).sum() / (k - 1)),
        residual=float((residual**2).sum() / ((n - 1) * (k - 1))),
        within=float(((x - of_case[:, None]) ** 2).sum() / (n * (k - 1))),
        n=n,
        k=k,
    )


def icc(ratings: ArrayLike, form: str = "ICC(2,1)", *, confidence: float = 0.95) -> Estimate:
    """One form of the intraclass correlation with its interval.

    Args:
        ratings: ``(n, k)`` value of each case by each reader; cases with NaN are left out.
        form: either name, like ``"ICC(2,1)"`` or ``"ICC(A,1)"``.
        confidence: of the interval.

    Returns:
        At most 1; may be negative. NaN where all values are the same.

    Raises:
        StatisticsError: if the form is unknown, or fewer than two readers or two complete cases remain.

    Example:
        >>> icc([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]).text()
        '0.29 (0.02 to 0.76)'
    """
    either = {**{name: name for name in MCGRAW_WONG}, **{other: name for name, other in MCGRAW_WONG.items()}}
    if form not in either:
        raise StatisticsError(f"There is no form of the ICC named {form!r}; choose one of {', '.join(either)}.")
    return _estimate(mean_squares(ratings), either[form], (1.0 - confidence) / 2.0)


def icc_table(ratings: ArrayLike, *, confidence: float = 0.95) -> list[Icc]:
    """All six forms of the same ratings, see :func:`icc`."""
    ms = mean_squares(ratings)
    rows = []
    for name, other in MCGRAW_WONG.items():
        model = name[4]
        noise, df = _noise(ms, model)
        f = float(np.divide(ms.cases, noise)) if noise > 0 else float("inf" if ms.cases > 0 else "nan")
        rows.append(
            Icc(
                name=name,
                mcgraw_wong=other,
                meaning=f"{_MEANING[model]}, {'one reading' if name.endswith('1)') else f'mean of {ms.k}'}",
                estimate=_estimate(ms, name, (1.0 - confidence) / 2.0),
                f=f,
                df=(ms.n - 1.0, df),
                p=float(special.fdtrc(ms.n - 1, df, f)),
            )
        )
    return rows


def _noise(ms: MeanSquares, model: str) -> tuple[float, float]:
    """Mean square and degrees of freedom that the cases are tested against."""
    if model == "1":
        return ms.within, ms.n * (ms.k - 1.0)
    return ms.residual, (ms.n - 1.0) * (ms.k - 1.0)


def _estimate(ms: MeanSquares, name: str, tail: float) -> Estimate:
    model, k = name[4], ms.k
    one = _absolute(ms, tail) if model == "2" else _one_reading(ms, model, tail)
    if name.endswith("k)"):  # Spearman-Brown takes one reading to the mean of k, ends of the interval as well
        with np.errstate(divide="ignore"):
            one = k * one / (1.0 + (k - 1.0) * one)
    return Estimate(*(float(v) for v in one))


def _one_reading(ms: MeanSquares, model: str, tail: float) -> NDArray[np.float64]:
    noise, df = _noise(ms, model)
    if ms.cases == 0 and noise == 0:
        return np.full(3, np.nan)
    upper = special.fdtri(ms.n - 1, df, 1.0 - tail)
    lower = special.fdtri(df, ms.n - 1, 1.0 - tail)
    # (F - 1) / (F + k - 1) with F multiplied through, so that no noise at all gives one
    ratio = np.array([ms.cases, ms.cases / upper, ms.cases * lower])
    return (ratio - noise) / (ratio + (ms.k - 1.0) * noise)


def _absolute(ms: MeanSquares, tail: float) -> NDArray[np.float64]:
    n, k = ms.n, ms.k
    total = ms.cases + (k - 1.0) * ms.residual + k * (ms.readers - ms.residual) / n
    if total <= 0:
        return np.full(3, np.nan)
    value = (ms.cases - ms.residual) / total
    if ms.residual == 0 and ms.readers == 0:
        return np.ones(3)
    if ms.residual == 0 and ms.cases == 0:  # the readers differ, the cases do not
        return np.array([0.0, np.nan, np.nan])
    # degrees of freedom of the readers' and residual part, after Satterthwaite
    a = k * value / (n * (1.0 - value))
    b = 1.0 + k * value * (n - 1.0) / (n * (1.0 - value))
    spread = (a * ms.readers) ** 2 / (k - 1.0) + (b * ms.residual) ** 2 / ((n - 1.0) * (k - 1.0))
    v = (a * ms.readers + b * ms.residual) ** 2 / spread
    upper, lower = special.fdtri(n - 1, v, 1.0 - tail), special.fdtri(v, n - 1, 1.0 - tail)
    rest = k * ms.readers + (k * n - k - n) * ms.residual
    low = n * (ms.cases - upper * ms.residual) / (upper * rest + n * ms.cases)
    high = n * (lower * ms.cases - ms.residual) / (rest + n * lower * ms.cases)
    return np.array([value, low, high])
