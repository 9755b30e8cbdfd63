from __future__ import annotations

import numpy as np
import pytest

from mskus.learn.classical.decision import best_threshold, by_patient, decide


def two(p):
    p = np.asarray(p, float)
    return np.stack([1 - p, p], axis=1)


@pytest.mark.parametrize(
    ("y", "p", "threshold"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.8], 0.4),
        ([0, 0, 0, 1, 1], [0.1, 0.7, 0.2, 0.6, 0.9], 0.4),  # 2/3 + 1 beats 1 + 1/2
        ([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5], 0.5),
        ([1, 1, 1], [0.2, 0.3, 0.4], 0.5),
    ],
    ids=["parted", "one wrong", "all alike", "one class"],
)
def test_the_threshold_of_highest_balanced_accuracy(y, p, threshold):
    assert best_threshold(np.array(y), two(p)) == pytest.approx(threshold)


def test_of_three_classes_the_most_probable_is_taken():
    p = np.array([[0.2, 0.5, 0.3], [0.4, 0.3, 0.3]])
    assert decide(p, threshold=0.9).tolist() == [1, 0]
    assert best_threshold(np.array([1, 0]), p) == 0.5


@pytest.mark.parametrize(("rule", "expected"), [("mean", [0.5, 0.3]), ("max", [0.9, 0.3]), ("majority", [1 / 3, 0.0])])
def test_pictures_of_a_patient_are_put_together(rule, expected):
    p = two([0.9, 0.3, 0.2, 0.4])
    who, together = by_patient(p, np.array(["z", "a", "z", "z"]), rule=rule)
    assert who.tolist() == ["a", "z"]
    np.testing.assert_allclose(together[:, 1], expected[::-1])
    np.testing.assert_allclose(together.sum(1), 1.0)
