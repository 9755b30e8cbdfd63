"""Did it make a difference on the same cases? McNemar, Wilcoxon, and a permutation by patient."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from mskus.errors import StatisticsError
from mskus.statistics.ratings import complete_pairs


class McNemar(NamedTuple):
    """Cases that only the first, or only the second, got right; the two-sided exact and mid-p values."""

    only_first: int
    only_second: int
    p: float
    mid_p: float


class Permutation(NamedTuple):
    """Mean difference over patients, two-sided p, number of patients, and whether all sign changes were tried."""

    difference: float
    p: float
    n_patients: int
    exact: bool


def mcnemar(truth: ArrayLike, first: ArrayLike, second: ArrayLike) -> McNemar:
    """Exact McNemar test of two classifiers on the same cases (Psychometrika 12:153, 1947).

    The mid-p value (Fagerland et al., BMC Med Res Methodol 13:91, 2013) is less timid.

    Raises:
        StatisticsError: if lengths differ.

    Example:
        >>> mcnemar([1, 1, 1, 1], [1, 1, 1, 0], [0, 0, 0, 0]).p
        0.25
    """
    y, a, b = (np.ravel(np.asarray(v)) for v in (truth, first, second))
    if not len(y) == len(a) == len(b):
        raise StatisticsError(f"{len(y)} labels cannot be paired with {len(a)} and {len(b)} decisions.")
    only_first, only_second = int(((a == y) & (b != y)).sum()), int(((a != y) & (b == y)).sum())
    n, few = only_first + only_second, min(only_first, only_second)
    if n == 0:
        return McNemar(0, 0, 1.0, 1.0)
    tail = float(special.bdtr(few, n, 0.5))
    at = float(special.comb(n, few) * 0.5**n)
    # half of the chance of what was seen is taken off; at a tie it lies in both tails and is taken off once
    mid = 1.0 - at / 2.0 if only_first == only_second else 2.0 * tail - at
    return McNemar(only_first, only_second, min(1.0, 2.0 * tail), min(1.0, mid))


def wilcoxon(first: ArrayLike, second: ArrayLike) -> float:
    """Two-sided p of Wilcoxon's signed-rank test of paired values (Biometrics Bull 1:80, 1945).

    One value a patient; where patients have several, give their means or use :func:`permutation_by_patient`.

    Returns:
        1 where no pair differs.

    Raises:
        StatisticsError: if fewer than three finite pairs remain.
    """
    from scipy import stats

    a, b = complete_pairs(first, second)
    if (a == b).all():
        return 1.0
    return float(stats.wilcoxon(a, b).pvalue)


def permutation_by_patient(
    first: ArrayLike, second: ArrayLike, *, patients: ArrayLike | None = None, repeats: int = 9999, seed: int = 0
) -> Permutation:
    """Two-sided sign-flip test of paired values, the sign drawn once a patient (Good 2005, ch. 3).

    The statistic is the mean over patients of their mean difference; up to 13 patients all sign changes are tried.

    Args:
        first: ``(N,)`` values; pairs with NaN are left out.
        second: ``(N,)`` values of the same rows.
        patients: ``(N,)`` who; every row its own where not given.
        repeats: draws where there are too many patients to try all.
        seed: of the draws.

    Raises:
        StatisticsError: if lengths differ or no pair remains.

    Example:
        >>> permutation_by_patient([1.0, 1.2, 3.0], [0.0, 0.1, 1.0]).p
        0.25
    """
    a, b = np.asarray(first, float).ravel(), np.asarray(second, float).ravel()
    who = np.arange(len(a)) if patients is None else np.asarray(patients).ravel()
    if not len(a) == len(b) == len(who):
        raise StatisticsError(f"{len(a)} values, {len(b)} values and {len(who)} patients cannot be paired.")
    difference = a - b
    known = np.isfinite(difference)
    if not known.any():
        raise StatisticsError("No pair has two values.")
    _, inverse = np.unique(who[known], return_inverse=True)
    means = np.bincount(inverse, difference[known]) / np.bincount(inverse)
    k, exact = len(means), len(means) <= 13
    if exact:
        signs = 1.0 - 2.0 * ((np.arange(2**k)[:, None] >> np.arange(k)) & 1)
    else:
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], (repeats, k))
    drawn = np.abs(signs @ means) / k
    seen = float(means.mean())
    as_far = int((drawn >= abs(seen) - 1e-12 * max(abs(seen), 1.0)).sum())
    return Permutation(seen, as_far / len(drawn) if exact else (as_far + 1) / (len(drawn) + 1), k, exact)
