"""The classifiers by name: how each is built and which of its hyper-parameters are worth searching."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError

if TYPE_CHECKING:
    from optuna.trial import BaseTrial

Parameters = dict[str, Any]

_CLASSIFIERS: dict[str, ClassifierKind] = {}


@dataclass(frozen=True, kw_only=True)
class ClassifierKind:
    """A named kind of classifier.

    Attributes:
        name: what the user asks for.
        source: paper.
        build: from hyper-parameters and a seed to an unfitted scikit-learn classifier.
        space: from an Optuna trial to hyper-parameters.
        defaults: hyper-parameters without tuning; also the first trial of a tuning.
        regularised: whether it holds its own with more features than samples.
    """

    name: str
    source: str
    build: Callable[[Parameters, int], Any]
    space: Callable[[BaseTrial], Parameters]
    defaults: Parameters
    regularised: bool


def classifier(
    name: str, *, source: str, space: Callable[[BaseTrial], Parameters], defaults: Parameters, regularised: bool
) -> Callable[[Callable[[Parameters, int], Any]], Callable[[Parameters, int], Any]]:
    """Register a builder under a name; a user's own joins the same way."""

    def register(build: Callable[[Parameters, int], Any]) -> Callable[[Parameters, int], Any]:
        _CLASSIFIERS[name] = ClassifierKind(
            name=name, source=source, build=build, space=space, defaults=defaults, regularised=regularised
        )
        return build

    return register


def classifiers() -> dict[str, ClassifierKind]:
    """All kinds by name.

    Example:
        >>> list(classifiers())[:3]
        ['logistic_regression', 'k_nearest_neighbours', 'naive_bayes']
    """
    return dict(_CLASSIFIERS)


def classifier_kind(name: str) -> ClassifierKind:
    """The kind of that name.

    Raises:
        LearnError: if there is none.
    """
    if name not in _CLASSIFIERS:
        raise LearnError(f"There is no classifier named {name!r}; choose one of {', '.join(_CLASSIFIERS)}.")
    return _CLASSIFIERS[name]


def raw_probabilities(fitted: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(N, C)`` probabilities; where a classifier has margins only, their logistic (two classes) or softmax.

    The log-odds of the logistic are the margin again, so that Platt's calibration works on what it was made for.
    """
    if hasattr(fitted, "predict_proba"):
        return np.asarray(fitted.predict_proba(X), np.float64)
    from scipy.special import expit, softmax

    margin = np.asarray(fitted.decision_function(X), np.float64)
    if margin.ndim == 1:
        return np.stack([expit(-margin), expit(margin)], axis=1)
    return np.asarray(softmax(margin, axis=1))


@classifier(
    "logistic_regression",
    source="Cox 1958, J R Stat Soc B 20:215; L2 penalty: Hoerl & Kennard 1970",
    space=lambda trial: {"C": trial.suggest_float("C", 1e-4, 1e2, log=True)},
    defaults={"C": 0.1},
    regularised=True,
)
def _logistic_regression(parameters: Parameters, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(**parameters, max_iter=2000, random_state=seed)


@classifier(
    "k_nearest_neighbours",
    source="Cover & Hart 1967, IEEE Trans Inf Theory 13:21",
    space=lambda trial: {
        "n_neighbors": trial.suggest_int("n_neighbors", 1, 31, step=2),
        "weights": trial.suggest_categorical("weights", ["uniform", "distance"]),
    },
    defaults={"n_neighbors": 7, "weights": "distance"},
    regularised=False,
)
def _k_nearest_neighbours(parameters: Parameters, seed: int) -> Any:
    from mskus.learn.classical.neighbours import BoundedNeighbours

    # Without a search tree: fast enough for tables, and nothing but arrays to save.
    return BoundedNeighbours(**parameters, algorithm="brute")


@classifier(
    "naive_bayes",
    source="Gaussian naive Bayes; John & Langley 1995, UAI, p. 338",
    space=lambda trial: {"var_smoothing": trial.suggest_float("var_smoothing", 1e-9, 1.0, log=True)},
    defaults={"var_smoothing": 1e-3},
    regularised=False,
)
def _naive_bayes(parameters: Parameters, seed: int) -> Any:
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB(**parameters)


@classifier(
    "support_vector_machine",
    source="Cortes & Vapnik 1995, Mach Learn 20:273; radial kernel",
    space=lambda trial: {
        "C": trial.suggest_float("C", 1e-2, 1e3, log=True),
        "gamma": trial.suggest_float("gamma", 1e-4, 1.0, log=True),
    },
    defaults={"C": 1.0, "gamma": "scale"},
    regularised=True,
)
def _support_vector_machine(parameters: Parameters, seed: int) -> Any:
    from sklearn.svm import SVC

    return SVC(**parameters, kernel="rbf", random_state=seed)


@classifier(
    "decision_tree",
    source="Breiman, Friedman, Olshen & Stone 1984, Classification and Regression Trees",
    space=lambda trial: {
        "max_depth": trial.suggest_int("max_depth", 1, 8),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 20),
    },
    defaults={"max_depth": 4, "min_samples_leaf": 5},
    regularised=False,
)
def _decision_tree(parameters: Parameters, seed: int) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(**parameters, random_state=seed)


@classifier(
    "random_forest",
    source="Breiman 2001, Mach Learn 45:5",
    space=lambda trial: {
        "max_features": trial.suggest_float("max_features", 0.1, 1.0),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 10),
    },
    defaults={"max_features": 0.3, "min_samples_leaf": 2},
    regularised=True,
)
def _random_forest(parameters: Parameters, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(**parameters, n_estimators=100, random_state=seed)


@classifier(
    "neural_network",
    source="multilayer perceptron; Rumelhart, Hinton & Williams 1986, Nature 323:533; L-BFGS",
    space=lambda trial: {
        "alpha": trial.suggest_float("alpha", 1e-3, 1e2, log=True),
        "hidden": trial.suggest_categorical("hidden", [4, 8, 16, 32]),
    },
    defaults={"alpha": 1.0, "hidden": 8},
    regularised=True,
)
def _neural_network(parameters: Parameters, seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    # A quasi-Newton solver suits tables of hundreds of rows and needs no learning rate.
    return MLPClassifier(
        hidden_layer_sizes=(parameters["hidden"],),
        alpha=parameters["alpha"],
        solver="lbfgs",
        max_iter=1000,
        random_state=seed,
    )


@classifier(
    "gradient_boosting",
    source="Friedman 2001, Ann Stat 29:1189; histogram of Ke et al. 2017",
    space=lambda trial: {
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.3, log=True),
        "max_leaf_nodes": trial.suggest_int("max_leaf_nodes", 3, 15),
        "l2_regularization": trial.suggest_float("l2_regularization", 1e-3, 10.0, log=True),
    },
    defaults={"learning_rate": 0.1, "max_leaf_nodes": 7, "l2_regularization": 1.0},
    regularised=True,
)
def _gradient_boosting(parameters: Parameters, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        **parameters, max_iter=60, min_samples_leaf=5, early_stopping=False, random_state=seed
    )
