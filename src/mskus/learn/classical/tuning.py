"""Hyper-parameters by Optuna, judged on inner folds by patient only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mskus.errors import SaveError
from mskus.learn.classical.classifiers import Parameters, classifier_kind
from mskus.learn.classical.inner import InnerFolds

if TYPE_CHECKING:
    from optuna.trial import BaseTrial

_N_FEATURES = (5, 10, 20, 40)
_DEFAULT_N_FEATURES = 20


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """The best found: hyper-parameters, number of features, mean AUC of the inner folds."""

    parameters: Parameters
    n_features: int
    auc: float


def tune(inner: InnerFolds, *, storage: Path | None = None) -> Tuned:
    """Search the classifier's space, and the number of features where the recipe leaves it open.

    The default hyper-parameters are judged first and stay unless something is better.

    Args:
        inner: the training part, cut by patient.
        storage: an SQLite file; a search that was stopped goes on from it. A search is known by its data and recipe.

    Source: Akiba et al. 2019, KDD, p. 2623; tree-structured Parzen estimator: Bergstra et al. 2011, NIPS 24.
    """
    recipe = inner.recipe
    kind = classifier_kind(recipe.classifier)
    n_default = recipe.n_features or _DEFAULT_N_FEATURES
    if not inner.folds or recipe.trials == 0:
        return Tuned(parameters=kind.defaults, n_features=n_default, auc=float("nan"))
    start = inner.worth(inner.out_of_fold(kind.defaults, n_features=n_default))
    best = Tuned(parameters=kind.defaults, n_features=n_default, auc=start)

    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def choice(trial: BaseTrial) -> tuple[Parameters, int]:
        if recipe.n_features is not None or recipe.selection == "none":
            return kind.space(trial), n_default
        return kind.space(trial), int(trial.suggest_categorical("n_features", _N_FEATURES))

    def objective(trial: BaseTrial) -> float:
        parameters, n_features = choice(trial)
        return inner.worth(inner.out_of_fold(parameters, n_features=n_features))

    place = None if storage is None else _address(storage)
    name = recipe.digest(inner.X, inner.y, inner.groups.astype(str)) if place else None
    study = optuna.create_study(direction="maximize", storage=place, study_name=name, load_if_exists=True)
    done = len(study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)))
    study.sampler = optuna.samplers.TPESampler(seed=recipe.seed + done)
    study.optimize(objective, n_trials=max(recipe.trials - 1 - done, 0))
    if study.get_trials(deepcopy=False) and study.best_value > start:
        parameters, n_features = choice(optuna.trial.FixedTrial(study.best_params))
        best = Tuned(parameters=parameters, n_features=n_features, auc=study.best_value)
    return best


def open_storage(storage: Path) -> None:
    """Make the file's tables, before several processes want to do so at once.

    Raises:
        SaveError: if the file cannot be made or is no SQLite file.
    """
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        optuna.storages.RDBStorage(_address(storage))
    except SQLAlchemyError as error:
        raise SaveError(f"The search cannot be kept in {storage}; name a new or an earlier SQLite file.") from error


def _address(storage: Path) -> str:
    return f"sqlite:///{Path(storage).absolute()}"
