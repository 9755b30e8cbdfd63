from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mskus.errors import LeakError, LearnError
from mskus.learn.classical import fit_classifier, predict_table

QUICK = {"classifier": "logistic_regression", "selection": "anova", "n_features": 3, "trials": 0, "outer_folds": 3}


def test_what_differs_is_found_and_selected(made_table):
    result = fit_classifier(made_table(shift=2.5), label="diagnosis", positive="affected", **QUICK)
    assert result.scores["AUC"].value > 0.9
    assert result.patient_scores["sensitivity"].value > 0.8
    assert set(result.model.features) == {"stat_0", "stat_1", "stat_2"}
    assert result.times_selected == {"stat_0": 3, "stat_1": 3, "stat_2": 3}
    assert result.notes == ()


def test_age_left_of_the_provenance_is_not_learned_although_it_gives_the_answer(made_table):
    assert "age" not in fit_classifier(made_table(shift=0.0), label="diagnosis", **QUICK).columns


def test_numbers_serve_as_labels(made_table):
    table = made_table()
    table.insert(0, "grade", (table["diagnosis"] == "affected") * 1.0)
    assert fit_classifier(table, label="grade", **QUICK).model.classes == ("0", "1")


def test_the_user_is_told_what_was_mended(made_table):
    table = made_table(patients=20, pictures=1, features=24)
    table.loc[0, "stat_4"] = np.nan
    table["stat_5"] = 1.0
    table.loc[[2, 3], "diagnosis"] = None
    notes = " ".join(fit_classifier(table, label="diagnosis", **QUICK | {"outer_folds": 10}).notes)
    assert "2 of 20 rows have no 'diagnosis' and are left out." in notes
    assert "There are more features (24) than rows (18)" in notes
    assert "1 of 24 features have gaps that are filled with the median: stat_4." in notes
    assert "1 of 24 features are constant and dropped: stat_5." in notes
    assert "The rarest class has 9 patients, so there are 9 folds instead of 10." in notes


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.assign(patient=np.where(t["diagnosis"] == "affected", "one", t["patient"])), "'affected' has one"),
        (lambda t: t.assign(diagnosis="normal"), "holds the one class 'normal'"),
        (lambda t: t.drop(columns="diagnosis"), "no column 'diagnosis' for the label"),
        (lambda t: t.drop(columns="patient"), "no column 'patient' that says who"),
        (lambda t: t.drop(columns=[c for c in t.columns if c.startswith("stat_")]), "no feature columns"),
        (lambda t: t.assign(**{c: 0.0 for c in t.columns if c.startswith("stat_")}), "Every feature is constant"),
        (lambda t: t.assign(feature_settings=["a"] * 10 + ["b"] * (len(t) - 10)), "mixes features computed with 'a'"),
    ],
    ids=["one patient", "one class", "no label", "no patient", "no features", "constant", "mixed settings"],
)
def test_a_table_that_cannot_be_learned_from_is_refused_in_one_sentence(made_table, change, sentence):
    with pytest.raises(LearnError, match=sentence):
        fit_classifier(change(made_table(patients=12)), label="diagnosis", **QUICK)


@pytest.fixture
def model(made_table):
    return fit_classifier(made_table(), label="diagnosis", positive="affected", **QUICK).model


def test_rows_and_patients_are_predicted_without_labels(made_table, model):
    table = made_table().drop(columns="diagnosis").sample(frac=1.0, random_state=0)
    predicted = predict_table(model, table)
    assert predicted["image"].tolist() == table["image"].tolist()
    patients = model.predict_patients(table).set_index("patient")
    assert patients["pictures"].tolist() == [2] * 40
    for who, rows in predicted.groupby("patient"):
        mean = rows["probability_affected"].mean()
        np.testing.assert_allclose(rows["patient_probability_affected"], mean)
        assert patients.loc[who, "probability_affected"] == pytest.approx(mean)
    np.testing.assert_allclose(predicted["probability_normal"] + predicted["probability_affected"], 1.0)


def test_only_the_selected_features_are_needed(made_table, model):
    table = made_table()
    np.testing.assert_array_equal(model.predict_proba(table[list(model.features)]), model.predict_proba(table))


def test_without_patients_only_rows_are_predicted(made_table, model):
    assert "patient_predicted" not in predict_table(model, made_table().drop(columns="patient")).columns


def test_missing_features_and_other_settings_are_refused(made_table, model):
    table = made_table()
    with pytest.raises(LearnError, match="The table lacks the features stat_0;"):
        predict_table(model, table.drop(columns="stat_0"))
    with pytest.raises(LearnError, match="computed with 'bins=64' but the model was trained on 'bins=32;distance=1px'"):
        predict_table(model, table.assign(feature_settings="bins=64"))


def test_gaps_at_prediction_take_the_training_median(made_table, model):
    table: pd.DataFrame = made_table().head(1)
    gaps = table.assign(**dict.fromkeys(model.features[1:], np.nan))
    medians = table.assign(**dict(zip(model.features[1:], model.preparation.median_[1:], strict=True)))
    np.testing.assert_allclose(model.predict_proba(gaps), model.predict_proba(medians))


def test_no_torch_is_loaded():
    import subprocess
    import sys

    code = (
        "import sys, mskus.learn.classical.fitting, mskus.learn.classical.tuning, optuna; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "False"


def test_a_picture_without_any_feature_is_neither_learned_from_nor_judged(made_table):
    table = made_table(patients=20, pictures=2, shift=2.0)
    features = [c for c in table.columns if c.startswith("stat_")]
    table.loc[[0, 2, 3], features] = np.nan  # one picture of the first patient, both of the second
    result = fit_classifier(table, label="diagnosis", **QUICK)
    assert "3 of 40 rows have no features at all and are left out." in result.notes
    assert result.card.data.rows == 37
    found = predict_table(result.model, table)
    probabilities = found.filter(regex="^probability_")
    assert probabilities.isna().all(axis=1).tolist() == [True, False, True, True, *[False] * 36]
    assert found["predicted"].eq("").sum() == 3
    assert found.loc[0, "patient_predicted"] == found.loc[1, "predicted"] != ""
    assert found.loc[0, "patient_probability_normal"] == found.loc[1, "probability_normal"]
    assert found.loc[[2, 3], "patient_predicted"].tolist() == ["", ""]


def test_pictures_may_stand_for_patients(made_table):
    table = made_table(patients=12, pictures=1).assign(image=[f"{n}.png" for n in range(12)])
    found = predict_table(
        fit_classifier(table, label="diagnosis", patient="image", **QUICK).model, table, patient="image"
    )
    assert list(found.columns).count("image") == 1


def test_one_picture_under_two_patients_stops_the_fit(made_table):
    table = made_table()
    hashes = [f"{n:064d}" for n in range(len(table))]
    who = table["patient"].astype(str).tolist()
    other = next(n for n, name in enumerate(who) if name != who[0])
    hashes[other] = hashes[0]
    with pytest.raises(LeakError, match=rf"1 picture\(s\) stand under several patients \({min(who[0], who[other])}"):
        fit_classifier(table.assign(image_sha256=hashes), label="diagnosis", **QUICK)
