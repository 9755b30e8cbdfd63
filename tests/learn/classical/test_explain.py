from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.classical.explain import nearest_cases, partial_dependence, permutation_importance, shapley_values


class Linear:
    """P(sick) = 0.5 + 0.1 a - 0.05 b, and c is not used."""

    features: Sequence[str] = ("a", "b", "c")
    classes: Sequence[str] = ("healthy", "sick")

    def predict_proba(self, table: pd.DataFrame) -> NDArray[np.float64]:
        sick = 0.5 + 0.1 * table["a"].to_numpy() - 0.05 * table["b"].to_numpy()
        return np.stack([1 - sick, sick], axis=1)


@pytest.fixture
def table(rng: np.random.Generator) -> pd.DataFrame:
    values = rng.uniform(-2, 2, (300, 3))
    return pd.DataFrame(values, columns=["a", "b", "c"]).assign(patient=[f"P{i // 3}" for i in range(300)])


def labels(table: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.str_]:
    return np.where(rng.uniform(size=len(table)) < Linear().predict_proba(table)[:, 1], "sick", "healthy")


def test_importance_ranks_what_the_model_reads(table: pd.DataFrame, rng: np.random.Generator) -> None:
    found = permutation_importance(Linear(), table, labels(table, rng)).set_index("feature")
    assert list(found.index[:1]) == ["a"]
    assert found.loc["c", "importance"] == pytest.approx(0.0, abs=1e-12)
    assert found.loc["a", "low"] > 0


def test_twins_are_shuffled_together(table: pd.DataFrame, rng: np.random.Generator) -> None:
    twins = table.assign(c=table["a"] * 2)
    found = permutation_importance(Linear(), twins, labels(table, rng))
    assert found.loc[0, "feature"] == "a"
    assert found.loc[0, "together_with"] == "c"
    assert len(found) == 2


def test_partial_dependence_of_a_linear_model_is_its_slope(table: pd.DataFrame) -> None:
    found = partial_dependence(Linear(), table, feature="a", points=5)
    sick = found[found["class"] == "sick"]
    slope = np.polyfit(sick["value"], sick["probability"], 1)[0]
    assert slope == pytest.approx(0.1)
    assert len(found) == 10


def test_shapley_values_of_a_linear_model(table: pd.DataFrame) -> None:
    case = pd.DataFrame({"a": [1.0], "b": [2.0], "c": [5.0]})
    background = pd.DataFrame({"a": [0.0], "b": [0.0], "c": [0.0]})
    found = shapley_values(Linear(), case, background, draws=7)
    assert found == pytest.approx({"a": 0.1, "b": -0.1, "c": 0.0}, abs=1e-12)


def test_shapley_values_sum_to_the_difference() -> None:
    class Product(Linear):
        def predict_proba(self, table: pd.DataFrame) -> NDArray[np.float64]:
            sick = (table["a"] * table["b"]).to_numpy(float)
            return np.stack([1 - sick, sick], axis=1)

    case = pd.DataFrame({"a": [1.0], "b": [0.8], "c": [0.0]})
    found = shapley_values(Product(), case, pd.DataFrame({"a": [0.0], "b": [0.0], "c": [0.0]}), draws=400)
    assert sum(found.values()) == pytest.approx(0.8)
    assert found["a"] == pytest.approx(0.4, abs=0.05)  # each of two equal partners earns half


def test_nearest_cases_leave_the_patient_out(table: pd.DataFrame) -> None:
    case = table.iloc[[30]]
    found = nearest_cases(Linear(), case, table, k=3)
    assert len(found) == 3
    assert "P10" not in set(found["patient"])
    assert found["distance"].is_monotonic_increasing
    by_a = nearest_cases(Linear(), case, table, weights={"a": 1.0}, k=1)
    others = table[table["patient"] != "P10"]
    assert by_a.index[0] == (others["a"] - case["a"].iloc[0]).abs().idxmin()


def test_bad_requests(table: pd.DataFrame) -> None:
    with pytest.raises(LearnError, match="does not read 'd'"):
        partial_dependence(Linear(), table, feature="d")
    with pytest.raises(LearnError, match="'odd' is none of the model's classes healthy, sick"):
        permutation_importance(Linear(), table, ["odd"] * 300)
    with pytest.raises(LearnError, match="no case of another patient"):
        nearest_cases(Linear(), table.iloc[[0]], table.iloc[:3])
    with pytest.raises(LearnError, match="lacks the features b"):
        shapley_values(Linear(), table.iloc[[0]], table.drop(columns="b"))
    with pytest.raises(LearnError, match="lacks the features b"):
        nearest_cases(Linear(), table.iloc[[0]], table.drop(columns="b"))


def test_a_case_of_which_little_is_known_is_not_near() -> None:
    case = pd.DataFrame({"a": [0.0], "b": [0.0], "c": [0.0]})
    known = pd.DataFrame({"a": [0.1, 1.0, np.nan], "b": [0.1, np.nan, np.nan], "c": [0.1, np.nan, np.nan]})
    found = nearest_cases(Linear(), case, known)
    assert found.index.tolist() == [0, 1, 2]
    # the spread of a is 0.45; b and c do not vary, so theirs counts as 1
    assert found["distance"].to_numpy() == pytest.approx([np.sqrt(((0.1 / 0.45) ** 2 + 0.02) / 3), 1 / 0.45, np.inf])


def test_patients_that_nobody_named_are_not_one_patient() -> None:
    known = pd.DataFrame({"patient": [None, None], "a": [0.0, 1.0], "b": 0.0, "c": 0.0})
    assert len(nearest_cases(Linear(), known.iloc[[0]], known)) == 2
