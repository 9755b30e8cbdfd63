"""Filters: features ranked by what they say of the class, without a classifier. Each returns indices, best first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Indices = NDArray[np.intp]

_STATES = 3  # below, about and above the mean, as in Peng et al.
_NEIGHBOURS = 10


def anova(X: Matrix, y: Indices) -> Indices:
    """By the F statistic of a one-way analysis of variance (Fisher 1925)."""
    from sklearn.feature_selection import f_classif

    return _best_first(f_classif(X, y)[0])


def mutual_information(X: Matrix, y: Indices, *, seed: int = 0) -> Indices:
    """By mutual information with the class, nearest-neighbour estimate (Ross 2014, PLoS ONE 9:e87357)."""
    from sklearn.feature_selection import mutual_info_classif

    return _best_first(mutual_info_classif(X, y, random_state=seed))


def relieff_weights(X: Matrix, y: Indices, *, neighbours: int = _NEIGHBOURS) -> NDArray[np.float64]:
    r"""Weights of ReliefF: how much more a feature differs to near rows of other classes than of the own one.

    With `diff` the absolute difference over the feature's range, near hits `H` and near misses `M_c` of every row `r`,

        W_f = mean over r of [ sum over c != y_r of P(c) / (1 - P(y_r)) mean over M_c diff_f - mean over H diff_f ]

    Args:
        X: ``(N, F)`` without gaps.
        y: ``(N,)`` class numbers.
        neighbours: near rows of every class, at most as many as there are.

    Returns:
        ``(F,)``, between -1 and 1.

    Source: Kononenko 1994, ECML, LNCS 784:171; every row is used, distances are Manhattan.

    Example:
        >>> relieff_weights(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 0, 1, 1]))
        array([ 1. , -0.5])
    """
    from scipy.spatial.distance import cdist

    span = np.ptp(X, axis=0)
    scaled = X / np.where(span > 0, span, 1.0)
    distance = cdist(scaled, scaled, "cityblock")
    np.fill_diagonal(distance, np.inf)
    classes, counts = np.unique(y, return_counts=True)
    prior = counts / len(y)
    weights = np.zeros(X.shape[1])
    for own, p_own, n_own in zip(classes, prior, counts, strict=True):
        rows = np.flatnonzero(y == own)
        for other, p_other, n_other in zip(classes, prior, counts, strict=True):
            members = np.flatnonzero(y == other)
            near = min(neighbours, int(n_own) - 1 if other == own else int(n_other))
            if near < 1:
                continue
            factor = -1.0 if other == own else p_other / (1.0 - p_own)
            order = np.argsort(distance[np.ix_(rows, members)], axis=1, kind="stable")[:, :near]
            for rank in range(near):  # one neighbour at a time keeps the memory at (N, F)
                weights += factor / near * np.abs(scaled[rows] - scaled[members[order[:, rank]]]).sum(0)
    return weights / len(y)


def relieff(X: Matrix, y: Indices) -> Indices:
    """By the weights of ReliefF, see :func:`relieff_weights`."""
    return _best_first(relieff_weights(X, y))


def mrmr(X: Matrix, y: Indices, *, n: int, quotient: bool = False) -> Indices:
    """Minimum redundancy, maximum relevance: each next feature says much of the class and little of those chosen.

    With mutual information `I`, the chosen set `S` and the candidate `f`, the difference form (MID) maximises
    `I(f; y) - mean over s in S of I(f; s)`, the quotient form (MIQ) their ratio. Features are cut into three states at
    one standard deviation around the mean.

    Args:
        X: ``(N, F)`` without gaps.
        y: ``(N,)`` class numbers.
        n: how many to choose.
        quotient: take the quotient form.

    Returns:
        ``(min(n, F),)`` indices in the order of choice.

    Source: Peng, Long & Ding 2005, IEEE Trans Pattern Anal Mach Intell 27:1226.
    """
    deviation = X - X.mean(0)
    sd = deviation.std(0)
    states = _one_hot(1 + (deviation > sd).astype(np.int8) - (deviation < -sd).astype(np.int8))
    classes = (y[:, None] == np.unique(y)[None, :]).astype(np.float64)
    relevance = _information(states, classes)
    redundancy = np.zeros(X.shape[1])
    free = np.ones(X.shape[1], bool)
    chosen: list[int] = []
    while len(chosen) < min(n, X.shape[1]):
        mean = redundancy / max(len(chosen), 1)
        if not chosen:
            merit = relevance
        elif quotient:
            merit = relevance / (mean + 1e-3)  # one thousandth of a nat keeps an unrelated feature from infinity
        else:
            merit = relevance - mean
        best = int(np.argmax(np.where(free, merit, -np.inf)))
        chosen.append(best)
        free[best] = False
        redundancy += _information(states, states[best])
    return np.array(chosen, dtype=np.intp)


def _one_hot(states: NDArray[np.int8]) -> NDArray[np.float64]:
    """``(F, N, 3)`` from ``(N, F)`` states 0 .. 2."""
    return (states.T[:, :, None] == np.arange(_STATES)[None, None, :]).astype(np.float64)


def _information(states: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(F,)`` mutual information in nats of every feature's states ``(F, N, 3)`` with one variable ``(N, K)``."""
    joint = np.einsum("fns,nk->fsk", states, other, optimize=True) / other.shape[0]
    product = joint.sum(2, keepdims=True) * joint.sum(1, keepdims=True)
    ratio = np.divide(joint, product, out=np.ones_like(joint), where=joint > 0)
    return np.asarray((joint * np.log(ratio)).sum((1, 2)))


def _best_first(score: NDArray[np.float64]) -> Indices:
    """Descending, ties and NaN in the order of the table."""
    return np.argsort(-np.nan_to_num(score, nan=-np.inf, posinf=np.finfo(float).max), kind="stable")
