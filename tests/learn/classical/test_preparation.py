from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.learn.classical.preparation import Preparation, gaps

NAN = np.nan


def test_gaps_take_the_training_median_and_the_training_scale():
    # Median of 1, 2, 9 is 2; with it the column is 1, 2, 9, 2: mean 3.5, sd sqrt(41 / 4).
    prepared = Preparation().fit(np.array([[1.0], [2.0], [9.0], [NAN]]))
    sd = np.sqrt(41.0 / 4.0)
    np.testing.assert_allclose(prepared.transform(np.array([[NAN], [13.75]])), [[-1.5 / sd], [10.25 / sd]])


def test_constant_and_empty_columns_are_dropped():
    X = np.array([[1e9, NAN, 0.0, 5.0], [1e9, NAN, 1.0, 5.0], [1e9, NAN, 2.0, NAN]])
    assert Preparation().fit(X).kept_.tolist() == [2]


def test_nothing_but_constant_columns_is_refused():
    with pytest.raises(LearnError, match="Every feature is constant or empty"):
        Preparation().fit(np.ones((5, 3)))


@pytest.mark.parametrize(("limit", "kept"), [(None, [0, 1, 2]), (0.9, [0, 2]), (0.9999, [0, 1, 2])])
def test_the_later_of_two_twins_is_left_out(rng, limit, kept):
    a, b = rng.normal(size=(2, 200))
    X = np.stack([a, -3.0 * a + 0.3 * rng.normal(size=200), b], axis=1)
    assert Preparation(limit).fit(X).kept_.tolist() == kept


def test_gaps_are_told_in_sentences():
    X = np.array([[1.0, NAN, 4.0, 0.0], [NAN, NAN, 4.0, 1.0]])
    assert gaps(X, ["a", "b", "c", "d"]) == [
        "1 of 4 features have gaps that are filled with the median: a.",
        "1 of 4 features are empty and dropped: b.",
        "1 of 4 features are constant and dropped: c.",
    ]
