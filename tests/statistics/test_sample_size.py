"""Sizes of studies: published examples, formulas worked by hand, and what no study can show."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.bland_altman import limit_factors
from mskus.statistics.confusion import wilson
from mskus.statistics.sample_size import (
    auc_standard_error,
    cases_for_auc,
    cases_for_icc,
    cases_for_icc_width,
    cases_for_limits_of_agreement,
    cases_for_mcnemar,
    cases_for_sensitivity,
)


@pytest.mark.parametrize(
    ("least", "expected", "readers", "cases"),
    [
        (0.6, 0.8, 2, 39),
        # odds 1 + 3 * 1.5 = 5.5 and 1 + 3 * 4 = 13, log ratio -0.8602; 1 + 2 * 6.1826 * 3 / (0.7399 * 2) = 26.07
        (0.6, 0.8, 3, 27),
        (0.0, 0.5, 2, 22),  # log 3 = 1.0986; 1 + 4 * 6.1826 / 1.2069 = 21.49
    ],
)
def test_icc_above_a_least_one(least, expected, readers, cases):
    assert cases_for_icc(least=least, expected=expected, readers=readers) == cases


@pytest.mark.parametrize(("mean", "allowed"), [(1.0, 3.5), (-1.0, 3.5), (0.0, 2.6)])
def test_studies_of_that_size_show_agreement_as_often_as_promised(rng, mean, allowed):
    n = cases_for_limits_of_agreement(mean=mean, sd=1.0, allowed=allowed, power=0.8)
    drawn = rng.normal(mean, 1.0, (4000, n))
    centre, sd = drawn.mean(axis=1), drawn.std(axis=1, ddof=1)
    outer = limit_factors(n, interval="approximate")[1]
    shown = (np.abs(centre) + outer * sd <= allowed).mean()
    assert shown == pytest.approx(0.8, abs=0.025)


@pytest.mark.parametrize(
    ("expected", "half_width", "prevalence", "cases"),
    [(0.9, 0.1, 1.0, 35), (0.5, 0.05, 1.0, 385), (0.95, 0.05, 0.1, 730)],  # 3.8415 * e (1 - e) / w^2 / prevalence
)
def test_sensitivity(expected, half_width, prevalence, cases):
    assert cases_for_sensitivity(expected=expected, half_width=half_width, prevalence=prevalence) == cases


def test_size_for_a_sensitivity_keeps_its_promise():
    n = cases_for_sensitivity(expected=0.8, half_width=0.05)
    found = wilson(round(0.8 * n), n)
    assert (found.high - found.low) / 2 == pytest.approx(0.05, abs=0.001)


@pytest.mark.parametrize(
    ("expected", "half_width", "prevalence"), [(0.8, 0.1, 0.5), (0.9, 0.05, 0.3), (0.7, 0.08, 0.1)]
)
def test_size_for_an_area_is_the_smallest(expected, half_width, prevalence):
    positive, negative = cases_for_auc(expected=expected, half_width=half_width, prevalence=prevalence)
    assert positive / (positive + negative) == pytest.approx(prevalence, abs=0.01)
    reach = 1.959964 * auc_standard_error(expected, positive=positive, negative=negative)
    fewer = 1.959964 * auc_standard_error(expected, positive=positive - 1, negative=negative - 1)
    assert reach <= half_width < fewer


def test_error_of_an_area_by_hand():
    # area 0.8 of 2 and 3: Q1 = 0.8 / 1.2, Q2 = 1.28 / 1.8; 0.16 + 1 * (Q1 - 0.64) + 2 * (Q2 - 0.64), over 6
    expected = np.sqrt((0.16 + (0.666667 - 0.64) + 2 * (0.711111 - 0.64)) / 6)
    assert auc_standard_error(0.8, positive=2, negative=3) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "power", "cases"),
    [
        (0.2, 0.1, 0.8, 234),  # (1.95996 sqrt 0.3 + 0.84162 sqrt 0.29)^2 / 0.01 = 233.1
        (0.1, 0.2, 0.8, 234),
        (0.25, 0.05, 0.9, 75),  # (1.95996 sqrt 0.3 + 1.28155 sqrt 0.26)^2 / 0.04 = 74.56
    ],
)
def test_mcnemar(first, second, power, cases):
    assert cases_for_mcnemar(only_first_right=first, only_second_right=second, power=power) == cases


@pytest.mark.parametrize(
    ("ask", "given", "words"),
    [
        (cases_for_icc, {"least": 0.8, "expected": 0.8}, "between the least acceptable one and 1"),
        (cases_for_icc, {"least": 0.6, "expected": 1.0}, "between the least acceptable one and 1"),
        (cases_for_icc, {"least": 0.6, "expected": 0.8, "readers": 1}, "two readers"),
        (cases_for_icc_width, {"expected": 0.8, "width": 0.0}, "a width between 0 and 1"),
        (cases_for_icc_width, {"expected": 1.0, "width": 0.2}, "a width between 0 and 1"),
        (cases_for_limits_of_agreement, {"mean": 1, "sd": 4, "allowed": 8}, r"-6.8\S* to 8.8\S* reach beyond \+-8"),
        (cases_for_limits_of_agreement, {"mean": 0, "sd": 0, "allowed": 8}, "no number of cases"),
        (cases_for_sensitivity, {"expected": 0.9, "half_width": 0.1, "prevalence": 0.0}, "must lie between 0 and 1"),
        (cases_for_auc, {"expected": 1.0, "half_width": 0.1}, "must lie between 0 and 1"),
        (cases_for_auc, {"expected": 0.8, "half_width": 1e-4}, "More than 1,000,000 cases"),
        (cases_for_mcnemar, {"only_first_right": 0.7, "only_second_right": 0.4}, "do not exceed 1 together"),
        (cases_for_mcnemar, {"only_first_right": -0.1, "only_second_right": 0.4}, "do not exceed 1 together"),
    ],
)
def test_what_no_study_can_show_is_named(ask, given, words):
    with pytest.raises(StatisticsError, match=words):
        ask(**given)
