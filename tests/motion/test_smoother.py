from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import MskusError
from mskus.motion import fuse

T = 300
TIME = np.arange(T) / 30.0
SERIES = {
    "still": np.full(T, 20.0),
    "ramp": 15.0 + 3.0 * TIME,
    "sine": 20.0 + 6.0 * np.sin(2 * np.pi * TIME),
    "twitch": 18.0 + 8.0 * np.exp(-0.5 * ((TIME - 4.0) / 0.15) ** 2),
}


def rmse(a, b):
    return float(np.sqrt(np.mean((np.asarray(a) - b) ** 2)))


def lag_frames(series, truth):
    """Delay of a series against the truth, from the first-order change with a shift in time."""
    slope = np.gradient(truth)
    return -float(np.sum((series - truth) * slope) / np.sum(slope**2))


@pytest.mark.parametrize("name", SERIES)
def test_smoother_and_without_lag_or_drift(name, rng):
    truth = SERIES[name]
    measured = truth + rng.normal(0, 1.0, T)
    # The motion sees 95 % of the change, plus noise.
    increment = np.diff(truth, prepend=truth[0]) * 0.95 + rng.normal(0, 0.08, T)
    smooth = fuse(measured, 1.0, increment, 0.1**2)
    assert rmse(smooth.value, truth) < 0.35 * rmse(measured, truth)
    assert abs(np.mean(smooth.value - truth)) < 0.15
    assert abs(np.mean((smooth.value - truth)[-30:])) < 0.4
    if name in ("sine", "twitch"):  # elsewhere the noise of the level hides a shift in time
        assert abs(lag_frames(smooth.value, truth)) < 0.3
    # The motion alone drifts away.
    assert rmse(truth[0] + np.cumsum(increment), truth) > rmse(smooth.value, truth)


def test_its_standard_deviation_is_right(rng):
    inside = []
    for _ in range(20):
        truth = 20 + np.cumsum(rng.normal(0, 0.3, T))
        increment = np.diff(truth, prepend=truth[0]) + rng.normal(0, 0.1, T)
        smooth = fuse(truth + rng.normal(0, 1.0, T), 1.0, increment, 0.1**2, tail=1e6)
        inside.append(np.abs(smooth.value - truth) < 1.96 * smooth.sd)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


def test_outliers_lose_their_say(rng):
    truth = SERIES["sine"]
    measured = truth + rng.normal(0, 0.5, T)
    wrong = rng.choice(T, 30, replace=False)
    measured[wrong] += rng.choice([-1, 1], 30) * rng.uniform(8, 25, 30)
    increment = np.diff(truth, prepend=truth[0]) + rng.normal(0, 0.08, T)
    robust, plain = (fuse(measured, 0.25, increment, 0.1**2, turns=turns).value for turns in (4, 1))
    assert rmse(robust, truth) < 0.3
    assert rmse(robust, truth) < 0.4 * rmse(plain, truth)


def test_a_gap_is_bridged_by_the_motion(rng):
    truth = SERIES["sine"]
    measured = truth + rng.normal(0, 0.3, T)
    measured[100:130] = np.nan
    increment = np.diff(truth, prepend=truth[0]) + rng.normal(0, 0.05, T)
    smooth = fuse(measured, 0.09, increment, 0.05**2)
    assert np.abs(smooth.value - truth)[100:130].max() < 0.6
    assert smooth.sd[115] > 1.5 * smooth.sd[60]


def test_a_lasting_change_is_followed(rng):
    truth = np.where(np.arange(T) < 150, 10.0, 16.0)
    smooth = fuse(truth + rng.normal(0, 0.5, T), 0.25, np.full(T, np.nan), 0.05**2, blind_variance=0.2)
    assert smooth.value[:145].mean() == pytest.approx(10.0, abs=0.2)
    assert smooth.value[156:].mean() == pytest.approx(16.0, abs=0.2)


def test_without_motion_the_walk_is_learned_from_the_series(rng):
    truth = SERIES["sine"]
    measured = truth + rng.normal(0, 0.5, T)
    smooth = fuse(measured, 0.25)
    assert rmse(smooth.value, truth) < 0.8 * rmse(measured, truth)
    assert abs(lag_frames(smooth.value, truth)) < 0.1


def test_many_series_at_once_are_the_same_as_one_by_one(rng):
    measured = rng.normal(0, 1, (40, 3)).cumsum(0)
    measured[5:9, 1] = np.nan
    measured[:, 2] = np.nan
    together = fuse(measured, 0.5, np.zeros((40, 3)), 0.2)
    for k in (0, 1):
        assert together.value[:, k] == pytest.approx(fuse(measured[:, k], 0.5, np.zeros(40), 0.2).value)
    assert np.isnan(together.value[:, 2]).all()


def test_known_by_hand():
    # Two equal measurements of one still value, walk so small that they are averaged: 1 and 3 give 2, variance 1/2.
    smooth = fuse([1.0, 3.0], 1.0, [0.0, 0.0], 1e-9, turns=1)
    assert smooth.value == pytest.approx([2.0, 2.0], abs=1e-4)
    assert smooth.sd == pytest.approx([np.sqrt(0.5)] * 2, abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1.0, 2.0], [1.0, 1.0, 1.0]), "shape"),
        (([1.0, 2.0], 0.0), "positive"),
        (([1.0, 2.0], 1.0, None, -1.0), "positive"),
        ((5.0, 1.0), "at least one frame"),
    ],
)
def test_impossible_input_is_named(arguments, words):
    with pytest.raises(MskusError, match=words):
        fuse(*arguments)


def test_few_values_do_not_tell_how_fast_things_move_and_stay_as_they_are():
    assert fuse([0.0, 20.0, 40.0], 1.0).value == pytest.approx([0.0, 20.0, 40.0], abs=0.1)
