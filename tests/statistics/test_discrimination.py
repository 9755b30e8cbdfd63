"""The table of a classifier: which rows it has, what they hold, and labels that cannot be understood."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.discrimination import judge_classes, judge_scores, positive_labels

LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 1])
FIRST = np.array([0.1, 0.2, 0.3, 0.6, 0.4, 0.7, 0.8, 0.9])
SECOND = np.array([0.1, 0.6, 0.7, 0.2, 0.8, 0.3, 0.9, 0.4])


def by_name(rows):
    return {(row.of, row.figure): row for row in rows}


def test_figures_of_a_score_by_hand():
    rows = by_name(judge_scores(LABELS, {"first": FIRST}, repeats=0))
    expected = {
        "AUC": 15 / 16,
        "average precision": (1 + 1 + 1 + 4 / 5) / 4,
        "sensitivity": 3 / 4,
        "specificity": 3 / 4,
        "PPV": 3 / 4,
        "F1": 3 / 4,
        "Brier score": (0.01 + 0.04 + 0.09 + 0.36 + 0.36 + 0.09 + 0.04 + 0.01) / 8,
    }
    assert {name: rows["first", name].estimate.value for name in expected} == pytest.approx(expected)
    assert all(row.by_patient is None for row in rows.values())


@pytest.mark.parametrize(("threshold", "found"), [(0.4, (1.0, 0.75)), (0.65, (0.75, 1.0)), (2.0, (0.0, 1.0))])
def test_positive_at_or_above_the_threshold(threshold, found):
    rows = by_name(judge_scores(LABELS, {"s": FIRST}, threshold=threshold, repeats=0))
    assert tuple(rows["s", name].estimate.value for name in ("sensitivity", "specificity")) == found


def test_two_scores_are_compared():
    rows = by_name(judge_scores(LABELS, {"A": FIRST, "B": SECOND}, repeats=30))
    area = rows["A - B", "difference of AUC"]
    assert area.estimate.value == pytest.approx(15 / 16 - 12 / 16)
    assert area.by_patient.value == area.estimate.value
    # A is right on 6 and B on 4, both on 2: 2 (1 + 6 + 15) / 2^6
    right = rows["A - B", "difference of accuracy"]
    assert right.estimate.value == pytest.approx(2 / 8)
    assert "only first right 4, only second 2; McNemar exact p = 0.69" in right.note


def test_the_bootstrap_draws_patients():
    rows = by_name(judge_scores(LABELS, {"s": FIRST}, patients=list("aabbccdd"), repeats=100))
    found = rows["s", "specificity"].by_patient
    assert (found.value, found.low, found.high) == (0.75, 0.5, 1.0)  # a is all right, b half


def test_figures_of_three_classes():
    truth, said = list("aaabbc"), list("aabbba")
    rows = by_name(judge_classes(truth, said, repeats=0))
    found = {name: rows[name].estimate.value for name in rows}
    assert found["classes", "accuracy"] == pytest.approx(4 / 6)
    assert found["classes", "balanced accuracy"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert found["classes", "macro F1"] == pytest.approx((4 / 6 + 4 / 5 + 0) / 3)
    # by chance (3 * 3 + 2 * 3 + 1 * 0) / 36
    assert found["classes", "Cohen's kappa"] == pytest.approx((4 / 6 - 15 / 36) / (1 - 15 / 36))
    assert [found[name, "recognised"] for name in "abc"] == pytest.approx([2 / 3, 1, 0])


@pytest.mark.parametrize(
    ("labels", "positive", "expected"),
    [
        ([0, 1, 1], None, [0, 1, 1]),
        ([0.0, 1.0], None, [0, 1]),
        ([True, False], None, [1, 0]),
        (["0", "1"], None, [0, 1]),
        ([1, 2, 3, 2], 2, [0, 1, 0, 1]),
        (["ill", "well"], "well", [0, 1]),
    ],
)
def test_labels_as_numbers(labels, positive, expected):
    assert positive_labels(labels, positive).tolist() == expected


@pytest.mark.parametrize(
    ("labels", "positive", "words"),
    [
        ([1, 2], None, "Which of the classes 1, 2 is the positive one"),
        (["ill", "well"], "sick", "no class 'sick'; the classes are ill, well"),
        (np.array(["ill", "well", np.nan], object), "ill", "1 of 3 labels are missing"),
        (np.array(["ill", None, ""], object), "ill", "2 of 3 labels are missing"),
        ([0.0, 1.0, np.nan], None, "1 of 3 labels are missing"),
    ],
)
def test_labels_that_cannot_be_understood_are_named(labels, positive, words):
    with pytest.raises(StatisticsError, match=words):
        positive_labels(labels, positive)


def test_bad_columns_are_named():
    with pytest.raises(StatisticsError, match="2 true classes cannot be paired with 1"):
        judge_classes(["a", "b"], ["a"], repeats=0)
    with pytest.raises(StatisticsError, match="one class"):
        judge_scores([1, 1], {"s": [0.2, 0.4]}, repeats=0)
