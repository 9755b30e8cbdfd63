"""Reference values: expected values and z-scores by hand, ranges, tables, fits on people with known coefficients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mskus.errors import FeatureError
from mskus.features.reference import (
    Person,
    ReferenceEquation,
    ReferenceTable,
    fit_reference,
    simulated_reference,
    z_score,
)

ECHO = ReferenceEquation(
    measure="echo_intensity_mean", muscle="rectus femoris", device="A", intercept=40.0, per_year=0.5, per_year2=0.01,
    male=-3.0, per_cm=0.1, per_kg=0.2, sd=5.0, age_years_low=20.0, age_years_high=60.0, height_cm_low=150.0,
    height_cm_high=190.0, weight_kg_low=45.0, weight_kg_high=110.0, source="by hand",
)  # fmt: skip
ANN = Person(age_years=30.0, sex="female", height_cm=170.0, weight_kg=60.0)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (ANN, 40 + 15 + 9 + 0 + 17 + 12),  # 93
        (replace(ANN, sex="male"), 90.0),
        (replace(ANN, age_years=40.0), 40 + 20 + 16 + 17 + 12),  # 105
    ],
)
def test_expected_value_and_z_by_hand(person, expected):
    score = z_score(expected + 10.0, ECHO, person=person)
    assert score.expected == pytest.approx(expected)
    assert score.z == pytest.approx(2.0)
    assert score.sd == 5.0


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (replace(ANN, age_years=19.9), "age_years 19.9 lies outside .* .20 to 60"),
        (replace(ANN, weight_kg=120.0), "weight_kg 120 lies outside"),
        (replace(ANN, height_cm=None), "needs height_cm"),
        (replace(ANN, age_years=float("nan")), "needs age_years"),
        (replace(ANN, sex=None), "needs the sex"),
    ],
)
def test_nobody_outside_the_reference_gets_a_score(person, words):
    with pytest.raises(FeatureError, match=words):
        z_score(90.0, ECHO, person=person)


def test_a_value_that_is_no_number_gets_none():
    with pytest.raises(FeatureError, match="not a number"):
        z_score(float("nan"), ECHO, person=ANN)


def test_a_reference_of_boys_is_for_boys():
    with pytest.raises(FeatureError, match="male people only"):
        replace(ECHO, male=0.0, sexes="male").expected(ANN)


@pytest.mark.parametrize(
    ("change", "words"), [({"sd": 0.0}, "sd 0"), ({"height_cm_low": float("nan")}, "uses height_cm but gives no range")]
)
def test_impossible_equations_are_refused(change, words):
    with pytest.raises(FeatureError, match=words):
        replace(ECHO, **change)


def test_table_is_written_and_read_back_equal(tmp_path):
    plain = ReferenceEquation(measure="muscle_thickness_mean_mm", muscle="biceps", intercept=20.0, sd=2.0)
    ReferenceTable(equations=(ECHO, plain)).write(tmp_path / "mine.csv", remark="ours\n2026")
    read = ReferenceTable.read(tmp_path / "mine.csv")
    assert read.equations[0] == ECHO
    assert read.equation("muscle_thickness_mean_mm", muscle="biceps", device="any").expected(Person()) == 20.0


def test_the_equation_of_the_device_and_the_age_is_chosen():
    child = replace(ECHO, age_years_low=4.0, age_years_high=12.0, intercept=10.0)
    any_device = replace(ECHO, device="", intercept=0.0)
    table = ReferenceTable(equations=(any_device, child, ECHO))
    name = {"muscle": "rectus femoris"}
    assert table.equation(ECHO.measure, device="A", person=ANN, **name) == ECHO
    assert table.equation(ECHO.measure, device="A", person=replace(ANN, age_years=6.0), **name) == child
    assert table.equation(ECHO.measure, device="B", person=ANN, **name) == any_device
    with pytest.raises(FeatureError, match="nothing for echo_intensity_mean of soleus on A"):
        table.equation(ECHO.measure, muscle="soleus", device="A")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("measure,muscle,intercept\ne,m,1\n", "no column 'sd'"),
        ("measure,muscle,intercept,sd\ne,m,1,-2\n", "sd -2"),
        ("measure,muscle,intercept,sd\ne,m,1,\n", "a row without measure, muscle, intercept or sd"),
        ("measure,muscle,intercept,sd\ne,m,1,two\n", "a word for a number"),
        ("", "cannot be read"),
    ],
)
def test_faulty_tables_are_named(text, words, tmp_path):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(FeatureError, match=words):
        ReferenceTable.read(tmp_path / "t.csv")


def people(rng, n=400):
    table = pd.DataFrame(
        {
            "age_years": rng.uniform(20, 70, n),
            "sex": rng.choice(["female", "male"], n),
            "height_cm": rng.normal(170, 8, n),
            "weight_kg": rng.normal(72, 9, n),
        }
    )
    table["echo"] = 60 + 0.4 * table.age_years - 5 * (table.sex == "male") + rng.normal(0, 6, n)
    return table


def test_a_fit_finds_the_coefficients_it_was_made_with(rng):
    table = people(rng)
    found = fit_reference(table, measure="echo", muscle="biceps")
    assert found.per_year == pytest.approx(0.4, abs=0.08)
    assert found.male == pytest.approx(-5.0, abs=2.5)
    assert found.per_kg == pytest.approx(0.0, abs=0.1)
    assert found.sd == pytest.approx(6.0, abs=0.6)
    assert (found.people, found.sexes) == (400, "both")
    z = [
        z_score(
            row["echo"], found, person=Person(**{k: row[k] for k in ("age_years", "sex", "height_cm", "weight_kg")})
        ).z
        for row in table.to_dict("records")
    ]
    assert np.mean(z) == pytest.approx(0.0, abs=1e-9)
    assert np.std(z) == pytest.approx(1.0, abs=0.02)


def test_what_does_not_vary_is_left_out(rng):
    boys = people(rng, 60).assign(sex="male", height_cm=120.0)
    found = fit_reference(boys, measure="echo", muscle="biceps")
    assert (found.male, found.per_cm, found.sexes) == (0.0, 0.0, "male")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.head(20), "20 healthy people are too few for 5 coefficients"),
        (lambda t: t.drop(columns="echo"), "no column 'echo'"),
        (lambda t: t.assign(echo=float("nan")), "holds NaN"),
    ],
)
def test_a_fit_refuses_what_it_cannot_learn_from(change, words, rng):
    with pytest.raises(FeatureError, match=words):
        fit_reference(change(people(rng)), measure="echo", muscle="biceps")


def test_the_shipped_example_says_that_it_is_simulated():
    table = simulated_reference()
    assert len(table.equations) == 2 * 4 * 3
    assert all("not for patients" in e.source for e in table.equations)


def test_the_equation_of_the_sex_is_chosen_whatever_the_order():
    men, women = replace(ECHO, sexes="male", intercept=1.0), replace(ECHO, sexes="female", intercept=2.0)
    table = ReferenceTable(equations=(men, women))
    assert table.equation(ECHO.measure, muscle="rectus femoris", device="A", person=ANN) == women
    assert table.equation(ECHO.measure, muscle="rectus femoris", device="A", person=replace(ANN, sex="male")) == men


def test_an_equation_without_a_range_of_age_serves_who_is_outside_the_others():
    everyone = ReferenceEquation(measure="m", muscle="biceps", intercept=1.0, sd=1.0)
    children = replace(everyone, age_years_low=4.0, age_years_high=12.0)
    table = ReferenceTable(equations=(children, everyone))
    assert table.equation("m", muscle="biceps", person=replace(ANN, age_years=40.0)) == everyone
    assert table.equation("m", muscle="biceps", person=replace(ANN, age_years=6.0)) == children


@pytest.mark.parametrize("sex", ["M", "F", "Male", 1])
def test_a_sex_written_otherwise_is_not_taken_for_female(sex):
    with pytest.raises(FeatureError, match="write female or male"):
        Person(sex=sex)
    with pytest.raises(FeatureError, match="not all female or male"):
        fit_reference(pd.DataFrame({"echo": np.arange(20.0), "sex": [sex, "male"] * 10}), measure="echo", muscle="m")


def test_a_device_that_is_a_number_is_found(tmp_path):
    (tmp_path / "mine.csv").write_text("measure,muscle,device,intercept,sd\ne,m,1,10,2\n", encoding="utf-8")
    assert ReferenceTable.read(tmp_path / "mine.csv").equation("e", muscle="m", device="1").intercept == 10
