"""ROC, calibration and decisions against scikit-learn, published tables and values by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics import (
    auc,
    average_precision,
    balanced_accuracy,
    bootstrap,
    brier,
    decide,
    delong_auc,
    delong_test,
    judge_classes,
    judge_scores,
    macro_f1,
    positive_labels,
    recalibration,
    reliability,
    roc_curve,
    threshold_at_sensitivity,
    wilson,
    with_bootstrap,
    youden_threshold,
)


@pytest.fixture
def scored(rng):
    y = rng.integers(0, 2, 300)
    return y, np.round(rng.normal(y, 1.0), 1), np.round(rng.normal(0.5 * y, 1.0), 1)


def test_areas_and_curve_as_scikit_learn(scored):
    metrics = pytest.importorskip("sklearn.metrics")
    y, s, _ = scored
    assert auc(y, s) == pytest.approx(metrics.roc_auc_score(y, s))
    assert average_precision(y, s) == pytest.approx(metrics.average_precision_score(y, s))
    false, true, _ = metrics.roc_curve(y, s, drop_intermediate=False)
    assert roc_curve(y, s).false_positive_rate == pytest.approx(false)
    assert roc_curve(y, s).true_positive_rate == pytest.approx(true)
    said = s > 0.5
    assert balanced_accuracy(y, said) == pytest.approx(metrics.balanced_accuracy_score(y, said))
    assert macro_f1(y, said) == pytest.approx(metrics.f1_score(y, said, average="macro"))


def test_delong_by_the_definition(scored):
    """The variance as DeLong wrote it, over all pairs."""
    y, a, b = scored
    covariance = np.zeros((2, 2))
    psi = [np.sign(s[y == 1][:, None] - s[y == 0][None]) / 2 + 0.5 for s in (a, b)]
    for axis, n in ((1, (y == 1).sum()), (0, (y == 0).sum())):
        covariance += np.cov([p.mean(axis=axis) for p in psi]) / n
    found = delong_test(y, a, b)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert found.difference.value == pytest.approx(psi[0].mean() - psi[1].mean())
    assert found.z == pytest.approx(found.difference.value / np.sqrt(variance))


def test_delong_of_a_score_with_itself_and_of_a_perfect_one():
    y, s = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
    assert delong_test(y, s, s).p == 1.0
    assert delong_auc(y, [0, 0, 1, 1]).value == 1.0


def test_thresholds():
    y, s = [0, 0, 1, 1, 1], [0.1, 0.6, 0.5, 0.7, 0.9]
    assert youden_threshold(y, s) == 0.7
    assert threshold_at_sensitivity(y, s, 1.0) == 0.5


def test_wilson_as_published():
    # Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    for hits, n, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(hits, n)[1:3] == pytest.approx((low, high), abs=6e-5)


def test_a_decision_by_hand():
    found = decide([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 0, 1, 1])
    assert found.sensitivity.value == 0.75
    assert found.specificity.value == pytest.approx(4 / 6)
    assert (found.ppv.value, found.npv.value) == (0.6, 0.8)
    assert found.f1 == pytest.approx(6 / 9)
    assert np.isnan(decide([0, 0], [0, 1]).sensitivity.value)


def test_calibration_of_chances_that_are_right_and_too_extreme(rng):
    p = rng.uniform(0.02, 0.98, 20_000)
    y = rng.random(p.size) < p
    right = recalibration(y, p)
    assert right.slope.low < 1 < right.slope.high
    assert right.intercept.low < 0 < right.intercept.high
    extreme = 1 / (1 + np.exp(-2 * np.log(p / (1 - p))))
    assert recalibration(y, extreme).slope.value == pytest.approx(0.5, abs=0.03)
    assert brier(y, p) == pytest.approx((p * (1 - p)).mean(), abs=0.005)


def test_reliability_by_hand():
    curve = reliability([1, 0, 1, 1], [0.95, 0.15, 0.15, 1.0], bins=10)
    assert curve.chance.tolist() == pytest.approx([0.15, 0.975])
    assert curve.share.tolist() == [0.5, 1.0]
    assert curve.n.tolist() == [2, 2]


def test_bootstrap_skips_and_counts_draws_of_one_class():
    found = with_bootstrap(auc, [0, 0, 1, 1], [0.1, 0.4, 0.3, 0.9], patients=["a", "b", "c", "d"], repeats=400)
    assert found.value == 0.75
    # two classes of two patients: a draw of four has one class in 2 / 16 of cases
    assert found.skipped == pytest.approx(0.125, abs=0.05)
    assert 0 <= found.low <= found.high <= 1


def test_one_patient_gives_no_interval():
    assert np.isnan(bootstrap(lambda i: float(len(i)), ["a", "a"]).low)


def test_all_figures_of_a_score_and_of_classes(scored):
    y, a, b = scored
    rows = {(r.of, r.figure): r for r in judge_scores(y, {"a": a, "b": b}, repeats=20)}
    assert rows["a", "AUC"].estimate.value == pytest.approx(auc(y, a))
    assert ("a", "Brier score") not in rows  # no chances
    assert rows["a - b", "difference of AUC"].estimate.value == pytest.approx(auc(y, a) - auc(y, b))
    classes = {(r.of, r.figure): r.estimate.value for r in judge_classes(list("aaab"), list("aabb"), repeats=0)}
    assert classes["classes", "accuracy"] == 0.75
    assert classes["a", "recognised"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([1, 1], [0.1, 0.2], "All 2 cases are of one class"),
        ([0, 1], [0.1, np.nan], "1 of 2 scores are missing"),
        ([0, 2], [0.1, 0.2], "Labels must be 0"),
        ([0, 1, 1], [0.1, 0.2], "3 labels cannot be paired with 2"),
    ],
)
def test_bad_scores_are_one_sentence(labels, scores, message):
    with pytest.raises(StatisticsError, match=message):
        auc(labels, scores)


def test_chances_beyond_one_and_unnamed_classes_are_one_sentence():
    with pytest.raises(StatisticsError, match="Chances must lie between 0 and 1"):
        brier([0, 1], [0.2, 1.2])
    with pytest.raises(StatisticsError, match="is the positive one"):
        positive_labels(["ill", "well"])
    with pytest.raises(StatisticsError, match="no class 'sick'"):
        positive_labels(["ill", "well"], "sick")
