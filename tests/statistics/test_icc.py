"""Intraclass correlation: the table of Shrout & Fleiss 1979 and the degenerate tables."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.icc import icc, icc_table

RATINGS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


@pytest.mark.parametrize(
    ("form", "other", "value", "low", "high"),
    [  # values as published by Shrout & Fleiss; intervals as the R package psych prints them for their table
        ("ICC(1,1)", "ICC(1)", 0.17, -0.133, 0.723),
        ("ICC(2,1)", "ICC(A,1)", 0.29, 0.019, 0.761),
        ("ICC(3,1)", "ICC(C,1)", 0.71, 0.342, 0.946),
        ("ICC(1,k)", "ICC(k)", 0.44, -0.884, 0.912),
        ("ICC(2,k)", "ICC(A,k)", 0.62, 0.071, 0.927),
        ("ICC(3,k)", "ICC(C,k)", 0.91, 0.676, 0.986),
    ],
)
def test_the_published_table(form, other, value, low, high):
    found = icc(RATINGS, form)
    assert found.value == pytest.approx(value, abs=0.005)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.001)
    assert icc(RATINGS, other) == found


def test_f_tests_of_the_published_table():
    by_name = {row.name: row for row in icc_table(RATINGS)}
    assert by_name["ICC(1,1)"].f == pytest.approx(1.79, abs=0.01)
    assert by_name["ICC(3,1)"].f == pytest.approx(11.03, abs=0.01)
    assert by_name["ICC(3,1)"].df == (5.0, 15.0)


@pytest.mark.parametrize("level", [0.1, 37.3, 1e6 + 0.1, -5.0])
def test_equal_values_have_no_correlation_whatever_they_round_to(level):
    assert all(np.isnan(row.estimate.value) for row in icc_table(np.full((7, 3), level)))


def test_readers_who_differ_on_cases_that_do_not():
    same_cases = np.array([10.0, 11.0])[None].repeat(5, axis=0)
    found = icc(same_cases, "ICC(2,1)")
    assert found.value == 0.0
    assert np.isnan([found.low, found.high]).all()


def test_perfect_agreement_and_a_constant_shift():
    cases = np.arange(6.0)[:, None]
    assert icc(cases.repeat(3, axis=1)).text() == "1.00 (1.00 to 1.00)"
    shifted = cases + np.arange(3.0)
    assert icc(shifted, "ICC(C,1)").value == pytest.approx(1.0)
    # MSR 10.5, MSC 6, MSE 0: 10.5 / (10.5 + 3 * 6 / 6)
    assert icc(shifted, "ICC(A,1)").value == pytest.approx(10.5 / 13.5)


@pytest.mark.parametrize(
    ("ratings", "form", "words"),
    [
        ([[1.0, 2.0], [2.0, 3.0]], "ICC(4,1)", "no form of the ICC named"),
        ([[1.0], [2.0]], "ICC(1,1)", "2 readers or more"),
        ([[1.0, np.nan], [2.0, 3.0]], "ICC(1,1)", "Only 1 of 2 cases"),
    ],
)
def test_what_cannot_be_judged_is_named(ratings, form, words):
    with pytest.raises(StatisticsError, match=words):
        icc(ratings, form)
