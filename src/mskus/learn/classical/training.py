"""One training: tune, select, fit, calibrate, set the threshold; all from the rows that are given and no others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.learn.classical.calibration import Calibration, fit_calibration
from mskus.learn.classical.classifiers import Parameters, classifier_kind, raw_probabilities
from mskus.learn.classical.decision import best_threshold, by_patient, decide
from mskus.learn.classical.imbalance import fit_balanced
from mskus.learn.classical.inner import Front, InnerFolds
from mskus.learn.classical.recipe import PatientRule, Recipe
from mskus.learn.classical.tuning import tune

Matrix = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(kw_only=True)
class Trained:
    """A fitted chain from the table's matrix to probabilities and decisions.

    Attributes:
        front: preparation and selection.
        classifier: fitted, of scikit-learn.
        calibration: from raw to calibrated probabilities.
        threshold: of the second of two classes, for a picture.
        patient_threshold: the same for a patient.
        patient_rule: how pictures of a patient are put together.
        parameters: hyper-parameters chosen.
        inner_auc: mean AUC of the inner folds with them; optimistic, for the tuning chose by it.
    """

    front: Front
    classifier: Any
    calibration: Calibration
    threshold: float
    patient_threshold: float
    patient_rule: PatientRule
    parameters: Parameters
    inner_auc: float

    def probabilities(self, X: Matrix) -> Matrix:
        """``(N, C)`` calibrated probabilities of rows ``(N, F)``."""
        return self.calibration(raw_probabilities(self.classifier, self.front(X)))

    def decide(self, probabilities: Matrix) -> Indices:
        """``(N,)`` class numbers of pictures."""
        return decide(probabilities, threshold=self.threshold)

    def by_patient(self, probabilities: Matrix, patients: NDArray[Any]) -> tuple[NDArray[Any], Matrix, Indices]:
        """Patients in sorted order, their ``(P, C)`` probabilities and ``(P,)`` class numbers."""
        who, together = by_patient(probabilities, patients, rule=self.patient_rule, threshold=self.threshold)
        return who, together, decide(together, threshold=self.patient_threshold)


def train(
    X: Matrix,
    y: Indices,
    groups: NDArray[Any],
    *,
    recipe: Recipe,
    prior: NDArray[np.float64] | None = None,
    storage: Path | None = None,
) -> Trained:
    """Train on all rows given.

    Calibration and thresholds come from out-of-fold probabilities of inner folds by patient; where a class has one
    patient there are none, and the defaults stand: no tuning, no calibration, threshold 0.5.

    Args:
        X: ``(N, F)`` features, NaN where unknown.
        y: ``(N,)`` class numbers 0 .. C-1, all present.
        groups: ``(N,)`` patients.
        recipe: the choices.
        prior: see :func:`mskus.learn.classical.calibration.fit_calibration`.
        storage: see :func:`mskus.learn.classical.tuning.tune`.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):  # tables are small: more threads wait for one another longer than they work
        return _train(InnerFolds(X=X, y=y, groups=groups, recipe=recipe), prior=prior, storage=storage)


def _train(inner: InnerFolds, *, prior: NDArray[np.float64] | None, storage: Path | None) -> Trained:
    X, y, groups, recipe = inner.X, inner.y, inner.groups, inner.recipe
    tuned = tune(inner, storage=storage)
    calibration, threshold, patient_threshold = Calibration(), 0.5, 0.5
    if inner.folds:
        raw = inner.out_of_fold(tuned.parameters, n_features=tuned.n_features)
        calibration = fit_calibration(raw, y, kind=recipe.calibration, prior=prior)
        unseen = calibration(raw)
        threshold = best_threshold(y, unseen)
        _, together = by_patient(unseen, groups, rule=recipe.patient_rule, threshold=threshold)
        _, classes = patient_classes(y, groups)
        known = classes >= 0
        patient_threshold = best_threshold(classes[known], together[known])
    front = Front.fit(X, y, groups, recipe=recipe, n_features=tuned.n_features)
    kind = classifier_kind(recipe.classifier)
    classifier = fit_balanced(
        kind.build(tuned.parameters, recipe.seed), front(X), y, groups, how=recipe.imbalance, seed=recipe.seed
    )
    return Trained(
        front=front,
        classifier=classifier,
        calibration=calibration,
        threshold=threshold,
        patient_threshold=patient_threshold,
        patient_rule=recipe.patient_rule,
        parameters=tuned.parameters,
        inner_auc=tuned.auc,
    )


def patient_classes(y: Indices, groups: NDArray[Any]) -> tuple[NDArray[Any], Indices]:
    """Patients in sorted order and the class of each, -1 where pictures of one patient differ.

    Example:
        >>> patient_classes(np.array([0, 0, 1, 0]), np.array(["b", "b", "a", "a"]))[1]
        array([-1,  0])
    """
    who, inverse = np.unique(groups, return_inverse=True)
    lowest = np.full(len(who), np.iinfo(np.intp).max, np.intp)
    highest = np.full(len(who), -1, np.intp)
    np.minimum.at(lowest, inverse, y)
    np.maximum.at(highest, inverse, y)
    return who, np.where(lowest == highest, lowest, -1)
