from __future__ import annotations

import numpy as np
import pytest

from mskus.learn.classical.classifiers import classifier_kind
from mskus.learn.classical.imbalance import balanced_weights, fit_balanced, oversampled


def test_weights_make_the_classes_count_the_same():
    y = np.array([0] * 6 + [1] * 2 + [2] * 4)
    weights = balanced_weights(y)
    assert [weights[y == c].sum() for c in range(3)] == pytest.approx([4, 4, 4])


def test_whole_patients_are_drawn_again():
    y = np.array([0] * 20 + [1] * 6)
    groups = np.array([f"h{n}" for n in range(20)] + ["i0", "i0", "i1", "i1", "i2", "i2"])
    rows = oversampled(y, groups, seed=1)
    assert np.bincount(y[rows]).tolist() == [20, 20]
    counts = np.bincount(rows, minlength=26)
    assert (counts[:20] == 1).all()
    assert (counts[20::2] == counts[21::2]).all()


@pytest.mark.parametrize(
    ("name", "how"),
    [("logistic_regression", "weights"), ("decision_tree", "weights"), ("naive_bayes", "oversample")],
)
def test_a_rare_class_is_found_more_often_when_balanced(rng, name, how):
    y = np.array([0] * 180 + [1] * 20)
    X = rng.normal(size=(200, 2)) + y[:, None]
    kind, groups = classifier_kind(name), np.arange(200)
    sensitivity = {
        each: fit_balanced(kind.build(kind.defaults, 0), X, y, groups, how=each).predict(X)[y == 1].mean()
        for each in ("none", how)
    }
    assert sensitivity[how] > sensitivity["none"] + 0.15


def test_a_classifier_without_weights_is_given_repeated_patients(rng):
    y = np.array([0] * 30 + [1] * 10)
    kind = classifier_kind("k_nearest_neighbours")
    fitted = fit_balanced(kind.build(kind.defaults, 0), rng.normal(size=(40, 2)), y, np.arange(40), how="weights")
    assert fitted.n_samples_fit_ == 60
