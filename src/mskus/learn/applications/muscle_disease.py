"""Muscle disease from echo texture: the three published tasks, judged by patient, on one machine and across two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.features.family import FeatureRegion
from mskus.features.table import feature_table
from mskus.learn.applications.device_features import FeatureAlignment
from mskus.learn.manifest import Case, load_all

if TYPE_CHECKING:
    import pandas as pd

    from mskus.learn.classical import CrossValidated
    from mskus.learn.classical.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Task:
    """Two classes made of groups, and what was published for them.

    Attributes:
        name: as in the paper.
        negative: groups of the first class; ``positive``: of the second.
        random_forest: published accuracy of the random forest, 0 to 1.
        deep: published accuracy of the deep network.
    """

    name: str
    negative: tuple[str, ...]
    positive: tuple[str, ...]
    random_forest: float
    deep: float

    @property
    def classes(self) -> tuple[str, str]:
        """Names of the classes, the positive one last."""
        affected = self.positive == ("IBM", "PM", "DM")
        return " or ".join(self.negative), "affected" if affected else " or ".join(self.positive)


# Burlina, Billings, Joshi, Albayda 2017, PLoS ONE 12:e0184059: accuracy with patients kept apart
TASKS = (
    Task(
        name="normal vs affected", negative=("normal",), positive=("IBM", "PM", "DM"), random_forest=0.723, deep=0.762
    ),
    Task(name="normal vs IBM", negative=("normal",), positive=("IBM",), random_forest=0.843, deep=0.866),
    Task(name="IBM vs DM or PM", negative=("DM", "PM"), positive=("IBM",), random_forest=0.689, deep=0.748),
)


class TaskRows(NamedTuple):
    """The part of a table that a task is about.

    Attributes:
        rows: ``(N,)`` indices into the table.
        X: ``(N, F)`` features.
        labels: ``(N,)`` class names.
        patients: ``(N,)`` who.
    """

    rows: NDArray[np.intp]
    X: NDArray[np.float64]
    labels: NDArray[np.str_]
    patients: NDArray[np.str_]


class Seen(NamedTuple):
    """A picture with its region: ``(H, W)`` grey levels, ``(H, W)`` bool, mm per pixel or None, columns about it."""

    image: NDArray[Any]
    mask: NDArray[np.bool_]
    spacing_mm: tuple[float, float] | None
    identity: Mapping[str, Any]


def seen_cases(cases: Iterable[Case]) -> Iterator[Seen]:
    """Pictures of a manifest."""
    for case, loaded in load_all(list(cases)):
        yield Seen(loaded.image, loaded.mask, loaded.spacing_mm, case.row | {"patient": case.patient})


def texture_table(pictures: Iterable[Seen], *, names: tuple[str, ...] | None = None) -> pd.DataFrame:
    """One row a picture: what it is, then the features of its region.

    Args:
        pictures: from :func:`seen_cases` or made.
        names: families; all but shape by default, for an outline says how it was drawn, not how the muscle is.

    Raises:
        LearnError: if there is no picture.
        FeatureError: if a region is empty, has one pixel or holds NaN.
    """
    import pandas as pd

    from mskus.features.family import families

    chosen = names or tuple(name for name in families() if name != "shape")
    parts = [
        feature_table(
            [FeatureRegion.of(one.image, mask=one.mask, spacing_mm=one.spacing_mm)],
            identity=pd.DataFrame([dict(one.identity)]),
            names=chosen,
        )
        for one in pictures
    ]
    if not parts:
        raise LearnError("There is no picture to describe.")
    return pd.concat(parts, ignore_index=True)


def task_rows(table: pd.DataFrame, task: Task, *, columns: list[str] | None = None) -> TaskRows:
    """The rows of a task with their classes.

    Raises:
        LearnError: if ``group`` or ``patient`` is missing, or a class of the task does not occur.
    """
    from mskus.learn.classical.columns import feature_matrix, labels, patients

    groups, who = labels(table, "group"), patients(table, "patient")
    first, second = task.classes
    named = np.where(np.isin(groups, task.negative), first, np.where(np.isin(groups, task.positive), second, ""))
    rows = np.flatnonzero(named != "")
    for name, members in ((first, task.negative), (second, task.positive)):
        if not (named == name).any():
            raise LearnError(f"The table has no row of {' or '.join(members)}, which the task {task.name!r} needs.")
    chosen = columns or texture_columns(table)
    return TaskRows(rows, feature_matrix(table, chosen)[rows], named[rows].astype(str), who[rows])


def texture_columns(table: pd.DataFrame) -> list[str]:
    """The feature columns of a texture table; what is known of the person is none."""
    from mskus.learn.classical.columns import feature_columns

    about = ("group", "muscle", "age_years", "sex", "height_cm", "weight_kg", "thickness_mm", "bone_in_view")
    return feature_columns(table, ignore=[name for name in about if name in table.columns])


def judge_task(table: pd.DataFrame, task: Task, **choices: Any) -> CrossValidated:
    """Nested cross-validation by patient; ``scores()`` are by picture, ``patient_scores()`` by patient.

    Args:
        table: from :func:`texture_table`, with ``group`` and ``patient``.
        task: one of :data:`TASKS`.
        **choices: of :func:`mskus.learn.classical.nested_cross_validation`; a random forest by default.

    Raises:
        LearnError: if a class is missing or has one patient.
    """
    from mskus.learn.classical import nested_cross_validation

    part = task_rows(table, task)
    return nested_cross_validation(part.X, part.labels, part.patients, positive=task.classes[1], **choices)


@dataclass(frozen=True, kw_only=True, eq=False)
class AcrossMachines:
    """Predictions for pictures of patients that were not trained on, by the machine (or treatment) they come from.

    Attributes:
        labels: ``(N,)`` 1 for the positive class.
        patients: ``(N,)`` who.
        scores: ``(N,)`` probability of the positive class, by name.
        decided: ``(N,)`` class numbers at the threshold of the training machine, by name.
    """

    labels: NDArray[np.intp]
    patients: NDArray[np.str_]
    scores: dict[str, NDArray[np.float64]]
    decided: dict[str, NDArray[np.intp]]


def across_machines(
    table: pd.DataFrame,
    others: Mapping[str, pd.DataFrame],
    task: Task,
    *,
    folds: list[Any],
    recipe: Recipe,
    align: Sequence[str] = (),
) -> AcrossMachines:
    """Train on one machine, test on other patients' pictures of the same and of other machines.

    Args:
        table: of the machine that is trained on.
        others: tables of the same muscles in the same order, from another machine or treated.
        task: one of :data:`TASKS`.
        folds: pairs of patients to train on and to test on, such as a harmoniser was fitted with.
        recipe: how to train.
        align: names of ``others`` that are tested once more with their features aligned to the first machine's
            (:class:`~mskus.learn.applications.device_features.FeatureAlignment`), as ``"NAME, features aligned"``.

    Raises:
        LearnError: if a table has other rows than the first.
    """
    from mskus.learn.classical.training import train
    from mskus.learn.classical.validation import class_numbers

    columns = texture_columns(table)
    own = task_rows(table, task, columns=columns)
    _, y = class_numbers(own.labels, positive=task.classes[1])
    tables = {"same machine": own} | {name: task_rows(other, task, columns=columns) for name, other in others.items()}
    for name, part in tables.items():
        if not np.array_equal(part.patients, own.patients):
            raise LearnError(f"The table {name!r} has other patients than the one trained on; give the same rows.")
    names = [*tables, *(f"{name}, features aligned" for name in align)]
    scores = {name: np.full(len(y), np.nan) for name in names}
    decided = {name: np.zeros(len(y), np.intp) for name in names}
    for for_training, for_testing in folds:
        a, b = np.isin(own.patients, for_training), np.isin(own.patients, for_testing)
        trained = train(own.X[a], y[a], own.patients[a], recipe=recipe)
        tested = {name: part.X[b] for name, part in tables.items()}
        for name in align:
            aligned = FeatureAlignment.fit(tables[name].X[a], own.X[a])
            tested[f"{name}, features aligned"] = aligned(tables[name].X[b])
        for name, X in tested.items():
            p = trained.probabilities(X)
            scores[name][b], decided[name][b] = p[:, 1], trained.decide(p)
    return AcrossMachines(labels=y, patients=own.patients, scores=scores, decided=decided)
