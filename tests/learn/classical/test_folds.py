from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.learn.classical.folds import check_patients, grouped_folds


@pytest.fixture
def uneven():
    """Nine patients with 1 to 9 pictures, three of them of the rare class."""
    groups = np.repeat(np.arange(9), np.arange(1, 10))
    return (groups % 3 == 0).astype(np.intp), groups


@pytest.mark.parametrize("n", [2, 3, "leave_one_patient_out"])
def test_no_patient_stands_on_both_sides_and_every_row_is_tested_once(uneven, n):
    y, groups = uneven
    folds = grouped_folds(y, groups, n=n, seed=3)
    assert len(folds) == (9 if n == "leave_one_patient_out" else n)
    assert all(not set(groups[a]) & set(groups[b]) for a, b in folds)
    assert all(set(y[a]) == {0, 1} for a, _ in folds)
    assert sorted(np.concatenate([b for _, b in folds])) == list(range(len(y)))


def test_folds_are_no_more_than_patients_of_the_rare_class(uneven):
    assert len(grouped_folds(*uneven, n=10)) == 3


def test_another_seed_gives_other_folds():
    y = np.tile([0, 1], 20)
    first, second = (grouped_folds(y, np.arange(40), n=4, seed=seed)[0][1].tolist() for seed in (0, 1))
    assert first != second


def test_a_class_with_one_patient_is_refused_by_name():
    with pytest.raises(LearnError, match="The class 'rare' has one patient only"):
        check_patients(np.array([0, 0, 1, 1]), ["a", "b", "c", "c"], names=["usual", "rare"])


def test_one_class_is_refused():
    with pytest.raises(LearnError, match="All rows are of the class 'ill'"):
        check_patients(np.array([0, 0]), ["a", "b"], names=["ill"])
