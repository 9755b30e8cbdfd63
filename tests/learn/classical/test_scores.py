from __future__ import annotations

import numpy as np
import pytest

from mskus.learn.classical.scores import auc, brier, scores


def test_area_of_three_classes_is_the_mean_of_each_against_the_rest():
    # Class 0 is parted (1), class 1 beats 3 of 4 others in both ties' halves (0.75), class 2 wins 2 of 4 (0.5).
    p = np.array([[0.9, 0.1, 0.0], [0.4, 0.6, 0.0], [0.2, 0.2, 0.3], [0.2, 0.2, 0.0]])
    y = np.array([0, 1, 2, 2])
    columns = [1.0, 1.0, 0.75]
    assert auc(y, p) == pytest.approx(np.mean(columns))


def test_one_class_has_no_area():
    assert np.isnan(auc(np.array([1, 1]), np.array([[0.2, 0.8], [0.3, 0.7]])))


def test_brier_of_two_and_of_three_classes():
    assert brier(np.array([1, 0]), np.array([[0.2, 0.8], [0.6, 0.4]])) == pytest.approx((0.04 + 0.16) / 2)
    assert brier(np.array([2]), np.array([[0.1, 0.2, 0.7]])) == pytest.approx(0.01 + 0.04 + 0.09)


def test_figures_are_means_of_the_repeats():
    y = np.array([0, 1, 0, 1])
    sure, turned = np.array([[0.9, 0.1], [0.1, 0.9]] * 2), np.array([[0.1, 0.9], [0.9, 0.1]] * 2)
    found = scores(y, np.stack([sure, turned]), np.array([[0, 1, 0, 1], [1, 1, 0, 1]]), ["a", "b", "c", "d"])
    assert {name: estimate.value for name, estimate in found.items()} == pytest.approx(
        {
            "AUC": 0.5,
            "accuracy": 0.875,
            "balanced accuracy": 0.875,
            "sensitivity": 1.0,
            "specificity": 0.75,
            "Brier score": (0.01 + 0.81) / 2,
        }
    )
