"""Spread of repeated readings: both readings of the peak-flow meters of Bland & Altman 1986, and readers by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mskus.errors import StatisticsError
from mskus.statistics.repeatability import reader_table, repeatability

WRIGHT = [
    [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427],
    [490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421],
]
PEOPLE = np.arange(17)


def test_peak_flow_as_published():
    found = repeatability(np.tile(PEOPLE, 2), np.ravel(WRIGHT))
    assert found.sem.value == pytest.approx(15.3, abs=0.05)  # sqrt(7966 / 34)
    assert found.mdc.value == pytest.approx(1.96 * np.sqrt(2) * 15.307, abs=0.01)
    assert (found.n_cases, found.n_readings) == (17, 34)
    assert found.mean == pytest.approx(np.mean(WRIGHT))
    assert found.cv_percent.value == pytest.approx(100 * 15.307 / np.mean(WRIGHT), abs=1e-3)


def test_interval_is_that_of_a_variance():
    found = repeatability(np.tile(PEOPLE, 2), np.ravel(WRIGHT)).sem
    ends = np.sqrt(17 * found.value**2 / stats.chi2.ppf([0.975, 0.025], 17))
    assert (found.low, found.high) == pytest.approx(tuple(ends))


def test_cases_of_unlike_counts_and_missing_readings():
    # a: 1 2 3 (squares 2, 2 free), b: 5 9 (squares 8, 1 free); c was read once, d once and once not
    case, value = list("aaabbcdd"), [1, 2, 3, 5, 9, 100, 50, np.nan]
    found = repeatability(case, value)
    assert found.sem.value == pytest.approx(np.sqrt(10 / 3))
    assert (found.n_cases, found.n_readings, found.mean) == (2, 5, 4.0)


@pytest.mark.parametrize("level", [0.0, -5.0])
def test_no_percent_of_a_mean_that_is_not_positive(level):
    found = repeatability(list("aabb"), np.array([-1.0, 1.0, -2.0, 2.0]) + level)
    assert np.isnan(found.cv_percent[:3]).all()
    assert found.sem.value == pytest.approx(np.sqrt(5))


def test_readings_that_never_differ():
    found = repeatability(list("aabb"), [3, 3, 4, 4])
    assert found.sem[:3] == found.mdc[:3] == (0, 0, 0)


def test_rows_of_a_table_of_readers():
    """R read both cases twice, S once: no intra-reader row of S."""
    case, reader = list("aabbab"), list("RRRRSS")
    rows = reader_table(case, reader, [1, 3, 5, 7, 4, 8])
    assert [(row.kind, row.reader) for row in rows] == [("intra", "R"), ("inter", "all")]
    # R: cases' mean square 16, within 2: (16 - 2) / (16 + 2)
    assert rows[0].icc.value == pytest.approx(14 / 18)
    # means of R 2, 6 against 4, 8: a steady shift of 2, MSR 16, MSC 4, MSE 0: 16 / (16 + 2 * 4 / 2)
    assert rows[1].icc.value == pytest.approx(16 / 20)
    assert rows[1].repeatability.sem.value == pytest.approx(np.sqrt(2))


def test_one_reader_alone_has_no_row_between_readers():
    assert [row.kind for row in reader_table(list("aabb"), ["R"] * 4, [1, 2, 3, 4])] == ["intra"]


@pytest.mark.parametrize(
    ("case", "value"), [(["a", "b"], [1, 2]), (["a", "a"], [1, np.nan]), ([], []), (["a", "a"], [np.nan, np.nan])]
)
def test_no_repeated_reading_is_named(case, value):
    with pytest.raises(StatisticsError, match="No case has two readings"):
        repeatability(case, value)


@pytest.mark.parametrize(
    ("case", "reader", "value", "words"),
    [
        (["a", "b"], ["R", "R"], [1, 2], "nothing can be compared"),
        (["a", "b"], ["R", "S"], [1, 2], "Only 0 of 2 cases were rated by all 2 readers"),
    ],
)
def test_readers_who_cannot_be_compared_are_named(case, reader, value, words):
    with pytest.raises(StatisticsError, match=words):
        reader_table(case, reader, value)
