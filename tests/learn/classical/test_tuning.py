from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import SaveError
from mskus.learn.classical.inner import InnerFolds
from mskus.learn.classical.recipe import Recipe
from mskus.learn.classical.tuning import open_storage, tune


@pytest.fixture
def inner(made_table):
    table = made_table(patients=30, features=8, shift=1.0)
    X = table.filter(like="stat_").to_numpy()
    y = (table["diagnosis"] == "affected").to_numpy().astype(np.intp)

    def make(**choices):
        recipe = Recipe(**{"classifier": "k_nearest_neighbours", "selection": "none", "trials": 8} | choices)
        return InnerFolds(X=X, y=y, groups=table["patient"].to_numpy().astype(str), recipe=recipe)

    return make


def test_without_trials_the_defaults_stand(inner):
    tuned = tune(inner(trials=0))
    assert tuned.parameters == {"n_neighbors": 7, "weights": "distance"}
    assert tuned.n_features == 20


def test_tuning_is_never_worse_than_the_defaults_on_the_inner_folds_and_repeats_itself(inner):
    folds = inner()
    start = folds.worth(folds.out_of_fold({"n_neighbors": 7, "weights": "distance"}, n_features=20))
    tuned = tune(folds)
    assert tuned.auc >= start
    assert tuned == tune(inner())


def test_the_number_of_features_can_be_tuned(inner):
    assert tune(inner(n_features=None, selection="anova")).n_features in (5, 10, 20, 40)


def test_a_stopped_search_goes_on_from_its_file(inner, tmp_path):
    import optuna

    storage = tmp_path / "search.db"
    tune(inner(trials=3), storage=storage)
    tune(inner(trials=4), storage=storage)
    tune(inner(trials=2, seed=1), storage=storage)  # another recipe, another search
    kept = sorted(
        len(optuna.load_study(study_name=name, storage=f"sqlite:///{storage}").trials)
        for name in optuna.get_all_study_names(f"sqlite:///{storage}")
    )
    assert kept == [1, 3]


def test_patients_with_letters_beyond_ascii_can_be_resumed(inner, tmp_path):
    folds = inner(trials=2)
    folds.groups = np.array([f"Pätient {name}" for name in folds.groups])
    assert tune(folds, storage=tmp_path / "search.db").auc > 0.5


def test_the_file_is_made_before_several_processes_want_it(inner, tmp_path):
    open_storage(tmp_path / "search.db")
    open_storage(tmp_path / "search.db")  # and opened again
    assert tune(inner(trials=2), storage=tmp_path / "search.db").auc > 0.5


def test_a_file_that_cannot_keep_the_search_is_named(tmp_path):
    (tmp_path / "text.db").write_text("this is no database " * 100, encoding="utf-8")
    for path in (tmp_path / "text.db", tmp_path / "nowhere" / "search.db"):
        with pytest.raises(SaveError, match=f"cannot be kept in {path}"):
            open_storage(path)
