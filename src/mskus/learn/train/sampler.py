"""Which picture stands where in an epoch: a function of seed and epoch alone, so that a resumed run draws the same."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from torch.utils.data import Sampler


class Draw(NamedTuple):
    """One place of an epoch: what an example's random numbers are seeded with, and its picture."""

    epoch: int
    place: int
    picture: int


@dataclass(frozen=True)
class Pool:
    """Pictures of one kind.

    Attributes:
        groups: indices of the pictures; groups are drawn alike, then a picture of the group.
        share: of a batch.
    """

    groups: tuple[tuple[int, ...], ...]
    share: float = 1.0


def grouped(indices: Sequence[int], *, by: Sequence[Hashable]) -> tuple[tuple[int, ...], ...]:
    """``indices`` in groups of equal ``by``, in the order of first appearance.

    Example:
        >>> grouped([0, 1, 2], by=["a", "b", "a"])
        ((0, 2), (1,))
    """
    groups: dict[Hashable, list[int]] = {}
    for index, name in zip(indices, by, strict=True):
        groups.setdefault(name, []).append(index)
    return tuple(tuple(g) for g in groups.values())


class EpochSampler(Sampler[Draw]):
    """Draws of one epoch; Lightning calls :meth:`set_epoch` before each.

    Every batch holds its share of each pool. Within a pool the groups come in a shuffled order, all once before one
    comes again. On several devices each takes its own batches of the same order.

    Args:
        pools: kinds of pictures.
        batch: pictures a batch and device.
        steps: batches an epoch and device.
        seed: of the shuffles.
        rank: which device this is.
        world: number of devices.

    Example:
        >>> sampler = EpochSampler([Pool(((0,), (1,), (2,)))], batch=3, steps=1, seed=0)
        >>> sorted(draw.picture for draw in sampler)
        [0, 1, 2]
    """

    def __init__(
        self, pools: Sequence[Pool], *, batch: int, steps: int, seed: int, rank: int = 0, world: int = 1
    ) -> None:
        self.pools = [p for p in pools if p.groups]
        self.batch, self.steps, self.seed, self.rank, self.world = batch, steps, seed, rank, world
        self.epoch = 0
        self._kinds = _kinds([p.share for p in self.pools], batch)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next iteration draws."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.batch * self.steps

    def __iter__(self) -> Iterator[Draw]:
        epoch = self.epoch
        streams = [_endless(p, np.random.default_rng([self.seed, epoch, n])) for n, p in enumerate(self.pools)]
        for number in range(self.steps * self.world):
            for place, kind in enumerate(self._kinds):
                index = next(streams[kind])
                if number % self.world == self.rank:
                    yield Draw(epoch, number * self.batch + place, index)


def _kinds(shares: Sequence[float], batch: int) -> list[int]:
    """Which pool each place of a batch belongs to: largest remainders."""
    wanted = np.array(shares, float) / sum(shares) * batch
    counts = np.floor(wanted).astype(int)
    for kind in np.argsort(counts - wanted, kind="stable")[: batch - counts.sum()]:
        counts[kind] += 1
    return [kind for kind, count in enumerate(counts) for _ in range(count)]


def _endless(pool: Pool, rng: np.random.Generator) -> Iterator[int]:
    while True:
        for group in rng.permutation(len(pool.groups)):
            members = pool.groups[group]
            yield members[int(rng.integers(len(members)))] if len(members) > 1 else members[0]
