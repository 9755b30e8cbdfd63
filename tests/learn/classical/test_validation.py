from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.learn.classical.classifiers import classifiers
from mskus.learn.classical.filters import anova
from mskus.learn.classical.scores import auc
from mskus.learn.classical.validation import CrossValidated, class_numbers, nested_cross_validation

QUICK = {"classifier": "logistic_regression", "selection": "anova", "n_features": 5, "trials": 0}


def noise(seed: int):
    """Sixty patients of two classes, two pictures each, and 300 features that say nothing."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(60), 2)
    X = np.repeat(rng.normal(size=(60, 300)), 2, axis=0) + 0.2 * rng.normal(size=(120, 300))
    return X, groups % 2, groups


def test_selection_inside_the_folds_does_not_leak():
    areas: dict[str, list[CrossValidated]] = {"nested": [], "chosen on all rows": []}
    for seed in range(100, 106):
        X, y, groups = noise(seed)
        areas["nested"].append(nested_cross_validation(X, y, groups, **QUICK))
        best = anova(X, y)[:5]
        areas["chosen on all rows"].append(nested_cross_validation(X[:, best], y, groups, **QUICK))
    mean = {name: np.mean([auc(r.y, r.probabilities) for r in results]) for name, results in areas.items()}
    assert mean["nested"] == pytest.approx(0.5, abs=0.1)
    assert mean["chosen on all rows"] > 0.75


def test_leaving_one_out_does_not_learn_who_is_missing():
    """The shares of the training rows tell the class of the one left out: learned, they put the area near 0.2."""
    areas = []
    for seed in range(100, 104):
        X, y, groups = noise(seed)
        rows = slice(0, 60)
        choices = QUICK | {"outer_folds": "leave_one_patient_out"}
        result = nested_cross_validation(X[rows, :40], y[rows], groups[rows], **choices)
        areas.append(auc(result.y, result.probabilities))
    assert np.mean(areas) == pytest.approx(0.5, abs=0.12)


def test_knowing_a_patient_does_not_help():
    """Features that tell patients apart, not classes: pictures of one patient on both sides would be recognised."""
    X, y, groups = noise(1)
    choices = {"classifier": "k_nearest_neighbours", "selection": "none", "trials": 0}
    by_patient = nested_cross_validation(X[:, :30], y, groups, **choices)
    by_picture = nested_cross_validation(X[:, :30], y, np.arange(120), **choices)
    assert auc(by_patient.y, by_patient.probabilities) < 0.7
    assert auc(by_picture.y, by_picture.probabilities) > 0.85


@pytest.mark.parametrize("name", list(classifiers()))
def test_every_classifier_finds_what_is_there(made_table, name):
    table = made_table(patients=36, pictures=1, shift=2.5)
    X = table.filter(like="stat_").to_numpy()
    result = nested_cross_validation(
        X,
        table["diagnosis"],
        table["patient"],
        classifier=name,
        n_features=3,
        trials=2,
        outer_folds=2,
    )
    assert auc(result.y, result.probabilities) > (0.7 if name == "decision_tree" else 0.9)
    np.testing.assert_allclose(result.probabilities.sum(1), 1.0)
    assert len(result.selected) == len(result.parameters) == 2


def test_three_classes_repeats_and_gaps(made_table, rng):
    table = made_table(patients=45, pictures=1, shift=0.0)
    y = np.arange(45) % 3
    X = table.filter(like="stat_").to_numpy(copy=True)
    X[:, 0] += 4 * y
    X[rng.random(X.shape) < 0.1] = np.nan
    result = nested_cross_validation(X, y, np.arange(45), **QUICK | {"repeats": 2, "outer_folds": 3})
    assert result.by_repeat.shape == (2, 45, 3)
    assert (result.fold[0] != result.fold[1]).any()
    assert (result.predicted == y).mean() > 0.7
    assert set(result.scores()) == {"AUC", "accuracy", "balanced accuracy", "Brier score"}


def test_leaving_one_patient_out_tests_each_patient_alone(made_table):
    table = made_table(patients=8, pictures=3)
    result = nested_cross_validation(
        table.filter(like="stat_"), table["diagnosis"], table["patient"], **QUICK, outer_folds="leave_one_patient_out"
    )
    assert len(result.records) == 8
    assert [len(set(result.fold[0, result.patients == p])) for p in result.patient_names] == [1] * 8


def test_patients_with_pictures_of_two_classes_have_no_figures_by_patient():
    X, _, groups = noise(0)
    result = nested_cross_validation(X[:, :4], np.tile([0, 1], 60), groups, **QUICK)
    assert result.patient_scores() == {}
    assert set(result.scores()) >= {"AUC", "Brier score"}


def test_two_processes_give_the_same(made_table):
    table = made_table(patients=16, pictures=1)
    X, y, who = table.filter(like="stat_"), table["diagnosis"], table["patient"]
    one, two = (nested_cross_validation(X, y, who, **QUICK, outer_folds=2, jobs=jobs) for jobs in (1, 2))
    np.testing.assert_array_equal(one.by_repeat, two.by_repeat)


@pytest.mark.parametrize("positive", ["affected", "normal"])
def test_the_positive_class_comes_last(positive):
    classes, codes = class_numbers(["normal", "affected", "normal"], positive=positive)
    assert classes[1] == positive
    assert classes[codes].tolist() == ["normal", "affected", "normal"]


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"classifier": "oracle"}, "no classifier named 'oracle'; choose one of logistic_regression"),
        ({"selection": "magic"}, "no selection named 'magic'; choose none, anova"),
        ({"classifier": "naive_bayes", "selection": "none"}, "300 features for 120 rows are too many for naive_bayes"),
        ({"positive": "ill"}, "No row is of the positive class 'ill'; the classes are 0, 1"),
        ({"n_features": 0}, "n_features = 0 is not possible"),
        ({"calibration": "guess"}, "calibration = 'guess' is unknown"),
        ({"correlation_limit": 2.0}, "correlation_limit = 2 is not between 0 and 1"),
    ],
)
def test_what_is_not_possible_is_said(choices, sentence):
    with pytest.raises(LearnError, match=sentence):
        nested_cross_validation(*noise(0), **QUICK | choices)


def test_few_patients_fall_back_to_defaults_without_inner_folds():
    X = np.array([[0.0, 1.0], [0.1, 0.0], [1.0, 1.0], [1.1, 0.0]])
    result = nested_cross_validation(X, [0, 0, 1, 1], list("abcd"), **QUICK | {"trials": 5})
    assert [record.threshold for record in result.records] == [0.5, 0.5]
