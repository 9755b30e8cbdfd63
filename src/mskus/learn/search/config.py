"""One typed YAML file that says all of a search: a training run, that of a candidate, and a section ``search``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mskus.learn.search.cost import Limits
from mskus.learn.search.genotype import DEEPEST, Gene, Genotype, gene_choices
from mskus.learn.train.config import NetworkConfig, SplitConfig, TrainConfig, read_config

Count = Annotated[int, Field(ge=1)]


class SpaceConfig(BaseModel):
    """What is searched.

    Attributes:
        nodes: of a cell.
        widths: features of a node at half of the resolution.
        growths: how many times more features every level below has.
        depths: cells down.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    nodes: Annotated[int, Field(ge=1, le=6)] = 3
    widths: Annotated[tuple[Annotated[int, Field(ge=4)], ...], Field(min_length=1)] = (8, 12, 16)
    growths: Annotated[tuple[Annotated[float, Field(ge=1.0, le=2.0)], ...], Field(min_length=1)] = (1.5, 2.0)
    depths: Annotated[tuple[Annotated[int, Field(ge=1, le=DEEPEST)], ...], Field(min_length=1)] = (3, 4)

    def choices(self) -> dict[str, tuple[Gene, ...]]:
        """What every gene may be."""
        return gene_choices(nodes=self.nodes, widths=self.widths, growths=self.growths, depths=self.depths)


class SearchSection(BaseModel):
    """How it is searched.

    Attributes:
        strategy: ``evolution`` with ageing, or ``random`` to compare with.
        objective: ``score`` alone, or ``score_and_cost``: a parent is then any candidate of the tournament that no
            other one beats in both.
        cost: what ``score_and_cost`` and the picture of the front weigh against the score, see
            :class:`mskus.learn.search.cost.Cost`; ``ms`` is measured.
        trials: candidates that are trained, stopped early or not, by all processes together.
        minutes: of this process; the candidate that is being trained is finished.
        population: youngest candidates that may have children.
        tournament: of how many of them the best has a child.
        stop_early: a candidate whose score in the second half of its epochs is below the median of earlier ones after
            as many is given up.
        confirm: so many of the best are trained again, for longer and from other first weights, to choose among them.
        confirm_epochs: of those.
        leave_out: a fold (or a column's values) that no candidate ever sees, so that it can judge what is found.
        space: networks that are possible.
        limits: what they may cost.
        storage: an SQLite file beside the output, or an address like ``postgresql+pg8000://user@host/name``.
        study: name of the search in the storage.
        heartbeat_s: a process that has said nothing for twice as long is taken for dead, and its candidate given up.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    strategy: Literal["evolution", "random"] = "evolution"
    objective: Literal["score", "score_and_cost"] = "score"
    cost: Literal["multiplications", "parameters", "ms"] = "multiplications"
    trials: Count = 60
    minutes: Annotated[float, Field(gt=0.0)] | None = None
    population: Count = 12
    tournament: Count = 4
    stop_early: bool = True
    confirm: Annotated[int, Field(ge=0)] = 0
    confirm_epochs: Count = 10
    leave_out: SplitConfig | None = None
    space: SpaceConfig = SpaceConfig()
    limits: Limits = Limits()
    storage: str = "study.db"
    study: Annotated[str, Field(min_length=1)] = "search"
    heartbeat_s: Count = 30

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.tournament > self.population:
            raise ValueError(f"a tournament of {self.tournament} needs a population of as many, not {self.population}")
        if self.leave_out is not None and self.leave_out.fold == "all":
            raise ValueError("leave_out.fold must be one fold")
        return self


class SearchConfig(TrainConfig):
    """All of a search. ``schedule`` is that of a candidate; ``split`` chooses on what candidates are compared."""

    search: SearchSection = SearchSection()

    @model_validator(mode="after")
    def _fits_a_search(self) -> Self:
        if self.task != "segmentation":
            raise ValueError("only networks for segmentation are searched")
        if self.network != NetworkConfig():
            raise ValueError("network is what is searched for; leave it out")
        if self.loss.adversarial:
            raise ValueError("loss.adversarial is not for candidates; leave it to the training of what is found")
        if self.split.fold == "all" or (self.split.folds == 0 and self.split.column is None):
            raise ValueError("split must hold out one fold, or a column's values, to compare candidates on")
        return self

    @property
    def address(self) -> str:
        """Of the storage, as Optuna takes it."""
        named = self.search.storage
        return named if "://" in named else f"sqlite:///{(self.output.folder / named).absolute()}"

    def allows(self, genes: dict[str, Any]) -> bool:
        """Whether the network of these choices stays below the limits."""
        return self.search.limits.allow(Genotype.of(genes), n_classes=len(self.data.classes), size=self.data.size)


def read_search_config(path: str | Path, *, settings: Sequence[tuple[str, Any]] = ()) -> SearchConfig:
    """Read a search's YAML file, as :func:`mskus.learn.train.config.read_config` reads a run's."""
    config = read_config(path, settings=settings, model=SearchConfig)
    assert isinstance(config, SearchConfig)
    return config
