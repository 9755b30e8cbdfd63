"""Features of one machine on another's scale, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.learn.applications.device_features import FeatureAlignment


def test_an_affine_difference_is_taken_away(rng):
    truth = rng.normal(size=(200, 3))
    seen = truth * [2.0, 0.5, 10.0] + [5.0, -3.0, 0.0]
    align = FeatureAlignment.fit(seen[:100], truth[:100])
    assert align(seen[100:]) == pytest.approx(truth[100:])


def test_a_constant_feature_is_only_moved_and_gaps_stay():
    source = np.array([[1.0, 10.0], [1.0, 20.0], [1.0, 30.0], [1.0, np.nan]])
    reference = np.array([[4.0, 1.0], [4.0, 2.0], [4.0, 3.0]])
    made = FeatureAlignment.fit(source, reference)(np.array([[1.0, 25.0], [2.0, np.nan]]))
    assert made[:, 0].tolist() == [4.0, 5.0]
    assert made[0, 1] == pytest.approx(2.5)
    assert np.isnan(made[1, 1])


def test_a_feature_known_nowhere_does_no_harm():
    empty = np.full((4, 1), np.nan)
    assert np.isnan(FeatureAlignment.fit(empty, empty)(empty)).all()


@pytest.mark.parametrize(
    ("source", "reference", "words"),
    [
        (np.ones((4, 2)), np.ones((4, 3)), "do not pair up"),
        (np.ones((2, 2)), np.ones((4, 2)), "2 pictures of a machine are too few"),
    ],
)
def test_what_cannot_be_aligned_is_refused(source, reference, words):
    with pytest.raises(LearnError, match=words):
        FeatureAlignment.fit(source, reference)
