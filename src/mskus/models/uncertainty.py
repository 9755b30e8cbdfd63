"""How sure is a network: it is asked several times, or several networks are asked, and their answers are compared.

Sources: deep ensembles, Lakshminarayanan, Pritzel & Blundell 2017 (arXiv 1612.01474); test-time augmentation, Wang et
al. 2019 (Neurocomputing 338:34, arXiv 1807.07356).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mskus.models.cards import Card, ModelError
from mskus.models.runtime import Network

Array = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class View:
    """A picture seen a little differently, and the way back for a map of it.

    Attributes:
        flip: left and right change places.
        gain: factor on grey levels.
        shift_px: ``(x, y)`` to the right and down; the edge is repeated.
    """

    flip: bool = False
    gain: float = 1.0
    shift_px: tuple[int, int] = (0, 0)

    def of(self, batch: Array) -> Array:
        """``(N, 1, H, W)`` pictures in [0, 1], changed."""
        seen = _shifted(batch, self.shift_px)
        seen = seen[..., ::-1] if self.flip else seen
        return np.clip(seen * np.float32(self.gain), 0.0, 1.0)

    def back(self, maps: Array) -> Array:
        """``(N, C, H, W)`` maps of changed pictures at the places of the unchanged ones."""
        maps = maps[..., ::-1] if self.flip else maps
        return _shifted(maps, (-self.shift_px[0], -self.shift_px[1]))


VIEWS = (
    View(),
    View(flip=True),
    View(gain=0.85),
    View(gain=1.15, flip=True),
    View(shift_px=(6, 5)),
    View(shift_px=(-5, -6), flip=True),
)


@dataclass(frozen=True, eq=False)
class Members:
    """Answers of K members to N pictures.

    Attributes:
        probabilities: ``(K, N, C, H, W)`` float32 in [0, 1].
    """

    probabilities: Array

    @property
    def mean(self) -> Array:
        """``(N, C, H, W)``; better than any one member as a rule."""
        return np.asarray(self.probabilities.mean(axis=0), np.float32)

    @property
    def spread(self) -> Array:
        """``(N, C, H, W)`` standard deviation over members; 0 is agreement, 0.5 the utmost."""
        return np.asarray(self.probabilities.std(axis=0), np.float32)

    def areas(self, channel: int) -> NDArray[np.float64]:
        """``(K, N)`` share of the picture that each member finds to be a class."""
        return np.asarray((self.probabilities[:, :, channel] > 0.5).mean(axis=(2, 3)))


def ask_views(network: Network, batch: Array, *, views: Sequence[View] = VIEWS) -> Members:
    """One network asked about several views of each picture.

    Args:
        network: of masks; classes are independent (sigmoid).
        batch: ``(N, 1, H, W)`` float32, as the card says.
        views: what is changed.

    Raises:
        ModelError: if the network does not take the pictures, or there is no view.
    """
    if not views:
        raise ModelError("Uncertainty needs at least one view of the picture.")
    return Members(np.stack([view.back(_sigmoid(network.predict(view.of(batch)))) for view in views]))


def ask_ensemble(networks: Sequence[Network], batch: Array) -> Members:
    """Several networks asked about each picture, such as those of the folds of a cross-validation.

    Args:
        networks: with the same classes and input.
        batch: ``(N, 1, H, W)`` float32, as their cards say.

    Raises:
        ModelError: if there is no network, they find different things, or do not take the pictures.
    """
    if not networks:
        raise ModelError("An ensemble needs at least one network.")
    if len({network.card.classes for network in networks}) > 1:
        names = ", ".join(network.card.name for network in networks)
        raise ModelError(f"{names} find different structures; an ensemble needs networks with the same classes.")
    return Members(np.stack([_sigmoid(network.predict(batch)) for network in networks]))


def area_interval(card: Card, structure: str, area: float, spread: float) -> tuple[float, float] | None:
    """The calibrated interval of an area, in its own unit; None where the network was not calibrated for it.

    Args:
        card: of the network.
        structure: one of its classes.
        area: from the members' mean.
        spread: :func:`log_spread` of the members' areas.
    """
    if structure not in card.intervals:
        return None
    from mskus.statistics.conformal import RatioInterval

    n = card.intervals[structure]
    rule = RatioInterval(quantile=n["quantile"], floor=n["floor"], share=n["share"], groups=int(n["groups"]))
    return rule.interval(area, spread)


def log_spread(figures: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(N,)`` standard deviation of the logarithm of ``(K, N)`` figures; a zero counts as a hundredth of the largest.

    >>> log_spread(np.array([[1.0, 5.0], [np.e, 5.0]])).round(3).tolist()
    [0.5, 0.0]
    """
    largest = np.maximum(figures.max(axis=0), 1e-12)
    return np.asarray(np.log(np.maximum(figures, 0.01 * largest)).std(axis=0))


def _sigmoid(logits: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float32)


def _shifted(array: Array, shift_px: tuple[int, int]) -> Array:
    """Moved to the right and down by whole pixels; the edge is repeated."""
    x, y = shift_px
    rows = np.clip(np.arange(array.shape[-2]) - y, 0, array.shape[-2] - 1)
    columns = np.clip(np.arange(array.shape[-1]) - x, 0, array.shape[-1] - 1)
    return array[..., rows[:, None], columns] if (x or y) else array
