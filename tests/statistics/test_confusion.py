"""Decisions and classes: what has no figure, the order of classes, scikit-learn as the peer."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.confusion import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    decide,
    macro_f1,
    wilson,
)


def test_a_share_of_nothing_is_not_known():
    assert np.isnan(wilson(0, 0)).sum() == 3


def test_nobody_ill_and_nobody_found():
    found = decide([0, 0, 0], [0, 0, 0])
    assert np.isnan([found.sensitivity.value, found.ppv.value, found.f1, found.balanced_accuracy]).all()
    assert found.specificity.value == found.npv.value == found.accuracy.value == 1.0


def test_classes_against_scikit_learn(rng):
    metrics = pytest.importorskip("sklearn.metrics")
    truth = rng.choice(["A", "B", "C"], 90, p=[0.6, 0.3, 0.1])
    said = np.where(rng.uniform(size=90) < 0.7, truth, rng.choice(["A", "B", "D"], 90))
    counts, names = confusion_matrix(truth, said)
    assert names.tolist() == ["A", "B", "C", "D"]
    assert (counts == metrics.confusion_matrix(truth, said)).all()
    assert accuracy(truth, said) == pytest.approx(metrics.accuracy_score(truth, said))
    assert macro_f1(truth, said) == pytest.approx(metrics.f1_score(truth, said, average="macro"))
    # D is no true class, so that nothing of it can be recognised: the mean is over the three others
    peer = metrics.recall_score(truth, said, average=None, zero_division=np.nan)
    assert balanced_accuracy(truth, said) == pytest.approx(np.nanmean(peer))


def test_rows_are_the_truth_in_the_order_asked_for():
    counts, names = confusion_matrix(["b", "b", "a"], ["a", "b", "a"], classes=["b", "a", "c"])
    assert names.tolist() == ["b", "a", "c"]
    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("figure", "labels", "said", "words"),
    [
        (decide, [1, 0], [1], "2 classes of one reader cannot be paired with 1"),
        (decide, [], [], "0 classes"),
        (decide, [0, 2], [0, 1], "Class '2.0' is not among the classes"),
        (decide, [0, np.nan], [0, 1], "missing .NaN."),
        (accuracy, ["a"], ["a", "b"], "1 true classes cannot be paired with 2"),
        (accuracy, [], [], "0 true classes"),
        (macro_f1, [], [], "0 classes"),
    ],
)
def test_what_cannot_be_judged_is_named(figure, labels, said, words):
    with pytest.raises(StatisticsError, match=words):
        figure(labels, said)
