"""Paths and smoothing of lines across a picture."""

import numpy as np

from mskus.segment.paths import best_path, longest_run, whittaker


def test_best_path_follows_a_slope_and_bridges_a_gap():
    score = np.full((40, 60), -4.0, np.float32)
    rows = (10 + 0.25 * np.arange(60)).astype(int)
    score[rows, np.arange(60)] = 0.0
    score[:, 25:32] = -4.0
    path = best_path(score, 3, 0.15)
    assert np.abs(path - rows).max() <= 1


def test_whittaker_ignores_an_outlier_and_runs_straight_through_a_gap():
    x = np.arange(100.0)
    values, weights = 5.0 + 0.1 * x, np.ones(100)
    values[50] += 30.0
    weights[20:35] = 0.0
    assert np.abs(whittaker(values, weights, 1e3) - (5.0 + 0.1 * x)).max() < 0.05


def test_longest_run_closes_short_gaps():
    seen = np.array([1, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0], bool)
    assert longest_run(seen, 1) == slice(4, 9)
    assert longest_run(np.zeros(5, bool), 1) == slice(0, 0)
