"""Ranks of methods: the example of Demsar 2006, table 6, four variants of a tree on 14 sets."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.critical_difference import critical_difference

DEMSAR = [
    [0.763, 0.768, 0.771, 0.798],
    [0.599, 0.591, 0.590, 0.569],
    [0.954, 0.971, 0.968, 0.967],
    [0.628, 0.661, 0.654, 0.657],
    [0.882, 0.888, 0.886, 0.898],
    [0.936, 0.931, 0.916, 0.931],
    [0.661, 0.668, 0.609, 0.685],
    [0.583, 0.583, 0.563, 0.625],
    [0.775, 0.838, 0.866, 0.875],
    [1.000, 1.000, 1.000, 1.000],
    [0.940, 0.962, 0.965, 0.962],
    [0.619, 0.666, 0.614, 0.669],
    [0.972, 0.981, 0.97501, 0.975],  # he ranks them 2 and 3: the printed digits hide which is better
    [0.957, 0.978, 0.946, 0.970],
]


def test_ranks_and_friedman_as_published():
    found = critical_difference(DEMSAR)
    assert found.ranks == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    # he gives 9.28 without the correction for ties, which divides by 1 - (3 * 6 + 60) / (14 * 4 * 15)
    assert found.chi_squared * (1 - 78 / 840) == pytest.approx(9.28, abs=0.005)
    assert found.n == 14
    assert 0.01 < found.p < 0.02  # F = 13 * 10.23 / (42 - 10.23) = 4.19 at 3 and 39


@pytest.mark.parametrize(
    ("significance", "cd", "groups"),
    [
        (0.05, 1.25, ((3, 1, 2, 0),)),
        (0.10, 1.12, ((3, 1, 2), (2, 0))),  # 3.143 - 2.000 is more
    ],
)
def test_critical_difference_as_published(significance, cd, groups):
    found = critical_difference(DEMSAR, significance=significance)
    assert found.cd == pytest.approx(cd, abs=0.005)
    assert found.groups == groups


@pytest.mark.parametrize(
    ("k", "q"), [(2, 1.645), (3, 2.052), (4, 2.291), (5, 2.459), (6, 2.589), (7, 2.693), (8, 2.780), (9, 2.855)]
)
def test_factors_at_a_tenth_as_published(k, q):
    found = critical_difference(np.tile(np.arange(k), (20, 1)), significance=0.10)
    assert found.cd == pytest.approx(q * np.sqrt(k * (k + 1) / 120), abs=1e-3)


def test_errors_rank_the_other_way():
    better, worse = critical_difference(DEMSAR), critical_difference(-np.array(DEMSAR), higher_is_better=False)
    assert (better.ranks == worse.ranks).all()
    assert worse.chi_squared == pytest.approx(better.chi_squared)


def test_a_set_without_every_score_is_left_out():
    found = critical_difference([*DEMSAR, [0.9, np.nan, 0.8, 0.7]])
    assert (found.n, found.chi_squared) == (14, critical_difference(DEMSAR).chi_squared)


def test_always_the_same_order():
    found = critical_difference(np.tile([3, 2, 1], (30, 1)))
    assert (found.chi_squared, found.p, found.groups) == (pytest.approx(60), 0.0, ())


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([1.0, 2.0], "two methods or more; got .2,."),
        ([[1.0], [2.0]], "two methods or more; got .2, 1."),
        ([[1.0, 2.0], [np.nan, 1.0]], "1 data set.s. have a score of every method"),
    ],
)
def test_what_has_no_ranks_is_named(scores, words):
    with pytest.raises(StatisticsError, match=words):
        critical_difference(scores)
