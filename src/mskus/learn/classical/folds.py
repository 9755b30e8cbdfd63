"""Folds by patient: no patient stands on both sides, every class stands in every training part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import LearnError

Indices = NDArray[np.intp]
Folds = list[tuple[Indices, Indices]]
OuterFolds = int | Literal["leave_one_patient_out"]

_SHUFFLES = 20


def grouped_folds(y: Indices, groups: ArrayLike, *, n: OuterFolds, seed: int = 0) -> Folds:
    """Training and test rows of every fold, classes spread as evenly as whole patients allow.

    Args:
        y: ``(N,)`` class numbers.
        groups: ``(N,)`` patients.
        n: number of folds, lowered to the number of patients of the rarest class; or ``"leave_one_patient_out"``.
        seed: of the shuffle.

    Returns:
        ``(training, test)`` pairs of row indices.

    Raises:
        LearnError: if a class has one patient only, or whole patients cannot be split with every class in training.
    """
    check_patients(y, groups)
    if n == "leave_one_patient_out":
        return list(_leave_one_out(np.asarray(groups)))
    from sklearn.model_selection import StratifiedGroupKFold

    most = min(n, fewest_patients(y, groups))
    for shuffle in range(_SHUFFLES):
        splitter = StratifiedGroupKFold(most, shuffle=True, random_state=seed + 7919 * shuffle)
        folds = [(np.asarray(a), np.asarray(b)) for a, b in splitter.split(np.zeros((len(y), 1)), y, groups)]
        if all(len(test) and len(np.unique(y[train])) == len(np.unique(y)) for train, test in folds):
            return folds
    raise LearnError(
        f"The patients cannot be put into {most} folds with every class in each training part; "
        "ask for fewer folds or add patients."
    )


def fewest_patients(y: Indices, groups: ArrayLike) -> int:
    """Number of patients of the class that has fewest.

    Example:
        >>> fewest_patients(np.array([0, 0, 1, 1, 1]), ["a", "b", "c", "c", "d"])
        2
    """
    who = np.asarray(groups)
    return min(len(np.unique(who[y == c])) for c in np.unique(y))


def check_patients(y: Indices, groups: ArrayLike, *, names: ArrayLike | None = None) -> None:
    """See that folds by patient are possible.

    Raises:
        LearnError: if there are not two classes, or a class has one patient only.
    """
    who, present = np.asarray(groups), np.unique(y)
    called = {int(c): str(c) if names is None else str(np.asarray(names)[c]) for c in present}
    if len(present) < 2:
        raise LearnError(f"All rows are of the class {called[int(present[0])]!r}; two classes at least are needed.")
    for c in present:
        if len(np.unique(who[y == c])) < 2:
            raise LearnError(
                f"The class {called[int(c)]!r} has one patient only, so it cannot be both learned and tested by "
                "patient; add patients or leave the class out."
            )


def _leave_one_out(groups: NDArray[np.generic]) -> Iterator[tuple[Indices, Indices]]:
    for one in np.unique(groups):
        yield np.flatnonzero(groups != one), np.flatnonzero(groups == one)
