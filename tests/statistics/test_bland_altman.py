"""Limits of agreement of the peak-flow meters (Bland & Altman, Lancet 1986), and of made patients with repeats."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics import bland_altman, concordance, limit_factors

WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def test_peak_flow_as_published():
    found = bland_altman(WRIGHT, MINI, interval="approximate")
    assert found.bias.value == pytest.approx(-2.1, abs=0.05)
    assert found.sd == pytest.approx(38.8, abs=0.05)
    # the paper takes 2 for 1.96 and 3/n for the variance of a limit: -79.7, from -114.3 to -45.1
    assert found.bias.value - 2 * found.sd == pytest.approx(-79.7, abs=0.1)
    assert (found.bias.low, found.bias.high) == pytest.approx((-22.0, 17.8), abs=0.1)
    assert found.lower.high - found.lower.low == pytest.approx(114.3 - 45.1, rel=0.01)


def test_concordance_of_the_peak_flow_meters():
    assert concordance(WRIGHT, MINI).estimate.value == pytest.approx(0.943, abs=5e-4)  # Stata's concord
    assert concordance(WRIGHT, MINI).precision == pytest.approx(np.corrcoef(WRIGHT, MINI)[0, 1])


def test_exact_factor_is_the_one_sided_tolerance_factor():
    # n = 10, 95 % of the population with 95 % confidence: 2.911 (Owen 1963; ISO 16269-6)
    assert limit_factors(10, share=0.90, confidence=0.90)[1] == pytest.approx(2.911, abs=5e-4)


def test_exact_and_approximate_limits_meet_in_large_samples():
    exact, rough = limit_factors(5000), limit_factors(5000, interval="approximate")
    assert exact == pytest.approx(rough, abs=2e-3)


def test_proportional_bias_is_the_slope_of_differences():
    truth = np.arange(1.0, 30.0)
    found = bland_altman(1.1 * truth, 0.9 * truth).proportional
    assert found.slope.value == pytest.approx(0.2)
    assert found.p < 1e-6


def test_repeats_of_a_patient_by_hand():
    # patient means 1 and 3, within variances 2 and 2: 2 + (1 - 1/2) 2 = 3
    found = bland_altman([0, 2, 2, 4], [0, 0, 0, 0], patients=["a", "a", "b", "b"])
    assert found.bias.value == 2.0
    assert found.sd == pytest.approx(np.sqrt(3.0))
    assert (found.n, found.n_patients) == (4, 2)


def test_intervals_of_repeats_hold_the_true_limit(rng):
    held = 0
    for _ in range(300):
        who = np.repeat(np.arange(20), 4)
        difference = rng.normal(0, 1, 20)[who] + rng.normal(0, 1, 80)
        limit = bland_altman(difference, np.zeros(80), patients=who).upper
        held += limit.low <= 1.96 * np.sqrt(2) <= limit.high
    assert 0.91 <= held / 300 <= 0.99


@pytest.mark.parametrize(
    ("a", "b", "patients", "message"),
    [
        ([1, 2], [1, 2], None, "Only 2 of 2 cases"),
        ([1, 2, np.nan, 4], [1, np.nan, 3, 4], None, "Only 2 of 4 cases"),
        ([1, 2, 3], [1, 2], None, "3 values cannot be paired with 2"),
        ([1, 2, 3], [1, 2, 4], ["a", "a", "a"], "All pairs are of one patient"),
    ],
)
def test_too_little_is_one_sentence(a, b, patients, message):
    with pytest.raises(StatisticsError, match=message):
        bland_altman(a, b, patients=patients)


def test_constant_methods_have_no_concordance():
    assert np.isnan(concordance([1, 1, 1, 1], [1, 2, 3, 4]).estimate.value)
