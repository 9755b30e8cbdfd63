"""Selections by name, and the step of a pipeline that applies one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from mskus.errors import LearnError
from mskus.learn.classical import filters, wrappers
from mskus.learn.classical.folds import fewest_patients

Matrix = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class SelectionKind:
    """A named way to choose features.

    Attributes:
        name: what the user asks for.
        kind: ``"filter"`` (ranks by the data alone) or ``"wrapper"`` (judges subsets by prediction).
        source: paper.
        choose: from ``X, y, groups, n, seed`` to at most ``n`` column indices.
    """

    name: str
    kind: Literal["filter", "wrapper"]
    source: str
    choose: Callable[[Matrix, Indices, NDArray[Any], int, int], Indices]


def selections() -> dict[str, SelectionKind]:
    """All by name.

    Example:
        >>> [name for name, one in selections().items() if one.kind == "wrapper"]
        ['sequential_forward', 'floating', 'rfe', 'genetic']
    """
    return {one.name: one for one in _SELECTIONS}


class Selection(BaseEstimator):  # type: ignore[misc]
    """Columns chosen on the training rows, and only there.

    Args:
        method: a name of :func:`selections`, or ``"none"`` to keep all.
        n_features: how many to keep.
        seed: of what is random.

    Attributes:
        chosen_: indices of the kept columns.
    """

    def __init__(self, method: str = "mrmr", n_features: int = 20, seed: int = 0) -> None:
        self.method = method
        self.n_features = n_features
        self.seed = seed

    def fit(self, X: Matrix, y: Indices, groups: NDArray[Any]) -> Self:
        """Choose.

        Args:
            X: ``(N, F)`` standardised, without gaps.
            y: ``(N,)`` class numbers.
            groups: ``(N,)`` patients, for the wrappers' inner folds; where a class has one patient only, no subset can
                be tested and the best by ANOVA are taken.

        Raises:
            LearnError: if the method is unknown.
        """
        if self.method == "none" or self.n_features >= X.shape[1]:
            self.chosen_ = np.arange(X.shape[1])
        elif (kind := selection_kind(self.method)).kind == "wrapper" and fewest_patients(y, groups) < 2:
            self.chosen_ = filters.anova(X, y)[: self.n_features]
        else:
            self.chosen_ = np.asarray(kind.choose(X, y, groups, self.n_features, self.seed), dtype=np.intp)
        return self

    def transform(self, X: Matrix) -> Matrix:
        """``(N, n)`` chosen columns."""
        return X[:, self.chosen_]


def selection_kind(name: str) -> SelectionKind:
    """The selection of that name.

    Raises:
        LearnError: if there is none.
    """
    known = selections()
    if name not in known:
        raise LearnError(f"There is no selection named {name!r}; choose none, {', '.join(known)}.")
    return known[name]


_SELECTIONS = (
    SelectionKind(
        name="anova",
        kind="filter",
        source="Fisher 1925, Statistical Methods for Research Workers",
        choose=lambda X, y, groups, n, seed: filters.anova(X, y)[:n],
    ),
    SelectionKind(
        name="mutual_information",
        kind="filter",
        source="Ross 2014, PLoS ONE 9:e87357",
        choose=lambda X, y, groups, n, seed: filters.mutual_information(X, y, seed=seed)[:n],
    ),
    SelectionKind(
        name="relieff",
        kind="filter",
        source="Kononenko 1994, ECML, LNCS 784:171",
        choose=lambda X, y, groups, n, seed: filters.relieff(X, y)[:n],
    ),
    SelectionKind(
        name="mrmr",
        kind="filter",
        source="Peng, Long & Ding 2005, IEEE TPAMI 27:1226; difference form (MID)",
        choose=lambda X, y, groups, n, seed: filters.mrmr(X, y, n=n),
    ),
    SelectionKind(
        name="mrmr_quotient",
        kind="filter",
        source="Peng, Long & Ding 2005, IEEE TPAMI 27:1226; quotient form (MIQ)",
        choose=lambda X, y, groups, n, seed: filters.mrmr(X, y, n=n, quotient=True),
    ),
    SelectionKind(
        name="sequential_forward",
        kind="wrapper",
        source="Whitney 1971, IEEE Trans Comput 20:1100",
        choose=lambda X, y, groups, n, seed: wrappers.sequential_forward(X, y, groups, n=n, seed=seed),
    ),
    SelectionKind(
        name="floating",
        kind="wrapper",
        source="Pudil, Novovicova & Kittler 1994, Pattern Recognit Lett 15:1119",
        choose=lambda X, y, groups, n, seed: wrappers.floating(X, y, groups, n=n, seed=seed),
    ),
    SelectionKind(
        name="rfe",
        kind="wrapper",
        source="Guyon, Weston, Barnhill & Vapnik 2002, Mach Learn 46:389",
        choose=lambda X, y, groups, n, seed: wrappers.recursive_elimination(X, y, n=n),
    ),
    SelectionKind(
        name="genetic",
        kind="wrapper",
        source="Siedlecki & Sklansky 1989, Pattern Recognit Lett 10:335",
        choose=lambda X, y, groups, n, seed: wrappers.genetic(X, y, groups, n=n, seed=seed),
    ),
)
