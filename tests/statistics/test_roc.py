"""ROC, precision-recall and DeLong: the ratings of Hanley & McNeil 1982, values by hand, scikit-learn as the peer."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.estimate import with_bootstrap
from mskus.statistics.roc import (
    auc,
    average_precision,
    delong_auc,
    delong_test,
    precision_recall_curve,
    roc_at,
    roc_curve,
)

# Radiology 143:29, table II: CT images of 58 healthy and 51 ill, rated from 1 (definitely healthy) to 5
GRADES = np.arange(1, 6)
HANLEY = (
    np.repeat([0, 1], [58, 51]),
    np.concatenate([np.repeat(GRADES, [33, 6, 6, 11, 2]), np.repeat(GRADES, [3, 2, 2, 11, 33])]),
)
SMALL = [1, 1, 1, 0, 0, 0], [3, 2, 4, 1, 2, 0]


def tied_scores(rng, n=80):
    labels = np.arange(n) % 3 == 0
    return labels, np.round(rng.normal(labels * 0.8), 1)


def test_area_of_the_published_ratings():
    found = delong_auc(*HANLEY)
    assert found.value == pytest.approx(0.8932, abs=5e-5)
    # roctab of Stata gives 0.0307 for these; the interval here is that error on the logit scale
    reach = np.log(found.high / (1 - found.high)) - np.log(found.value / (1 - found.value))
    assert reach / 1.959964 * found.value * (1 - found.value) == pytest.approx(0.0307, abs=5e-5)
    assert 0 < found.low < found.value < found.high < 1


def test_variance_by_hand():
    # each of 3 beats 1, 5/6, 1 of the others: area 17/18, variance of the three 1/108, so (1/108 + 1/108) / 3
    assert auc(*SMALL) == pytest.approx(17 / 18)
    nothing = np.zeros(6)
    found = delong_test(SMALL[0], SMALL[1], nothing)  # a constant score has area 1/2 and no variance
    assert found.difference.value == pytest.approx(17 / 18 - 0.5)
    assert found.z == pytest.approx((17 / 18 - 0.5) / np.sqrt(1 / 162))


def test_delong_and_bootstrap_agree(rng):
    labels, score = tied_scores(rng, 150)
    theory, drawn = delong_auc(labels, score), with_bootstrap(auc, labels, score, repeats=400)
    assert (theory.low, theory.high) == pytest.approx((drawn.low, drawn.high), abs=0.02)


def test_curves_of_tied_scores_as_scikit_learn_has_them(rng):
    metrics = pytest.importorskip("sklearn.metrics")
    labels, score = tied_scores(rng)
    curve = roc_curve(labels, score)
    np.testing.assert_allclose(curve.threshold, metrics.roc_curve(labels, score, drop_intermediate=False)[2])
    precision, recall, _ = metrics.precision_recall_curve(labels, score)
    both = precision_recall_curve(labels, score)
    np.testing.assert_allclose(both.recall, recall[:-1][::-1])
    np.testing.assert_allclose(both.precision, precision[:-1][::-1])


def test_ties_are_one_point_of_the_curve():
    curve = roc_curve([1, 0, 1, 0], [2, 2, 2, 1])
    assert curve.false_positive_rate.tolist() == [0, 0.5, 1]
    assert curve.true_positive_rate.tolist() == [0, 1, 1]
    assert auc([1, 0, 1, 0], [5, 5, 5, 5]) == 0.5
    # half of the ties count, half way up the slanted part
    assert roc_at([1, 0, 1, 0], [2, 2, 2, 1], [0.25, 0.75]).tolist() == [0.5, 1.0]


def test_infinite_scores_tie_too():
    curve = roc_curve([1, 0, 1, 0], [np.inf, np.inf, np.inf, -np.inf])
    assert curve.true_positive_rate.tolist() == [0, 1, 1]


def test_a_class_of_one_case_has_no_interval():
    found = delong_auc([1, 0, 0, 0], [2.5, 3, 2, 1])
    assert found.value == pytest.approx(2 / 3)
    assert np.isnan([found.low, found.high]).all()
    test = delong_test([1, 0, 0, 0], [3, 1, 2, 0], [1, 3, 0, 2])
    assert np.isnan([test.z, test.p, test.difference.low, test.difference.high]).all()


@pytest.mark.parametrize(
    ("labels", "scores", "words"),
    [
        ([0, 1], [0.1], "2 labels cannot be paired with 1 scores"),
        ([0, 2], [0.1, 0.2], "Labels must be 0 .absent. or 1"),
        (["ill", "well"], [0.1, 0.2], "say which class is the positive one"),
        (["0", "1"], [0.1, 0.2], "Labels must be 0"),
        ([0, np.nan], [0.1, 0.2], "Labels must be 0"),
        ([0, 1, 1], [0.1, np.nan, np.nan], "2 of 3 scores are missing"),
        ([1, 1], [0.1, 0.2], "All 2 cases are of one class"),
        ([], [], "one class"),
    ],
)
@pytest.mark.parametrize("figure", [auc, roc_curve, delong_auc, average_precision])
def test_what_has_no_curve_is_named(figure, labels, scores, words):
    with pytest.raises(StatisticsError, match=words):
        figure(labels, scores)
