"""Inner folds: how a choice of hyper-parameters predicts patients of the training part that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.learn.classical.classifiers import Parameters, classifier_kind, raw_probabilities
from mskus.learn.classical.folds import fewest_patients, grouped_folds
from mskus.learn.classical.imbalance import fit_balanced
from mskus.learn.classical.preparation import Preparation
from mskus.learn.classical.recipe import Recipe
from mskus.learn.classical.scores import auc
from mskus.learn.classical.selection import Selection

Matrix = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(kw_only=True)
class Front:
    """What stands before the classifier, fitted: preparation and selection."""

    preparation: Preparation
    selection: Selection

    @staticmethod
    def fit(X: Matrix, y: Indices, groups: NDArray[Any], *, recipe: Recipe, n_features: int) -> Front:
        """Fit both on training rows."""
        preparation = Preparation(recipe.correlation_limit).fit(X)
        selection = Selection(recipe.selection, n_features, recipe.seed)
        return Front(preparation=preparation, selection=selection.fit(preparation.transform(X), y, groups))

    def __call__(self, X: Matrix) -> Matrix:
        """``(N, n)`` what the classifier sees."""
        return self.selection.transform(self.preparation.transform(X))

    @property
    def columns(self) -> Indices:
        """Indices of the selected columns in the table's matrix."""
        return self.preparation.kept_[self.selection.chosen_]


@dataclass(kw_only=True, eq=False)
class InnerFolds:
    """The training part cut by patient; fronts are fitted once for every fold and number of features.

    Attributes:
        X: ``(N, F)``.
        y: ``(N,)`` class numbers, every class present.
        groups: ``(N,)`` patients.
        recipe: the choices.
    """

    X: Matrix
    y: Indices
    groups: NDArray[Any]
    recipe: Recipe
    _fronts: dict[tuple[int, int], tuple[Matrix, Matrix]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        possible = fewest_patients(self.y, self.groups) >= 2
        n, seed = self.recipe.inner_folds, self.recipe.seed
        self.folds = grouped_folds(self.y, self.groups, n=n, seed=seed) if possible else []

    def out_of_fold(self, parameters: Parameters, *, n_features: int) -> Matrix:
        """``(N, C)`` raw probabilities, each row from a model that has not seen its patient."""
        kind, seed = classifier_kind(self.recipe.classifier), self.recipe.seed
        raw = np.zeros((len(self.y), int(self.y.max()) + 1))
        for number, (train, test) in enumerate(self.folds):
            seen, unseen = self._front(number, n_features)
            model = fit_balanced(
                kind.build(parameters, seed),
                seen,
                self.y[train],
                self.groups[train],
                how=self.recipe.imbalance,
                seed=seed,
            )
            raw[test] = raw_probabilities(model, unseen)
        return raw

    def worth(self, raw: Matrix) -> float:
        """Mean over the folds of the area under the ROC curve; folds with one class only are left out."""
        areas = [auc(self.y[test], raw[test]) for _, test in self.folds]
        known = [area for area in areas if area == area]
        return float(np.mean(known)) if known else 0.5

    def _front(self, number: int, n_features: int) -> tuple[Matrix, Matrix]:
        key = (number, n_features)
        if key not in self._fronts:
            train, test = self.folds[number]
            front = Front.fit(
                self.X[train], self.y[train], self.groups[train], recipe=self.recipe, n_features=n_features
            )
            self._fronts[key] = front(self.X[train]), front(self.X[test])
        return self._fronts[key]
