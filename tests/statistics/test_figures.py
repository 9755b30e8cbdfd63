"""Agreement figures against values by hand."""

import numpy as np
import pytest

from mskus.statistics import bootstrap, coverage, dice, iou, rmse


def test_overlap_by_hand():
    a, b = np.zeros((2, 4), bool), np.zeros((2, 4), bool)
    a[0, :3] = True
    b[0, 1:] = True
    assert iou(a, b) == pytest.approx(2 / 4)
    assert dice(a, b) == pytest.approx(4 / 6)
    assert np.isnan(iou(np.zeros_like(a), np.zeros_like(a)))


def test_unknown_values_do_not_count():
    assert rmse([1.0, np.nan], [0.0, 0.0]) == 1.0
    assert coverage([0.0, np.nan], [1.0, 1.0], [2.0, 0.5]) == 0.0


def test_bootstrap_draws_whole_groups():
    values = np.array([0.0] * 50 + [1.0] * 50)
    groups = np.array(["a"] * 50 + ["b"] * 50)
    by_group = bootstrap(lambda i: float(values[i].mean()), groups, repeats=400)
    single = bootstrap(lambda i: float(values[i].mean()), np.arange(100), repeats=400)
    assert by_group.value == single.value == 0.5
    assert (by_group.low, by_group.high) == (0.0, 1.0)  # two groups: each draw can hold one of them twice
    assert 0.35 < single.low < single.high < 0.65
