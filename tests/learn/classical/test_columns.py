from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mskus.errors import LearnError
from mskus.learn.classical.columns import feature_columns, feature_matrix, labels, patients


def test_columns_left_of_the_provenance_are_never_features(made_table):
    assert feature_columns(made_table(features=2)) == ["stat_0", "stat_1"]


def test_without_provenance_every_numeric_column_counts_but_known_and_ignored_ones():
    table = pd.DataFrame(
        {
            "image": ["a"],
            "frame": [0],
            "spacing_row_mm": [0.1],
            "age": [7],
            "name": ["x"],
            "seen": [True],
            "area": [2.0],
        }
    )
    assert feature_columns(table) == ["age", "area"]
    assert feature_columns(table, ignore=["age"]) == ["area"]


def test_what_is_no_number_becomes_a_gap():
    table = pd.DataFrame({"a": [1.0, np.inf, -np.inf], "b": ["2", "x", None]})
    assert np.isnan(feature_matrix(table, ["a", "b"])).tolist() == [[False, False], [True, True], [True, True]]


def test_missing_features_are_named_up_to_three():
    with pytest.raises(LearnError, match=r"lacks the features a, b, c and 2 more;"):
        feature_matrix(pd.DataFrame({"x": [1]}), ["a", "b", "c", "d", "e"])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([0, 1, 1], ["0", "1", "1"]),
        ([0.0, 1.0, np.nan], ["0", "1", ""]),
        (["b ", None, "a"], ["b", "", "a"]),
        ([True, False, True], ["True", "False", "True"]),
    ],
    ids=["whole numbers", "numbers with a gap", "text", "yes and no"],
)
def test_numbers_and_texts_serve_as_labels(cells, expected):
    assert labels(pd.DataFrame({"y": cells}), "y").tolist() == expected


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["a", "a", "a"], "holds the one class 'a'; two classes at least are needed"),
        ([None, None, None], "holds no entries"),
        (np.linspace(0, 1, 30), "holds 30 different values; name a column of at most 20 classes"),
    ],
)
def test_a_label_that_cannot_be_learned_is_refused(cells, sentence):
    with pytest.raises(LearnError, match=sentence):
        labels(pd.DataFrame({"y": cells}), "y")


def test_a_missing_label_column_is_named_with_those_that_are_there():
    with pytest.raises(LearnError, match="no column 'z' for the label; its first columns are y"):
        labels(pd.DataFrame({"y": ["a"]}), "z")


def test_a_row_without_a_patient_is_a_patient_of_its_own():
    assert patients(pd.DataFrame({"who": [7.0, np.nan, np.nan]}), "who").tolist() == ["7", "row 2", "row 3"]


def test_a_missing_patient_column_says_what_to_do():
    with pytest.raises(LearnError, match="no column 'patient' that says who"):
        patients(pd.DataFrame({"y": [1]}), "patient")


def test_an_index_written_along_is_no_feature():
    table = pd.DataFrame({"Unnamed: 0": [0, 1], "index": [0, 1], "stat_mean": [1.0, 2.0]})
    assert feature_columns(table) == ["stat_mean"]
