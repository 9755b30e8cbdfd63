from __future__ import annotations

import numpy as np
import pytest

from mskus.learn.classical.filters import anova, mrmr, mutual_information, relieff, relieff_weights


@pytest.fixture
def xor(rng):
    """Features 2 and 5 tell the class together only, the other eight are noise."""
    X = rng.uniform(-1, 1, (300, 10))
    return X, ((X[:, 2] > 0) ^ (X[:, 5] > 0)).astype(np.intp)


def test_relieff_sees_what_features_say_together(xor):
    X, y = xor
    assert set(relieff(X, y)[:2]) == {2, 5}


def test_a_one_feature_test_does_not_see_it(xor):
    X, y = xor
    assert set(anova(X, y)[:2]) != {2, 5}


def test_relieff_weighs_misses_by_the_share_of_their_class():
    # Three classes at 0, 1 and 3 of one feature, two rows each: hits differ by 0; misses of a row by |distance| / 3,
    # each other class having half of what is not its own. Class 0: (1 + 3) / 6, 1: (1 + 2) / 6, 3: (3 + 2) / 6.
    X, y = np.array([[0.0], [0.0], [1.0], [1.0], [3.0], [3.0]]), np.array([0, 0, 1, 1, 2, 2])
    np.testing.assert_allclose(relieff_weights(X, y), [(4 + 3 + 5) / 18])


@pytest.mark.parametrize("quotient", [False, True])
def test_mrmr_prefers_a_weaker_feature_to_a_copy_of_the_best(rng, quotient):
    y = np.repeat([0, 1], 200)
    best, other = y + 0.5 * rng.normal(size=400), y + 0.8 * rng.normal(size=400)
    X = np.stack([rng.normal(size=400), best, best + 0.02 * rng.normal(size=400), other], axis=1)
    assert mrmr(X, y, n=2, quotient=quotient)[1] == 3


def test_mrmr_orders_all_where_more_are_asked_for(rng):
    X = rng.normal(size=(50, 4))
    assert sorted(mrmr(X, np.repeat([0, 1], 25), n=99)) == [0, 1, 2, 3]


def test_mutual_information_sees_a_spread_that_differs(rng):
    y = np.repeat([0, 1], 200)
    X = rng.normal(size=(400, 4))
    X[:, 3] *= 1.0 + 4.0 * y
    assert mutual_information(X, y)[0] == 3
