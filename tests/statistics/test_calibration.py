"""Calibration: values by hand from two groups of cases, scikit-learn as the peer."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.calibration import (
    brier,
    calibration_slope,
    expected_calibration_error,
    recalibration,
    reliability,
)


def two_groups(share_low, share_high, *, chance=(0.2, 0.8), n=10):
    """n cases told ``chance[0]`` and n told ``chance[1]``, of which these shares came true."""
    came = [np.arange(n) < round(share * n) for share in (share_low, share_high)]
    return np.concatenate(came), np.repeat(chance, n)


@pytest.mark.parametrize(
    ("shares", "slope", "intercept"),
    [
        ((0.2, 0.8), 1.0, 0.0),
        ((0.3, 0.7), 0.8473 / 1.3863, 0.0),  # logit 0.7 / logit 0.8: too extreme
        ((0.1, 0.9), 2.1972 / 1.3863, 0.0),  # too timid
    ],
)
def test_slope_of_two_groups(shares, slope, intercept):
    found = recalibration(*two_groups(*shares))
    assert found.slope.value == pytest.approx(slope, abs=1e-4)
    assert found.intercept.value == pytest.approx(intercept, abs=1e-9)


def test_interval_of_the_slope_by_hand():
    # two log-odds of 10 cases each at 0.3 and 0.7, 2 * 1.3863 apart: error sqrt(2 / 2.1) / 2.7726
    found = recalibration(*two_groups(0.3, 0.7)).slope
    assert found.high - found.value == pytest.approx(1.959964 * np.sqrt(2 / 2.1) / 2.7726, abs=1e-4)


def test_intercept_says_that_chances_are_too_low():
    # all told 0.5, of whom 0.75 came true: log odds 3; no slope can be told
    found = recalibration([1, 1, 1, 0], [0.5] * 4)
    assert found.intercept.value == pytest.approx(np.log(3))
    assert np.isnan(found.slope.value)


def test_slope_against_scikit_learn(rng):
    linear = pytest.importorskip("sklearn.linear_model")
    chance = rng.uniform(0.02, 0.98, 300)
    labels = rng.uniform(size=300) < chance
    logit = np.log(chance / (1 - chance))
    peer = linear.LogisticRegression(C=1e10, tol=1e-10, max_iter=500).fit(logit[:, None], labels).coef_[0, 0]
    found = recalibration(labels, chance).slope
    assert found.value == pytest.approx(peer, abs=1e-4)
    assert found.low < 1 < found.high
    assert calibration_slope(labels, chance) == found.value


def test_classes_fully_apart_have_no_slope():
    assert np.isnan(recalibration([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]).slope).any()


def test_stated_certainty_does_not_break_the_fit():
    labels, chance = two_groups(0.2, 0.8, chance=(0.0, 1.0))
    assert calibration_slope(labels, chance) == pytest.approx(np.log(4) / np.log(1e6), rel=1e-4)


def test_reliability_by_hand():
    labels, chance = [0, 1, 0, 1, 1, 0], [0.05, 0.09, 0.55, 0.55, 0.55, 1.0]
    curve = reliability(labels, chance)
    assert curve.n.tolist() == [2, 3, 1]  # bins without cases are not there; a chance of 1 is in the last
    assert curve.chance == pytest.approx([0.07, 0.55, 1.0])
    assert curve.share == pytest.approx([1 / 2, 2 / 3, 0])
    assert (curve.low <= curve.share).all()
    assert (curve.share <= curve.high).all()
    # (2 * 0.43 + 3 * 0.11667 + 1 * 1) / 6
    assert expected_calibration_error(labels, chance) == pytest.approx(2.21 / 6)


def test_bins_of_equal_count():
    chance = np.array([0.01, 0.02, 0.03, 0.04, 0.9, 0.95, 0.97, 0.99])
    curve = reliability([0, 0, 0, 1, 1, 1, 1, 1], chance, bins=4, binning="count")
    assert curve.n.tolist() == [2, 2, 2, 2]
    assert curve.share.tolist() == [0, 0.5, 1, 1]
    assert reliability([0, 1, 1], [0.5] * 3, bins=4, binning="count").n.tolist() == [3]


def test_brier_against_scikit_learn(rng):
    metrics = pytest.importorskip("sklearn.metrics")
    chance = rng.uniform(size=50)
    labels = rng.uniform(size=50) < 0.5
    assert brier(labels, chance) == pytest.approx(metrics.brier_score_loss(labels, chance))
    assert brier([1, 0, 1], [1, 0, 1]) == 0


@pytest.mark.parametrize(
    ("labels", "chances", "words"),
    [
        ([0, 1], [0.2, 1.2], "between 0 and 1; these go from 0.2 to 1.2"),
        ([0, 1], [-0.5, 0.5], "these go from -0.5"),
        ([0, 1], [0.5, np.nan], "1 of 2 scores are missing"),
        ([0, 0], [0.5, 0.5], "one class"),
    ],
)
@pytest.mark.parametrize("figure", [brier, reliability, recalibration, expected_calibration_error])
def test_what_is_no_chance_is_named(figure, labels, chances, words):
    with pytest.raises(StatisticsError, match=words):
        figure(labels, chances)


@pytest.mark.parametrize("bins", [0, -1])
def test_bins_are_needed(bins):
    with pytest.raises(StatisticsError, match="one bin or more"):
        reliability([0, 1], [0.2, 0.8], bins=bins)
