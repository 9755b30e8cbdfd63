"""The bootstrap by patient where it has little to draw from, and where a figure can be infinite."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.estimate import Estimate, bootstrap, draws_by_group, with_bootstrap


def test_an_infinite_figure_has_an_infinite_end():
    """As the Hausdorff distance of a structure that was missed in some pictures."""
    distance = np.array([1.0, 2.0, 3.0, np.inf, np.inf])
    found = with_bootstrap(np.median, distance)
    assert (found.value, found.low, found.high) == (3.0, 1.0, np.inf)
    assert with_bootstrap(np.median, -distance)[:3] == (-3.0, -np.inf, -1.0)
    assert with_bootstrap(np.mean, [np.inf, np.inf])[:3] == (np.inf, np.inf, np.inf)


def test_every_draw_has_as_many_patients_each_whole():
    who = np.array(list("abbccc"))
    for rows in draws_by_group(who, repeats=50):
        drawn, count = np.unique(who[rows], return_counts=True)
        times = count / [{"a": 1, "b": 2, "c": 3}[name] for name in drawn]
        assert times.sum() == 3
        assert (times == times.astype(int)).all()


def test_the_same_seed_draws_the_same():
    values = np.arange(20.0)
    first, again, other = (with_bootstrap(np.mean, values, repeats=200, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_figure_that_no_draw_defines():
    def undefined(rows):
        raise StatisticsError("no")

    with pytest.raises(StatisticsError, match="no"):
        bootstrap(undefined, ["a", "b"])
    found = bootstrap(lambda rows: float("nan"), ["a", "b"], repeats=20)
    assert np.isnan(found[:3]).all()
    assert found.skipped == 1.0


def test_text_of_an_estimate():
    assert Estimate(1.234, 1.1, 1.4).text() == "1.23 (1.10 to 1.40)"
    assert Estimate(12.34, -1.0, np.inf).text(1) == "12.3 (-1.0 to inf)"


def test_nothing_to_draw_from_is_named():
    with pytest.raises(StatisticsError, match="no rows to draw from"):
        bootstrap(np.mean, [])
    with pytest.raises(StatisticsError, match="differ in length: 2, 3 rows"):
        with_bootstrap(np.mean, [1.0, 2.0], patients=["a", "b", "c"])
