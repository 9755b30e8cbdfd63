from __future__ import annotations

import numpy as np
import pytest

from mskus.learn.classical.selection import Selection, selections
from mskus.learn.classical.wrappers import SubsetScore, floating, genetic, recursive_elimination, sequential_forward


@pytest.fixture
def suppressed(rng):
    """Feature 4 is signal plus a nuisance, feature 7 the nuisance alone: useless by itself, needed beside 4."""
    y = np.tile([0, 1], 60)
    nuisance = 3.0 * rng.normal(size=120)
    X = rng.normal(size=(120, 12))
    X[:, 4], X[:, 7] = y + nuisance + 0.2 * rng.normal(size=120), nuisance
    X = (X - X.mean(0)) / X.std(0)
    return X, y, np.arange(120)


@pytest.mark.parametrize("search", [floating, genetic, recursive_elimination])
def test_a_pair_that_helps_only_together_is_found(suppressed, search):
    X, y, groups = suppressed
    found = search(X, y, n=4) if search is recursive_elimination else search(X, y, groups, n=4)
    assert {4, 7} <= set(found.tolist())


def test_the_order_of_a_forward_search_begins_with_the_best_single_feature(rng):
    y = np.tile([0, 1], 50)
    X = rng.normal(size=(100, 6))
    X[:, 3] += 3.0 * y
    X[:, 1] += 1.0 * y
    assert sequential_forward(X, y, np.arange(100), n=2).tolist() == [3, 1]


def test_the_score_of_a_subset_is_an_area_less_a_thousandth_for_each_feature():
    y = np.tile([0, 1], 10)
    X = np.stack([y - 0.5, np.tile([1.0, 1.0, -1.0, -1.0], 5)], axis=1)
    score = SubsetScore(X, y, np.arange(20))
    assert score([0]) == pytest.approx(1.0 - 1e-3)
    assert score([0, 1]) == pytest.approx(1.0 - 2e-3)
    assert score([]) == 0.0


@pytest.mark.parametrize("name", list(selections()))
def test_every_selection_keeps_as_many_as_asked_and_the_informative_one(rng, name):
    y = np.tile([0, 1], 40)
    X = rng.normal(size=(80, 9))
    X[:, 6] += 3.0 * y
    chosen = Selection(name, 3, 0).fit(X, y, np.arange(80)).chosen_
    assert 6 in chosen
    assert len(set(chosen.tolist())) == len(chosen) <= 3
    again = Selection(name, 3, 0).fit(X, y, np.arange(80)).chosen_
    assert chosen.tolist() == again.tolist()


def test_a_wrapper_falls_back_to_a_filter_where_a_class_has_one_patient(rng):
    y = np.array([0, 0, 0, 0, 1, 1])
    X = rng.normal(size=(6, 5))
    X[:, 2] += 9.0 * y
    chosen = Selection("floating", 1, 0).fit(X, y, np.array(["a", "b", "c", "d", "e", "e"])).chosen_
    assert chosen.tolist() == [2]
