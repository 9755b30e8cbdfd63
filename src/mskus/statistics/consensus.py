"""One mask out of those of several readers: majority vote and STAPLE.

STAPLE (Warfield, Zou & Wells, IEEE Trans Med Imaging 23:903, 2004) alternates the chance of each true label at a pixel,
given how reliable each reader is, and the readers' reliability P(reader says s | truth is t), given those chances.
Pixels with the same answers of all readers are counted once, so that the time does not grow with the picture.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import StatisticsError


class Staple(NamedTuple):
    """The consensus of readers.

    Attributes:
        labels: most likely label, shaped as one reader's mask.
        probability: of each label, ``(L, ...)`` in the order of ``classes``.
        classes: ``(L,)`` labels in rising order.
        reliability: ``(K, L, L)``: chance that reader k says the column's label where the row's label is true.
        iterations: until it came to rest.
    """

    labels: NDArray[np.int64]
    probability: NDArray[np.float64]
    classes: NDArray[np.int64]
    reliability: NDArray[np.float64]
    iterations: int

    @property
    def sensitivity(self) -> NDArray[np.float64]:
        """``(K,)`` of each reader for the highest label (of two)."""
        return self.reliability[:, -1, -1]

    @property
    def specificity(self) -> NDArray[np.float64]:
        """``(K,)`` of each reader for the lowest label (of two)."""
        return self.reliability[:, 0, 0]


def majority_vote(masks: ArrayLike) -> NDArray[np.int64]:
    """The label that most readers gave; at a tie the lowest (background).

    Args:
        masks: ``(K, ...)`` whole-number labels of K readers.

    Raises:
        StatisticsError: if there is no reader, or a mask holds other than whole-number labels.

    Example:
        >>> majority_vote([[0, 1, 2], [0, 1, 1], [1, 1, 0]]).tolist()
        [0, 1, 0]
    """
    table = _labels(masks)
    classes = np.unique(table)
    votes = np.stack([(table == label).sum(axis=0) for label in classes])
    return np.asarray(classes[votes.argmax(axis=0)])


def staple(masks: ArrayLike, *, start: float = 0.9999, tolerance: float = 1e-7, iterations: int = 500) -> Staple:
    """STAPLE for two labels or more, with the share of each label as the prior.

    Args:
        masks: ``(K, ...)`` whole-number labels of K readers, two or more.
        start: reliability that every reader begins with.
        tolerance: it rests when no reliability moves by more.
        iterations: at most.

    Raises:
        StatisticsError: if there are fewer than two readers, or a mask holds other than whole-number labels.

    Example:
        >>> staple([[0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 1, 1]]).labels.tolist()
        [0, 1, 1, 0]
    """
    table = _labels(masks)
    if len(table) < 2:
        raise StatisticsError("STAPLE needs the masks of two readers or more.")
    classes, said = np.unique(table, return_inverse=True)
    said = said.reshape(len(table), -1)
    answers, where, count = np.unique(said, axis=1, return_inverse=True, return_counts=True)
    n_labels, weight = len(classes), count.astype(float)
    prior = np.array([(said == label).mean() for label in range(n_labels)])
    said_is = np.stack([answers == s for s in range(n_labels)]).astype(float)  # (S, K, patterns)
    wrong = (1.0 - start) / max(n_labels - 1, 1)
    reliability = np.full((len(table), n_labels, n_labels), wrong)
    reliability[:, np.arange(n_labels), np.arange(n_labels)] = start if n_labels > 1 else 1.0
    chance, steps, moved = _chances(prior, reliability, answers), 0, np.inf
    while moved >= tolerance and steps < iterations:
        mass = chance * weight
        total = np.maximum(mass.sum(axis=1), np.finfo(float).tiny)
        renewed = np.einsum("tp,skp->kts", mass, said_is) / total[None, :, None]
        moved = float(np.abs(renewed - reliability).max())
        reliability, chance, steps = renewed, _chances(prior, renewed, answers), steps + 1
    where = where.ravel()
    shape = table.shape[1:]
    return Staple(
        labels=np.asarray(classes[chance.argmax(axis=0)][where].reshape(shape)),
        probability=np.asarray(chance[:, where].reshape(n_labels, *shape)),
        classes=classes,
        reliability=reliability,
        iterations=steps,
    )


def _labels(masks: ArrayLike) -> NDArray[np.int64]:
    try:
        table = np.asarray(masks)
    except ValueError as error:
        raise StatisticsError("The readers' masks differ in size; draw them on the same picture.") from error
    if table.ndim < 2 or not table.size:
        raise StatisticsError(f"Masks of several readers (K, ...) are needed; got shape {table.shape}.")
    if table.dtype.kind not in "biuf" or not (np.mod(table, 1) == 0).all():
        raise StatisticsError("Masks must hold whole-number labels; cut soft masks at a chance before the vote.")
    return table.astype(np.int64)


def _chances(
    prior: NDArray[np.float64], reliability: NDArray[np.float64], answers: NDArray[np.intp]
) -> NDArray[np.float64]:
    """``(L, patterns)`` chance of each true label; in logarithms, since many readers multiply small numbers."""
    with np.errstate(divide="ignore"):
        log = np.log(prior)[:, None] + sum(np.log(reliability[k][:, answers[k]]) for k in range(len(reliability)))
    top = log.max(axis=0)
    share = np.exp(log - np.where(np.isfinite(top), top, 0.0))
    total = share.sum(axis=0)
    # a pattern that no reliability explains keeps the prior
    return np.asarray(np.where(total > 0, share / np.where(total > 0, total, 1.0), prior[:, None]))
