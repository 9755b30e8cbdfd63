"""The grid of a comparison: preprocess x features x selection x classifier, written as a typed YAML file."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mskus.errors import LearnError
from mskus.learn.feature_extraction import Step
from mskus.learn.yaml_file import read_entries


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Choices = Annotated[list[Any], BeforeValidator(_listed), Field(min_length=1)]


class Grid(BaseModel):
    """What is compared, on what data, and how it is judged.

    Attributes:
        manifest: table of pictures, see :mod:`mskus.learn.manifest`; relative to the grid's own file.
        label: column to predict.
        patient: column that says who.
        positive: the class whose probability is judged, for two classes; the later one in the alphabet by default.
        preprocess: ``none``, an enhancement, a mapping ``{median: {size_px: 5}}``, or a list of these in order.
        features: ``all``, a family, or a list of families.
        selection: ``none`` or a name of a selection.
        classifier: names of classifiers.
        n_features: how many features a selection keeps.
        trials: Optuna trials in each outer fold.
        outer_folds: folds by patient.
        repeats: of the outer folds, each shuffled anew.
        seed: of everything.
        bins: grey levels of the discretisation.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    manifest: Path
    label: str
    patient: str = "patient"
    positive: str | None = None
    preprocess: Choices = ["none"]
    features: Choices = ["all"]
    selection: Choices = ["none"]
    classifier: Choices = ["logistic_regression"]
    n_features: Annotated[int, Field(ge=1)] = 20
    trials: Annotated[int, Field(ge=0)] = 10
    outer_folds: Annotated[int, Field(ge=2)] = 5
    repeats: Annotated[int, Field(ge=1)] = 1
    seed: int = 0
    bins: Annotated[int, Field(ge=2)] = 32

    def cells(self) -> Iterator[Cell]:
        """Every combination once, in the order of the lists."""
        for before, features, selection, classifier in itertools.product(
            self.preprocess, self.features, self.selection, self.classifier
        ):
            yield Cell(
                preprocess=steps(before),
                features=() if features == "all" else tuple(map(str, _listed(features))),
                selection=str(selection),
                classifier=str(classifier),
            )

    def judged_alike(self) -> dict[str, Any]:
        """What must be the same for two results to be comparable: everything but the choices themselves."""
        return json.loads(
            self.model_dump_json(exclude={"manifest", "preprocess", "features", "selection", "classifier"})
        )


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One combination of a grid."""

    preprocess: tuple[Step, ...]
    features: tuple[str, ...]
    selection: str
    classifier: str

    @property
    def chain(self) -> str:
        """The preprocessing in words."""
        return " > ".join(step.text() for step in self.preprocess) or "none"

    @property
    def family_names(self) -> str:
        """The features in words."""
        return "+".join(self.features) or "all"

    @property
    def name(self) -> str:
        """One line, for tables and plots."""
        return " | ".join((self.chain, self.family_names, self.selection, self.classifier))

    def key(self, **context: Any) -> str:
        """A short name for the file that holds this cell's result; changes with the data and how it is judged."""
        text = json.dumps([self.name, context], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def steps(given: Any) -> tuple[Step, ...]:
    """Preprocessing as written in a grid.

    Raises:
        LearnError: if it is not understood.

    Example:
        >>> [step.text() for step in steps(["srad", {"median": {"size_px": 5}}])]
        ['srad', 'median(size_px=5)']
        >>> steps("none")
        ()
    """
    chain: list[Step] = []
    for one in _listed(given):
        match one:
            case None | "none":
                continue
            case str():
                chain.append(Step(method=one))
            case dict() if len(one) == 1 and isinstance(parameters := next(iter(one.values())) or {}, dict):
                chain.append(Step(method=str(next(iter(one))), parameters=parameters))
            case _:
                raise LearnError(
                    f"The preprocessing {one!r} is not understood; write a name, or a name with its parameters like "
                    "{median: {size_px: 5}}."
                )
    return tuple(chain)


def read_grid(path: str | Path) -> Grid:
    """Read a grid from YAML.

    Raises:
        LearnError: in one sentence, if the file cannot be read or an entry is wrong.
    """
    path = Path(path)
    given = read_entries(path, example="manifest: manifest.csv")
    try:
        grid = Grid.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise LearnError(f"{path}: entry {where!r}: {first['msg'].lower()}.") from error
    return grid.model_copy(update={"manifest": path.parent / grid.manifest})
