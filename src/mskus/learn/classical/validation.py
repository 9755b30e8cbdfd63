"""Nested cross-validation by patient: what is chosen, fitted or tuned never sees those it is judged on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import LearnError
from mskus.learn.classical.classifiers import Parameters, classifier_kind
from mskus.learn.classical.folds import OuterFolds, check_patients, grouped_folds
from mskus.learn.classical.recipe import Recipe
from mskus.learn.classical.scores import scores
from mskus.learn.classical.selection import selection_kind
from mskus.learn.classical.training import Trained, patient_classes, train
from mskus.learn.classical.tuning import open_storage
from mskus.statistics import Estimate

Matrix = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class FoldRecord:
    """What one outer fold chose.

    Attributes:
        repeat: of the cross-validation.
        fold: within the repeat.
        parameters: hyper-parameters.
        selected: indices of the selected columns.
        threshold: of the pictures.
        inner_auc: of the choice, on the inner folds.
    """

    repeat: int
    fold: int
    parameters: Parameters
    selected: tuple[int, ...]
    threshold: float
    inner_auc: float


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossValidated:
    """Out-of-fold predictions of every row and every patient.

    Attributes:
        classes: ``(C,)`` names; of two, the second is the positive one.
        y: ``(N,)`` true class numbers.
        patients: ``(N,)`` who.
        by_repeat: ``(R, N, C)`` probabilities.
        predicted: ``(R, N)`` class numbers, by the threshold of each fold's training.
        fold: ``(R, N)`` number of the outer fold that a row was tested in.
        records: what each outer fold chose.
        patient_names: ``(P,)`` patients in sorted order.
        patient_y: ``(P,)`` class of each, -1 where pictures of one patient differ.
        patient_by_repeat: ``(R, P, C)`` probabilities.
        patient_predicted: ``(R, P)`` class numbers.
    """

    classes: NDArray[np.str_]
    y: Indices
    patients: NDArray[np.str_]
    by_repeat: NDArray[np.float64]
    predicted: Indices
    fold: Indices
    records: tuple[FoldRecord, ...]
    patient_names: NDArray[np.str_]
    patient_y: Indices
    patient_by_repeat: NDArray[np.float64]
    patient_predicted: Indices

    @property
    def probabilities(self) -> Matrix:
        """``(N, C)`` out-of-fold probabilities, mean of the repeats."""
        return self.by_repeat.mean(0)

    @property
    def parameters(self) -> list[Parameters]:
        """Hyper-parameters that each outer fold chose."""
        return [record.parameters for record in self.records]

    @property
    def selected(self) -> list[tuple[int, ...]]:
        """Indices of the columns that each outer fold selected."""
        return [record.selected for record in self.records]

    def scores(self, *, seed: int = 0) -> dict[str, Estimate]:
        """Figures of the pictures, with intervals that draw whole patients."""
        return scores(self.y, self.by_repeat, self.predicted, self.patients, seed=seed)

    def patient_scores(self, *, seed: int = 0) -> dict[str, Estimate]:
        """Figures of the patients; empty where a patient's pictures differ in class."""
        if (self.patient_y < 0).any():
            return {}
        return scores(self.patient_y, self.patient_by_repeat, self.patient_predicted, self.patient_names, seed=seed)


def nested_cross_validation(
    X: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike,
    *,
    classifier: str = "random_forest",
    selection: str = "mrmr",
    n_features: int | None = 20,
    trials: int = 25,
    outer_folds: OuterFolds = 5,
    repeats: int = 1,
    seed: int = 0,
    positive: str | None = None,
    jobs: int = 1,
    storage: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    **choices: Any,
) -> CrossValidated:
    """Judge a recipe on patients that it has not seen.

    Outer folds hold out whole patients. On the rest everything is done anew: medians, scale, selection, tuning on inner
    folds by patient, calibration and thresholds.

    Leaving a patient out makes its class rarer in the training; a model that learns this share ranks useless features
    far below one half (Parker, Gunter & Bedo 2007, BMC Bioinformatics 8:326). Classes are therefore weighted and
    probabilities calibrated to the shares of the whole table; with ``imbalance="none"`` the fault comes back in part.

    Args:
        X: ``(N, F)`` features, NaN where unknown.
        y: ``(N,)`` class of each row.
        groups: ``(N,)`` patient of each row.
        classifier: a name of :func:`mskus.learn.classical.classifiers.classifiers`.
        selection: a name of :func:`mskus.learn.classical.selection.selections` or ``"none"``.
        n_features: how many are selected; None lets the tuning choose.
        trials: of the tuning in each outer fold; 0 takes default hyper-parameters.
        outer_folds: number of folds, or ``"leave_one_patient_out"``.
        repeats: of the outer folds, shuffled anew.
        seed: of everything.
        positive: the positive of two classes; the later in the alphabet by default.
        jobs: processes that work on outer folds.
        storage: SQLite file of the tunings, to resume.
        progress: called with outer folds done and outer folds in all.
        choices: further ones of :class:`mskus.learn.classical.recipe.Recipe`.

    Raises:
        LearnError: if a class has one patient, there are too many features for the recipe, or a name is unknown.

    Source: Varma & Simon 2006, BMC Bioinformatics 7:91.
    """
    recipe = Recipe(
        classifier=classifier, selection=selection, n_features=n_features, trials=trials, seed=seed, **choices
    )
    X = np.asarray(X, np.float64)
    X = np.where(np.isfinite(X), X, np.nan)
    classes, codes = class_numbers(y, positive=positive)
    who = np.asarray(groups).astype(str)
    check_patients(codes, who, names=classes)
    check_recipe(recipe, X.shape)
    if outer_folds == "leave_one_patient_out":
        repeats = 1
    tasks = [
        (repeat, number, fold)
        for repeat in range(repeats)
        for number, fold in enumerate(grouped_folds(codes, who, n=outer_folds, seed=seed + repeat))
    ]
    from joblib import Parallel, delayed  # type: ignore[import-untyped]

    if storage is not None:
        open_storage(storage)
    prior = np.bincount(codes) / len(codes)
    work = (
        delayed(train)(X[a], codes[a], who[a], recipe=recipe, prior=prior, storage=storage) for _, _, (a, _) in tasks
    )
    trained: list[Trained] = []
    for one in Parallel(n_jobs=jobs, return_as="generator")(work):
        trained.append(one)
        if progress is not None:
            progress(len(trained), len(tasks))
    return _gather(X, codes, who, classes, repeats, list(zip(tasks, trained, strict=True)))


