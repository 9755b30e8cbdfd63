"""Kappa by hand and from published tables."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.kappa import cohen_kappa, fleiss_kappa, fleiss_kappa_of_counts


def pairs(table):
    cells = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return [i for i, _ in cells], [j for _, j in cells]


def test_cohens_kappa_by_hand():
    a, b = pairs([[20, 5], [10, 15]])  # seen 0.7, chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5
    assert cohen_kappa(a, b).value == pytest.approx(0.4)


@pytest.mark.parametrize(("weights", "by_chance"), [("linear", 0.76), ("quadratic", 1.0)])
def test_weights_count_the_distance_of_grades(weights, by_chance):
    # shares of the grades 0.4 0.4 0.2 and 0.2 0.6 0.2: mean (squared) distance by chance; seen: one step in five cases
    found = cohen_kappa([1, 1, 2, 2, 3], [1, 2, 2, 2, 3], weights=weights)
    assert found.value == pytest.approx(1 - 0.2 / by_chance)


def test_quadratic_weights_agree_with_scikit_learn(rng):
    from sklearn.metrics import cohen_kappa_score

    a, b = rng.integers(0, 4, 60), rng.integers(0, 4, 60)
    b[:30] = a[:30]
    for weights, theirs in (("none", None), ("linear", "linear"), ("quadratic", "quadratic")):
        assert cohen_kappa(a, b, weights=weights).value == pytest.approx(cohen_kappa_score(a, b, weights=theirs))


def test_fleiss_published_example():
    # Fleiss 1971 by way of the worked example of 14 readers, 10 cases, 5 classes: kappa 0.210
    counts = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    assert fleiss_kappa_of_counts(counts).value == pytest.approx(0.210, abs=0.0005)


def test_what_was_not_read_is_no_class():
    with pytest.raises(StatisticsError, match="A class is missing"):
        cohen_kappa([1, 2, np.nan, 1], [1, 2, 2, np.nan])
    with_gaps = [["a", "a", None], ["b", "b", "b"], ["a", "", "b"], ["a", "a", "a"]]
    assert fleiss_kappa(with_gaps).value == fleiss_kappa_of_counts([[2, 0], [0, 3], [1, 1], [3, 0]]).value


def test_one_class_only_says_nothing():
    assert np.isnan(cohen_kappa([1, 1, 1], [1, 1, 1]).value)
