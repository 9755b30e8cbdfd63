from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from mskus.learn.classical.calibration import fit_calibration


@pytest.fixture
def too_sure(rng):
    """True log-odds t; the raw ones are 3 t + 1: too extreme and shifted."""
    truth = rng.normal(size=4000)
    y = (rng.random(4000) < expit(truth)).astype(np.intp)
    raw = expit(3.0 * truth + 1.0)
    return np.stack([1 - raw, raw], axis=1), y, expit(truth)


@pytest.mark.parametrize(("kind", "error"), [("sigmoid", 0.02), ("isotonic", 0.05)])
def test_true_probabilities_come_back(too_sure, kind, error):
    raw, y, truth = too_sure
    p = fit_calibration(raw, y, kind=kind)(raw)
    assert np.abs(p[:, 1] - truth).mean() < error < np.abs(raw[:, 1] - truth).mean()
    np.testing.assert_allclose(p.sum(1), 1.0)


def test_the_sigmoid_finds_slope_and_offset(too_sure):
    raw, y, _ = too_sure
    slope, offset = fit_calibration(raw, y, kind="sigmoid").maps[0]
    assert slope == pytest.approx(1 / 3, abs=0.03)
    assert offset == pytest.approx(-1 / 3, abs=0.08)


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_probabilities_are_made_for_the_shares_that_are_given(too_sure, kind):
    raw, y, truth = too_sure
    kept = np.flatnonzero((y == 1) | (np.arange(len(y)) % 4 == 0))  # three of four negatives are lost
    shares = np.bincount(y) / len(y)
    p = fit_calibration(raw[kept], y[kept], kind=kind, prior=shares)(raw)
    assert p[:, 1].mean() == pytest.approx(shares[1], abs=0.03)
    assert np.abs(p[:, 1] - truth).mean() < 0.06


def test_no_calibration_leaves_probabilities_alone(too_sure):
    raw, y, _ = too_sure
    assert fit_calibration(raw, y, kind="none")(raw) is raw


@pytest.mark.parametrize("kind", ["sigmoid", "isotonic"])
def test_three_classes_sum_to_one_and_keep_their_shares(rng, kind):
    y = rng.integers(0, 3, 1500)
    raw = rng.dirichlet(np.ones(3), 1500)
    raw[np.arange(1500), y] += 0.5
    p = fit_calibration(raw / 1.5, y, kind=kind)(raw / 1.5)
    np.testing.assert_allclose(p.sum(1), 1.0)
    np.testing.assert_allclose(p.mean(0), np.bincount(y) / 1500, atol=0.02)


def test_raw_order_is_never_turned_round():
    raw = np.array([0.9, 0.8, 0.7, 0.1, 0.2, 0.3])
    p = fit_calibration(np.stack([1 - raw, raw], axis=1), np.array([0, 0, 0, 1, 1, 1]), kind="sigmoid")
    assert p.maps[0][0] > 0