def class_numbers(y: ArrayLike, *, positive: str | None = None) -> tuple[NDArray[np.str_], Indices]:
    """Class names in alphabetical order, the positive one last, and the number of each row.

    Raises:
        LearnError: if the positive class does not occur.

    Example:
        >>> class_numbers(["ill", "well", "ill"], positive="ill")
        (array(['well', 'ill'], dtype='<U4'), array([1, 0, 1]))
    """
    classes, codes = np.unique(np.asarray(y).astype(str), return_inverse=True)
    if positive is None:
        return classes, codes
    if positive not in classes:
        raise LearnError(f"No row is of the positive class {positive!r}; the classes are {', '.join(classes)}.")
    order = np.argsort(classes == positive, kind="stable")
    return classes[order], np.argsort(order)[codes]


def check_recipe(recipe: Recipe, shape: tuple[int, ...]) -> list[str]:
    """See that the recipe fits the size of the table; returns warnings.

    Raises:
        LearnError: if there are more features than rows for a classifier that is not regularised, without a selection.
    """
    kind, (n_rows, n_columns) = classifier_kind(recipe.classifier), shape
    if n_columns == 0:
        raise LearnError("The table has no feature columns; make it with `mskus features`.")
    if recipe.selection != "none":
        selection_kind(recipe.selection)
    if n_columns <= n_rows:
        return []
    if recipe.selection == "none" and not kind.regularised:
        raise LearnError(
            f"{n_columns} features for {n_rows} rows are too many for {recipe.classifier} without a selection; choose "
            "a selection such as mrmr or a regularised classifier such as logistic_regression."
        )
    return [f"There are more features ({n_columns}) than rows ({n_rows}); chance alone can look like a finding."]


def _gather(
    X: Matrix,
    y: Indices,
    patients: NDArray[np.str_],
    classes: NDArray[np.str_],
    repeats: int,
    done: list[tuple[tuple[int, int, tuple[Indices, Indices]], Trained]],
) -> CrossValidated:
    who, patient_y = patient_classes(y, patients)
    by_repeat = np.zeros((repeats, len(y), len(classes)))
    predicted, fold = np.zeros((2, repeats, len(y)), np.intp)
    patient_by_repeat = np.zeros((repeats, len(who), len(classes)))
    patient_predicted = np.zeros((repeats, len(who)), np.intp)
    records = []
    for (repeat, number, (_, test)), model in done:
        p = model.probabilities(X[test])
        by_repeat[repeat, test], predicted[repeat, test], fold[repeat, test] = p, model.decide(p), number
        names, together, decided = model.by_patient(p, patients[test])
        rows = np.searchsorted(who, names)
        patient_by_repeat[repeat, rows], patient_predicted[repeat, rows] = together, decided
        records.append(
            FoldRecord(
                repeat=repeat,
                fold=number,
                parameters=model.parameters,
                selected=tuple(int(i) for i in model.front.columns),
                threshold=model.threshold,
                inner_auc=model.inner_auc,
            )
        )
    return CrossValidated(
        classes=classes,
        y=y,
        patients=patients,
        by_repeat=by_repeat,
        predicted=predicted,
        fold=fold,
        records=tuple(records),
        patient_names=who,
        patient_y=patient_y,
        patient_by_repeat=patient_by_repeat,
        patient_predicted=patient_predicted,
    )
