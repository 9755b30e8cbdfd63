"""From a table of features to a judged and trained model."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LeakError, LearnError
from mskus.learn.classical.card import ClassicalCard, TableData, as_scores
from mskus.learn.classical.columns import feature_columns, feature_matrix, labels, patients
from mskus.learn.classical.folds import OuterFolds, check_patients, fewest_patients
from mskus.learn.classical.model import ClassicalModel, settings_of
from mskus.learn.classical.preparation import gaps
from mskus.learn.classical.recipe import Recipe
from mskus.learn.classical.store import save_model
from mskus.learn.classical.training import Trained, train
from mskus.learn.classical.validation import CrossValidated, check_recipe, class_numbers, nested_cross_validation
from mskus.statistics import Estimate

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class FitResult:
    """A model trained on everything, and how well its recipe does on patients it has not seen.

    Attributes:
        model: trained on all rows.
        validated: out-of-fold predictions of the nested cross-validation.
        scores: figures of the pictures with 95 % intervals that draw whole patients.
        patient_scores: figures of the patients; empty where pictures of one patient differ in class.
        columns: all feature columns that were offered.
        notes: what the user should know of the data, a sentence each.
        card: of the model, without its hash.
    """

    model: ClassicalModel
    validated: CrossValidated
    scores: dict[str, Estimate]
    patient_scores: dict[str, Estimate]
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    card: ClassicalCard

    @property
    def times_selected(self) -> dict[str, int]:
        """In how many outer folds each feature was selected, most often first; those never selected are left out."""
        counts = np.bincount([i for chosen in self.validated.selected for i in chosen], minlength=len(self.columns))
        order = np.argsort(-counts, kind="stable")
        return {self.columns[int(i)]: int(counts[i]) for i in order if counts[i]}

    def save(self, folder: str | Path) -> None:
        """Write model and card, see :func:`mskus.learn.classical.store.save_model`."""
        save_model(self.model, folder, card=self.card)


def fit_classifier(
    table: pd.DataFrame,
    *,
    label: str,
    patient: str = "patient",
    classifier: str = "random_forest",
    selection: str = "mrmr",
    n_features: int | None = 20,
    trials: int = 25,
    seed: int = 0,
    outer_folds: OuterFolds = 5,
    repeats: int = 1,
    positive: str | None = None,
    ignore: Sequence[str] = (),
    jobs: int = 1,
    storage: Path | None = None,
    name: str = "a table",
    progress: Callable[[int, int], None] | None = None,
    **choices: Any,
) -> FitResult:
    """Judge a recipe by nested cross-validation by patient, then train it on all rows.

    Args:
        table: one row a region, as of ``mskus features``.
        label: column to predict; rows without an entry are left out.
        patient: column that says who.
        classifier: a name of :func:`mskus.learn.classical.classifiers.classifiers`.
        selection: a name of :func:`mskus.learn.classical.selection.selections` or ``"none"``.
        n_features: how many are selected; None lets the tuning choose.
        trials: of the tuning; 0 takes default hyper-parameters.
        seed: of everything.
        outer_folds: number of folds, or ``"leave_one_patient_out"``.
        repeats: of the outer folds, shuffled anew.
        positive: the positive of two classes; the later in the alphabet by default.
        ignore: columns that are no features.
        jobs: processes that work on outer folds.
        storage: SQLite file of the tunings, to resume.
        name: of the table, for the card.
        progress: called with outer folds done and outer folds in all.
        choices: further ones of :class:`mskus.learn.classical.recipe.Recipe`.

    Raises:
        LeakError: if one picture stands under several patients.
        LearnError: if columns are missing, a class has one patient, or the recipe does not fit the table.
    """
    recipe = Recipe(
        classifier=classifier, selection=selection, n_features=n_features, trials=trials, seed=seed, **choices
    )
    cells = labels(table, label)
    notes: list[str] = []
    if (cells == "").any():
        notes.append(f"{int((cells == '').sum())} of {len(cells)} rows have no {label!r} and are left out.")
        table, cells = table[cells != ""], cells[cells != ""]
    columns = feature_columns(table, ignore=[label, patient, *ignore])
    X = feature_matrix(table, columns)
    known = np.flatnonzero(np.isfinite(X).any(1))
    if columns and len(known) < len(X):
        notes.append(f"{len(X) - len(known)} of {len(X)} rows have no features at all and are left out.")
        table, cells, X = table.iloc[known], cells[known], X[known]
    if columns and not len(cells):
        raise LearnError("No row with a label has a feature; there is nothing to learn from.")
    who = patients(table, patient)
    _check_copies(table, who)
    classes, y = class_numbers(cells, positive=positive)
    check_patients(y, who, names=classes)
    notes += check_recipe(recipe, X.shape) + gaps(X, columns) + _few_patients(y, who, outer_folds)
    settings = settings_of(table)
    validated = nested_cross_validation(
        X,
        cells,
        who,
        outer_folds=outer_folds,
        repeats=repeats,
        positive=positive,
        jobs=jobs,
        storage=storage,
        progress=progress,
        **recipe.to_dict(),
    )
    trained = train(X, y, who, recipe=recipe, storage=storage)
    model = ClassicalModel.of(trained, features=columns, classes=list(classes), label=label, feature_settings=settings)
    scores, patient_scores = validated.scores(seed=seed), validated.patient_scores(seed=seed)
    if not patient_scores:
        notes.append("Pictures of one patient differ in class, so there are no figures by patient.")
    data = _data(name, y, who, classes)
    split = _split(validated, outer_folds, repeats)
    return FitResult(
        model=model,
        validated=validated,
        scores=scores,
        patient_scores=patient_scores,
        columns=tuple(columns),
        notes=tuple(notes),
        card=_card(model, trained, recipe, label, data, split, scores, patient_scores),
    )


def _check_copies(table: pd.DataFrame, who: NDArray[np.str_]) -> None:
    """Stop where one picture stands under two patients, by the hash that ``mskus features`` writes."""
    if "image_sha256" not in table.columns:
        return
    import pandas as pd

    of_picture = pd.Series(who).groupby(table["image_sha256"].to_numpy()).unique()
    shared = [sorted(names) for names in of_picture if len(names) > 1]
    if shared:
        listed = "; ".join(" and ".join(names[:3]) for names in shared[:5])
        raise LeakError(
            f"The split leaks: {len(shared)} picture(s) stand under several patients ({listed}); "
            "give the copies one patient or leave them out."
        )


def _few_patients(y: NDArray[np.intp], who: NDArray[np.str_], outer_folds: OuterFolds) -> list[str]:
    fewest = fewest_patients(y, who)
    if outer_folds == "leave_one_patient_out" or fewest >= outer_folds:
        return []
    return [f"The rarest class has {fewest} patients, so there are {fewest} folds instead of {outer_folds}."]


def _data(name: str, y: NDArray[np.intp], who: NDArray[np.str_], classes: NDArray[np.str_]) -> TableData:
    return TableData(
        name=name,
        rows=len(y),
        patients=len(np.unique(who)),
        rows_by_class={str(c): int((y == k).sum()) for k, c in enumerate(classes)},
        patients_by_class={str(c): len(np.unique(who[y == k])) for k, c in enumerate(classes)},
    )


def _split(validated: CrossValidated, outer_folds: OuterFolds, repeats: int) -> str:
    if outer_folds == "leave_one_patient_out":
        return "nested cross-validation, one patient left out"
    times = "" if repeats == 1 else f", {repeats} times"
    return f"nested cross-validation in {int(validated.fold.max()) + 1} folds by patient{times}"


def _card(
    model: ClassicalModel,
    trained: Trained,
    recipe: Recipe,
    label: str,
    data: TableData,
    split: str,
    scores: dict[str, Estimate],
    patient_scores: dict[str, Estimate],
) -> ClassicalCard:
    by_picture = as_scores(scores, level="picture", data=data.name, split=split)
    return ClassicalCard(
        task=f"{label}: {' or '.join(model.classes)}, from {len(model.features)} features of a region",
        classes=model.classes,
        features=model.features,
        feature_settings=model.feature_settings,
        recipe=recipe.to_dict(),
        parameters=trained.parameters,
        data=data,
        split=split,
        scores=tuple(by_picture + as_scores(patient_scores, level="patient", data=data.name, split=split)),
        made_with={name: version(name) for name in ("mskus", "scikit-learn", "skops")},
        date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        sha256="",
    )
