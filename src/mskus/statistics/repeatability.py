"""How far readings of the same thing lie apart, in the unit of the measure.

With the within-case standard deviation s_w (root of the mean within-case variance): standard error of measurement
SEM = s_w, smallest change that is real MDC = 1.96 sqrt(2) s_w (repeatability coefficient), coefficient of variation
CV = 100 s_w / mean. Sources: Bland & Altman, BMJ 313:744, 1996; Weir, J Strength Cond Res 19:231, 2005; JCGM/QIBA
terms: Raunig et al., Stat Methods Med Res 24:27, 2015.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from mskus.errors import StatisticsError
from mskus.statistics.estimate import Estimate
from mskus.statistics.icc import icc
from mskus.statistics.ratings import complete_ratings, ratings_matrix


class Repeatability(NamedTuple):
    """Spread of readings of the same case.

    Attributes:
        sem: standard error of measurement, with interval.
        mdc: minimal detectable change of two readings, with interval.
        cv_percent: coefficient of variation; NaN where the mean is not positive.
        mean: of all readings.
        n_cases: cases with two readings or more.
        n_readings: readings of these.
    """

    sem: Estimate
    mdc: Estimate
    cv_percent: Estimate
    mean: float
    n_cases: int
    n_readings: int


class ReaderAgreement(NamedTuple):
    """A row of the table of readers: ``kind`` is ``"intra"`` (one reader again) or ``"inter"`` (between readers)."""

    kind: str
    reader: str
    repeatability: Repeatability
    icc: Estimate


def repeatability(case: ArrayLike, value: ArrayLike, *, confidence: float = 0.95) -> Repeatability:
    """Spread of repeated readings about their case's mean; cases with one reading are left out.

    Args:
        case: ``(N,)`` what was read.
        value: ``(N,)`` what was found; NaN is left out.
        confidence: of the intervals (chi-squared).

    Raises:
        StatisticsError: if no case has two readings.

    Example:
        >>> repeatability(["a", "a", "b", "b"], [1.0, 3.0, 5.0, 7.0]).sem.value.__round__(3)
        1.414
    """
    found = np.asarray(value, float).ravel()
    known = np.isfinite(found)
    _, inverse, count = np.unique(np.asarray(case).astype(str)[known], return_inverse=True, return_counts=True)
    kept = count[inverse] >= 2
    if not kept.any():
        raise StatisticsError("No case has two readings, so their spread cannot be told.")
    x, index = found[known][kept], np.unique(inverse[kept], return_inverse=True)[1]
    count = np.bincount(index)
    rest = x - (np.bincount(index, x) / count)[index]
    df = len(x) - len(count)
    squares, mean = float((rest**2).sum()), float(x.mean())
    tail = (1.0 - confidence) / 2.0
    ends = special.chdtri(df, np.array([tail, 1.0 - tail]))
    sem = np.sqrt(squares / np.array([df, *ends]))
    cv = 100.0 * sem / mean if mean > 0 else np.full(3, np.nan)
    mdc = special.ndtri(1.0 - tail) * np.sqrt(2.0) * sem
    return Repeatability(
        sem=_estimate(sem),
        mdc=_estimate(mdc),
        cv_percent=_estimate(cv),
        mean=mean,
        n_cases=len(count),
        n_readings=len(x),
    )


def reader_table(case: ArrayLike, reader: ArrayLike, value: ArrayLike) -> list[ReaderAgreement]:
    """Intra-reader rows for everyone who read a case twice, and the inter-reader row.

    Intra-reader ICC is ICC(1,1) of a reader's repeats (as many as each repeated case has);
    inter-reader figures are of the readers' means, ICC(2,1).

    Args:
        case: ``(N,)`` what was read.
        reader: ``(N,)`` who read it.
        value: ``(N,)`` what was found.

    Raises:
        StatisticsError: if there is neither a repeated reading nor a second reader.
    """
    cases, readers = np.asarray(case).astype(str), np.asarray(reader).astype(str)
    found = np.asarray(value, float)
    rows = []
    for one in np.unique(readers):
        mine = (readers == one) & np.isfinite(found)
        repeats = _repeats(cases[mine], found[mine])
        if repeats is not None:
            rows.append(
                ReaderAgreement("intra", str(one), repeatability(cases[mine], found[mine]), icc(repeats, "ICC(1,1)"))
            )
    matrix = ratings_matrix(cases, readers, found)[0]
    if matrix.shape[1] > 1:
        table = complete_ratings(matrix)
        label = np.repeat(np.arange(len(table)), table.shape[1])
        rows.append(ReaderAgreement("inter", "all", repeatability(label, table.ravel()), icc(table, "ICC(2,1)")))
    if not rows:
        raise StatisticsError("There is one reading a case by one reader; nothing can be compared.")
    return rows


def _estimate(figure: NDArray[np.float64]) -> Estimate:
    return Estimate(float(figure[0]), float(figure[1]), float(figure[2]))


def _repeats(cases: NDArray[np.str_], found: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """``(n, m)`` the first m readings of each case that was read twice or more; None where fewer than two were."""
    lists = [found[cases == name] for name in np.unique(cases)]
    lists = [readings for readings in lists if len(readings) >= 2]
    if len(lists) < 2:
        return None
    shortest = min(len(readings) for readings in lists)
    return np.stack([readings[:shortest] for readings in lists])
