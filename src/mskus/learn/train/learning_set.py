"""What a run learns from, whatever its task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mskus.learn.manifest import Case
from mskus.learn.train.data import DrawnData
from mskus.learn.train.sampler import Pool
from mskus.learn.train.split import Split
from mskus.learn.train.tasks import TaskRules


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a run learns from.

    Attributes:
        split: what stands on each side, in the order of the data sets.
        training: augmented.
        held_out: as they are; may be empty.
        choosing: pictures of other patients that choose the epoch, or None where the held-out ones do.
        pools: what an epoch draws from.
        rules: of the task.
        outputs: names of the network's output channels.
        frames: what the held-out scores are of, where one example has several.
    """

    split: Split
    training: DrawnData[Any]
    held_out: DrawnData[Any]
    choosing: DrawnData[Any] | None = None
    pools: tuple[Pool, ...]
    rules: TaskRules
    outputs: tuple[str, ...] = field(default=())
    frames: Sequence[Case] | None = None

    @property
    def validation(self) -> DrawnData[Any]:
        """What is looked at after every epoch."""
        return self.held_out if self.choosing is None else self.choosing

    @property
    def scored(self) -> Sequence[Case]:
        """What each held-out score is of."""
        return self.split.held_out if self.frames is None else self.frames
