"""Wrappers: subsets of features chosen by how well they predict unseen patients.

Every subset is judged by the same light discriminant, so that thousands can be tried in a second: the classifier that
follows is free to be another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.learn.classical.filters import anova
from mskus.learn.classical.folds import grouped_folds
from mskus.learn.classical.scores import auc

Matrix = NDArray[np.float64]
Indices = NDArray[np.intp]

_RIDGE = 0.1  # of a standardised feature's variance
_CANDIDATES = 100  # best by ANOVA that a subset search looks at
_PENALTY = 1e-3  # of AUC for each feature: the smaller of two equal subsets is better


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fold:
    scatter: Matrix  # (F, F) of the training rows
    response: Matrix  # (F, C)
    test: Matrix
    test_y: Indices


class SubsetScore:
    r"""Cross-validated AUC of a ridge discriminant on a subset of features.

    Class indicators `Y` are regressed on the features, `w = (X'X / n + r I)^-1 X'Y / n` (for two classes the direction
    of Fisher's discriminant), with `X'X` computed once a fold, so a subset costs one small system of equations.

    Args:
        X: ``(N, F)`` standardised.
        y: ``(N,)`` class numbers.
        groups: ``(N,)`` patients.
        folds: by patient.
        seed: of the folds.

    Source: Bishop 2006, Pattern Recognition and Machine Learning, 4.1.5; Hoerl & Kennard 1970.
    """

    def __init__(self, X: Matrix, y: Indices, groups: NDArray[Any], *, folds: int = 3, seed: int = 0) -> None:
        self._known: dict[tuple[int, ...], float] = {}
        self._folds: list[_Fold] = []
        indicator = (y[:, None] == np.arange(int(y.max()) + 1)[None, :]).astype(np.float64)
        for train, test in grouped_folds(y, groups, n=folds, seed=seed):
            centre, target = X[train].mean(0), indicator[train]
            inside = X[train] - centre
            self._folds.append(
                _Fold(
                    scatter=inside.T @ inside / len(train) + _RIDGE * np.eye(X.shape[1]),
                    response=inside.T @ (target - target.mean(0)) / len(train),
                    test=X[test] - centre,
                    test_y=y[test],
                )
            )

    def __call__(self, subset: Any) -> float:
        """Mean AUC of the folds, less a thousandth for each feature; 0 for the empty subset."""
        key = tuple(sorted(int(i) for i in subset))
        if key not in self._known:
            self._known[key] = self._judge(np.array(key, dtype=np.intp)) if key else 0.0
        return self._known[key]

    def _judge(self, chosen: Indices) -> float:
        areas = []
        for fold in self._folds:
            weight = np.linalg.solve(fold.scatter[np.ix_(chosen, chosen)], fold.response[chosen])
            areas.append(auc(fold.test_y, fold.test[:, chosen] @ weight))
        known = [area for area in areas if area == area]
        return (float(np.mean(known)) if known else 0.5) - _PENALTY * len(chosen)


def sequential_forward(X: Matrix, y: Indices, groups: NDArray[Any], *, n: int, seed: int = 0) -> Indices:
    """From nothing, always add the feature that helps most, until there are `n`; in the order of choice.

    Source: Whitney 1971, IEEE Trans Comput 20:1100.
    """
    candidates, score = _start(X, y, groups, seed)
    chosen: list[int] = []
    while len(chosen) < min(n, len(candidates)):
        chosen.append(_best_addition(chosen, len(candidates), score)[0])
    return candidates[chosen]


def floating(X: Matrix, y: Indices, groups: NDArray[Any], *, n: int, seed: int = 0) -> Indices:
    """Sequential floating forward selection: after each addition, drop features as long as that beats all smaller sets.

    Source: Pudil, Novovicova & Kittler 1994, Pattern Recognit Lett 15:1119.
    """
    candidates, score = _start(X, y, groups, seed)
    n = min(n, len(candidates))
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    chosen: list[int] = []
    while len(chosen) < n:
        added, merit = _best_addition(chosen, len(candidates), score)
        chosen = [*chosen, added]
        if merit > best.get(len(chosen), (-np.inf, []))[0]:
            best[len(chosen)] = (merit, chosen)
        else:
            chosen = best[len(chosen)][1]
        while len(chosen) > 2:
            drop = max(chosen, key=lambda one: score([c for c in chosen if c != one]))
            fewer = [c for c in chosen if c != drop]
            if score(fewer) <= best[len(fewer)][0]:
                break
            chosen, best[len(fewer)] = fewer, (score(fewer), fewer)
    return candidates[best[n][1]]


def genetic(
    X: Matrix, y: Indices, groups: NDArray[Any], *, n: int, seed: int = 0, population: int = 40, generations: int = 25
) -> Indices:
    """A genetic algorithm over subsets of at most `n` features: tournament, uniform crossover, mutation, elitism.

    Args:
        X: ``(N, F)`` standardised.
        y: ``(N,)`` class numbers.
        groups: ``(N,)`` patients.
        n: most features of a subset.
        seed: of everything random.
        population: subsets in a generation.
        generations: how many.

    Source: Siedlecki & Sklansky 1989, Pattern Recognit Lett 10:335.
    """
    candidates, score = _start(X, y, groups, seed)
    n = min(n, len(candidates))
    rng = np.random.default_rng(seed)

    def limited(genes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        on = np.flatnonzero(genes)
        if len(on) > n:
            genes[rng.choice(on, len(on) - n, replace=False)] = False
        if not len(on):
            genes[rng.integers(len(genes))] = True
        return genes

    def merit(genes: NDArray[np.bool_]) -> float:
        return score(np.flatnonzero(genes))

    share = n / len(candidates)
    alive = [limited(rng.random(len(candidates)) < share) for _ in range(population)]
    alive[0] = np.arange(len(candidates)) < n  # the filter's choice is among the first
    for _ in range(generations):
        ranked = sorted(alive, key=merit, reverse=True)
        children = ranked[:2]
        while len(children) < population:
            mother, father = (ranked[int(min(rng.integers(population, size=3)))] for _ in range(2))
            child = np.where(rng.random(len(candidates)) < 0.5, mother, father)
            flips = rng.random(len(candidates)) < 1.0 / len(candidates)
            children.append(limited(child ^ flips))
        alive = children
    return candidates[np.flatnonzero(max(alive, key=merit))]


def recursive_elimination(X: Matrix, y: Indices, *, n: int) -> Indices:
    """From all features, drop a tenth, those with the smallest weights of a linear classifier, until `n` are left.

    Source: Guyon, Weston, Barnhill & Vapnik 2002, Mach Learn 46:389; logistic regression in place of the SVM.
    """
    from sklearn.feature_selection import RFE
    from sklearn.linear_model import LogisticRegression

    if n >= X.shape[1]:
        return anova(X, y)
    linear = LogisticRegression(class_weight="balanced", max_iter=500)
    return np.flatnonzero(RFE(linear, n_features_to_select=n, step=0.1).fit(X, y).support_)


def _start(X: Matrix, y: Indices, groups: NDArray[Any], seed: int) -> tuple[Indices, SubsetScore]:
    candidates = anova(X, y)[:_CANDIDATES]
    return candidates, SubsetScore(X[:, candidates], y, groups, seed=seed)


def _best_addition(chosen: list[int], n_candidates: int, score: SubsetScore) -> tuple[int, float]:
    free = [c for c in range(n_candidates) if c not in chosen]
    best = max(free, key=lambda one: score([*chosen, one]))
    return best, score([*chosen, best])
