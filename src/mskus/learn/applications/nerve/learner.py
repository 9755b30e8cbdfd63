"""A classifier of windows that never judges a picture it has learned from: cross-fitted, in one pass or two.

The training pictures are cut into folds by group; a model learned on all folds but one says what it thinks of that one.
These unseen opinions teach the second pass and the rules that make regions of them; a new picture gets the mean of the
models' opinions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.applications.nerve.windows import Labelled
from mskus.learn.classical.classifiers import classifier_kind, raw_probabilities
from mskus.learn.classical.imbalance import fit_balanced
from mskus.learn.classical.inner import Front
from mskus.learn.classical.recipe import Recipe

F32 = NDArray[np.float32]
Matrix = NDArray[np.float64]

# What suits thousands of windows where the registry's defaults are made for hundreds of rows.
_PARAMETERS: dict[str, dict[str, Any]] = {
    "k_nearest_neighbours": {"n_neighbors": 25},
    "decision_tree": {"max_depth": 10, "min_samples_leaf": 20},
    "random_forest": {"min_samples_leaf": 5},
    "support_vector_machine": {"C": 3.0},
    "neural_network": {"hidden_layer_sizes": (32,), "max_iter": 150},
    "gradient_boosting": {"max_leaf_nodes": 15, "max_iter": 100},
}
# These compare a window with those learned from: their time grows with both.
_MOST_ROWS = {"k_nearest_neighbours": 4000, "support_vector_machine": 3000}


@dataclass(frozen=True, kw_only=True)
class LearnerSettings:
    """How windows are learned.

    Attributes:
        classifier: a name of :func:`mskus.learn.classical.classifiers.classifiers`.
        selection: a name of :func:`mskus.learn.classical.selection.selections`, or ``"none"``: boosted trees do better
            with all features.
        n_features: how many a selection keeps.
        folds: of the training pictures, by group.
        windows_per_class: drawn from each picture: of neither, and of every class.
        seed: of everything.

    Raises:
        LearnError: if a number is not possible.
    """

    classifier: str = "gradient_boosting"
    selection: str = "none"
    n_features: int = 60
    folds: int = 3
    windows_per_class: tuple[int, int] = (90, 45)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.folds < 2 or min(self.windows_per_class) < 1 or self.n_features < 1:
            raise LearnError("A learner needs two folds or more, and one window and one feature at least.")


@dataclass(kw_only=True, eq=False)
class WindowLearner:
    """One pass: a model a fold.

    Attributes:
        settings: how.
        n_classes: classes beside "neither".
        models: what stands before the classifier, and the classifier, a fold each; empty before it is fitted.
    """

    settings: LearnerSettings
    n_classes: int
    models: list[tuple[Front, Any]] = field(default_factory=list)

    def fit(self, features: Sequence[F32], labels: Sequence[NDArray[np.uint8]], folds: NDArray[np.intp]) -> list[F32]:
        """Learn, and tell of every picture what the model that has not seen its fold thinks.

        Args:
            features: ``(h, w, F)`` a picture.
            labels: ``(h, w)`` class numbers 0 .. n_classes a picture.
            folds: fold of each picture.

        Returns:
            ``(h, w, n_classes)`` probabilities a picture.

        Every class must be drawn in two folds at least.
        """
        self.models = []
        unseen: list[F32] = [np.empty(0, np.float32)] * len(features)
        for fold in range(self.settings.folds):
            chosen = [int(i) for i in np.flatnonzero(folds != fold)]
            model = self._fit_one([features[i] for i in chosen], [labels[i] for i in chosen], chosen)
            self.models.append(model)
            for i in map(int, np.flatnonzero(folds == fold)):
                unseen[i] = self._opinion(model, features[i])
        return unseen

    def __call__(self, features: F32) -> F32:
        """``(h, w, n_classes)`` mean probability of the models."""
        total = sum(self._opinion(model, features) for model in self.models)
        return np.asarray(total / np.float32(len(self.models)), np.float32)

    @property
    def times_selected(self) -> NDArray[np.intp]:
        """How many models use each column, up to the last that is used."""
        return np.bincount(np.concatenate([front.columns for front, _ in self.models]))

    def _fit_one(self, features: list[F32], labels: list[NDArray[np.uint8]], pictures: list[int]) -> tuple[Front, Any]:
        asked = self.settings
        rng = np.random.default_rng(asked.seed)
        X, y, who = _drawn(features, labels, pictures, per_class=asked.windows_per_class, rng=rng)
        most = _MOST_ROWS.get(asked.classifier, len(y))
        kept = rng.permutation(len(y))[:most]
        X, y, who = X[kept], y[kept], who[kept]
        recipe = Recipe(
            classifier=asked.classifier, selection=asked.selection, n_features=asked.n_features, seed=asked.seed
        )
        front = Front.fit(X, y, who, recipe=recipe, n_features=asked.n_features)
        kind = classifier_kind(asked.classifier)
        model = kind.build(kind.defaults, asked.seed).set_params(**_PARAMETERS.get(asked.classifier, {}))
        return front, fit_balanced(model, front(X), y, who, how="none", seed=asked.seed)

    def _opinion(self, model: tuple[Front, Any], features: F32) -> F32:
        front, classifier = model
        found = raw_probabilities(classifier, front(features.reshape(-1, features.shape[-1]).astype(np.float64)))
        return np.asarray(found[:, 1:].reshape(*features.shape[:2], -1), np.float32)


def folds_of(groups: Sequence[str], *, n: int, seed: int = 0) -> NDArray[np.intp]:
    """``(N,)`` fold of each picture; pictures of one group share a fold.

    Raises:
        LearnError: if there are fewer groups than folds.
    """
    from sklearn.model_selection import GroupKFold

    if len(set(groups)) < n:
        raise LearnError(f"{len(set(groups))} groups cannot be cut into {n} folds; more people are needed.")
    fold = np.zeros(len(groups), np.intp)
    parts = GroupKFold(n, shuffle=True, random_state=seed).split(np.zeros(len(groups)), groups=np.asarray(groups))
    for number, (_, left_out) in enumerate(parts):
        fold[left_out] = number
    return fold


def check_classes(labels: Sequence[NDArray[np.uint8]], folds: NDArray[np.intp], *, classes: Sequence[int]) -> None:
    """Stop where a class could not be learned with a fold left out.

    Args:
        labels: of :func:`class_indices`.
        folds: fold of each picture.
        classes: the numbers in the masks.

    Raises:
        LearnError: naming the class.
    """
    for index, value in enumerate(classes, start=1):
        where = {int(fold) for one, fold in zip(labels, folds, strict=True) if (one == index).any()}
        if len(where) < 2:
            raise LearnError(
                f"Class {value} is drawn in {'no picture' if not where else 'pictures of one fold only'}; "
                "draw it in pictures of more people."
            )


def class_indices(examples: Sequence[Labelled], *, classes: Sequence[int]) -> list[NDArray[np.uint8]]:
    """Labels at the nodes as 0 (neither), 1 .. C in the order of the classes."""
    table = np.zeros(256, np.uint8)
    table[list(classes)] = np.arange(1, len(classes) + 1)
    return [table[one.labels] for one in examples]


def _drawn(
    features: list[F32],
    labels: list[NDArray[np.uint8]],
    pictures: list[int],
    *,
    per_class: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[Matrix, NDArray[np.intp], NDArray[np.intp]]:
    """Windows of every picture and class: rows, class numbers, picture numbers."""
    rows, classes, who = [], [], []
    for number, one, drawn in zip(pictures, features, labels, strict=True):
        flat, y = one.reshape(-1, one.shape[-1]), drawn.ravel()
        for c in np.unique(y):
            members = rng.permutation(np.flatnonzero(y == c))[: per_class[0 if c == 0 else 1]]
            rows.append(flat[members])
            classes.append(np.full(len(members), c, np.intp))
            who.append(np.full(len(members), number, np.intp))
    return np.concatenate(rows).astype(np.float64), np.concatenate(classes), np.concatenate(who)
