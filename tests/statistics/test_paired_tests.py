"""Tests on the same cases: published and hand-counted p values, and pairs that cannot be made."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.paired_tests import mcnemar, permutation_by_patient, wilcoxon


def decisions(only_first, only_second, both):
    first = np.repeat([1, 0, 1], [only_first, only_second, both])
    second = np.repeat([0, 1, 1], [only_first, only_second, both])
    return np.ones(len(first), int), first, second


@pytest.mark.parametrize(
    ("only_first", "only_second", "p", "mid_p"),
    [
        (1, 7, 0.0703, 0.0391),  # Fagerland et al. 2013: airways of 21 children before and after transplantation
        (1, 6, 2 * 8 / 128, (2 * 8 - 7) / 128),
        (0, 1, 1.0, 0.5),
    ],
)
@pytest.mark.parametrize("both", [0, 13])
def test_mcnemar_counts_only_what_differs(only_first, only_second, both, p, mid_p):
    found = mcnemar(*decisions(only_first, only_second, both))
    assert (found.p, found.mid_p) == pytest.approx((p, mid_p), abs=5e-5)
    assert mcnemar(*decisions(only_second, only_first, both))[2:] == found[2:]


def test_mcnemar_of_words():
    found = mcnemar(["a", "b", "c"], ["a", "b", "a"], ["a", "c", "b"])  # wrong in two ways is wrong for both
    assert found == (1, 0, 1.0, 0.5)


def test_wilcoxon_by_hand():
    # of 2^5 signs of the ranks 1 ... 5, those with a negative sum of 1 or less are 2 on each side
    assert wilcoxon([-1, 2, 3, 4, 5.5], np.zeros(5)) == pytest.approx(4 / 32)
    # a missing pair is left out, and the order of the two does not matter
    assert wilcoxon([0, 0, 0, np.nan, 0, 0], [-1, 2, 3, 9, 4, 5.5]) == pytest.approx(4 / 32)


def test_signs_are_drawn_once_a_patient():
    # patient means 2, 1, -1: of the 8 sums 4 2 2 0 0 -2 -2 -4 six are as far as 2
    found = permutation_by_patient([1, 3, 1, -1], np.zeros(4), patients=["a", "a", "b", "c"])
    assert found == (pytest.approx(2 / 3), 6 / 8, 3, True)


def test_many_and_few_rows_of_a_patient_count_alike():
    found = permutation_by_patient([5] * 9 + [1], np.zeros(10), patients=["a"] * 9 + ["b"])
    assert found.difference == 3.0
    assert found.p == 2 / 4


def test_missing_values_and_their_patients_are_left_out():
    found = permutation_by_patient([1, np.nan, 2, 3], [0, 0, 0, np.nan], patients=["a", "b", "c", "d"])
    assert (found.difference, found.p, found.n_patients) == (1.5, 0.5, 2)


def test_many_patients_are_drawn_reproducibly():
    values = np.ones(14)  # 2 / 2^14 by all signs
    found = permutation_by_patient(values, np.zeros(14), repeats=999)
    assert not found.exact
    assert 1 / 1000 <= found.p <= 3 / 1000
    assert found == permutation_by_patient(values, np.zeros(14), repeats=999)
    assert permutation_by_patient(values[:13], np.zeros(13)).p == 2 / 2**13


def test_no_difference_at_all():
    assert permutation_by_patient([2, 2, 2], [2, 2, 2])[:2] == (0.0, 1.0)
    assert mcnemar([1, 0], [1, 0], [1, 0]) == (0, 0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("test", "columns", "words"),
    [
        (mcnemar, ([1, 0], [1, 0], [1]), "2 labels cannot be paired with 2 and 1 decisions"),
        (wilcoxon, ([1, 2, 3], [1, 2]), "3 values cannot be paired with 2"),
        (wilcoxon, ([1, 2, np.nan, 4], [0, 0, 0, np.nan]), "Only 2 of 4 cases"),
        (permutation_by_patient, ([1, 2], [1]), "2 values, 1 values and 2 patients cannot be paired"),
        (permutation_by_patient, ([np.nan], [1]), "No pair has two values"),
        (permutation_by_patient, ([], []), "No pair has two values"),
    ],
)
def test_what_cannot_be_paired_is_named(test, columns, words):
    with pytest.raises(StatisticsError, match=words):
        test(*columns)


def test_patients_of_other_length_are_named():
    with pytest.raises(StatisticsError, match="2 values, 2 values and 1 patients"):
        permutation_by_patient([1, 2], [1, 2], patients=["a"])
