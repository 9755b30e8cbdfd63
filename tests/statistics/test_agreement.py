"""The table of agreement: degenerate tables, and grades whose order must be told."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.agreement import agreement
from mskus.statistics.concordance import concordance
from mskus.statistics.sample_size import cases_for_icc_width

GRADES = np.array([["mild", "none"], ["none", "none"], ["severe", "mild"], ["mild", "mild"]], dtype=object)


def test_words_do_not_tell_their_order():
    with pytest.raises(StatisticsError, match="mild, none, severe in their order"):
        agreement(GRADES, readers=["A", "B"], kind="ordinal", repeats=0)
    rows = agreement(GRADES, readers=["A", "B"], kind="ordinal", grades=["none", "mild", "severe"], repeats=0)
    quadratic = next(row for row in rows if "quadratic" in row.figure)
    # grades 1 0 2 1 and 0 0 1 1: mean squared distance 2 / 4, by chance 0.125 + 0.25 + 0.625
    assert quadratic.estimate.value == pytest.approx(1 - 0.5 / 1.0)


def test_few_cases_of_few_patients_survive_the_bootstrap():
    readings = np.array([[10.0, 11.0], [12.0, 12.5], [14.0, 13.0], [15.5, 16.0]])
    rows = agreement(readings, readers=["A", "B"], patients=["p1", "p1", "p2", "p3"], repeats=200)
    assert {row.figure for row in rows} >= {"bias", "CCC", "SEM", "ICC(2,1) = ICC(A,1)"}
    bias = next(row for row in rows if row.figure == "bias")
    assert bias.estimate.value == pytest.approx((-0.75 + 1.0 - 0.5) / 3)  # the mean of the patients' means


def test_a_constant_reader_has_no_concordance():
    assert np.isnan(concordance(np.full(7, 37.3), np.arange(7)).estimate.value)
    assert np.isnan(concordance(np.full(7, 0.1), np.full(7, 0.1)).estimate.value)


def test_concordance_by_hand():
    # variances 1.25 and 1.25, covariance 1.25, shift 1: 2.5 / (2.5 + 1)
    assert concordance([1, 2, 3, 4], [2, 3, 4, 5]).estimate.value == pytest.approx(2.5 / 3.5)


@pytest.mark.parametrize(
    ("expected", "readers", "cases"),
    [
        (0.85, 4, 20),  # 8 * 3.8415 * 0.0225 * 3.55^2 / (12 * 0.04) + 1 = 19.15
        (0.8, 2, 55),  # 50.8 and 5 * 0.8 for two readers
        (0.6, 2, 158),  # 8 * 3.8415 * 0.16 * 2.56 / (2 * 0.04) + 1 = 158.3
    ],
)
def test_cases_for_an_icc_after_bonett(expected, readers, cases):
    assert cases_for_icc_width(expected=expected, width=0.2, readers=readers) == pytest.approx(cases, abs=1)
