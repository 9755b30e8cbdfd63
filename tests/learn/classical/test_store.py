from __future__ import annotations

import json

import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.learn.classical import fit_classifier, load_model
from mskus.learn.classical.classifiers import classifiers
from mskus.learn.classical.store import read_card


@pytest.fixture
def fitted(made_table):
    table = made_table(patients=16, pictures=2)

    def fit(classifier="logistic_regression", **choices):
        asked = {"selection": "anova", "n_features": 4, "trials": 0, "outer_folds": 2} | choices
        return table, fit_classifier(table, label="diagnosis", positive="affected", classifier=classifier, **asked)

    return fit


@pytest.mark.parametrize("name", list(classifiers()))
def test_a_model_says_the_same_after_loading(fitted, tmp_path, name):
    table, result = fitted(name, calibration="isotonic" if name == "naive_bayes" else "sigmoid")
    result.save(tmp_path)
    loaded = load_model(tmp_path)
    np.testing.assert_array_equal(loaded.predict_proba(table), result.model.predict_proba(table))
    assert loaded.features == result.model.features
    assert loaded.classes == ("normal", "affected")
    assert loaded.predict_patients(table).equals(result.model.predict_patients(table))


def test_nothing_on_disk_is_pickle(fitted, tmp_path):
    import zipfile

    fitted("random_forest")[1].save(tmp_path)
    names = zipfile.ZipFile(tmp_path / "model.skops").namelist()
    assert {name.rsplit(".", 1)[-1] for name in names} == {"json", "npy"}


def test_a_changed_file_is_refused(fitted, tmp_path):
    fitted()[1].save(tmp_path)
    path = tmp_path / "model.skops"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(LearnError, match=r"differs from its card \(SHA-256 .*not loaded"):
        load_model(tmp_path)


def test_a_type_that_is_not_listed_is_refused_even_with_the_right_hash(fitted, tmp_path):
    import hashlib

    import skops.io

    fitted()[1].save(tmp_path)
    content = skops.io.dumps({"classifier": skops.io.dumps, "features": []})
    (tmp_path / "model.skops").write_bytes(content)
    card = json.loads((tmp_path / "card.json").read_text())
    card["sha256"] = hashlib.sha256(content).hexdigest()
    (tmp_path / "card.json").write_text(json.dumps(card))
    with pytest.raises(LearnError, match="holds skops.io.*dumps, a type that models here never hold"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("gone", "sentence"), [("card.json", "holds no model .card.json is missing"), ("model.skops", "is missing beside")]
)
def test_a_missing_file_is_named(fitted, tmp_path, gone, sentence):
    fitted()[1].save(tmp_path)
    (tmp_path / gone).unlink()
    with pytest.raises(LearnError, match=sentence):
        load_model(tmp_path)


def test_the_card_says_what_was_done(fitted, tmp_path):
    fitted(name="study.csv")[1].save(tmp_path)
    card = read_card(tmp_path)
    assert card.task == "diagnosis: normal or affected, from 4 features of a region"
    assert card.data.rows_by_class == {"normal": 16, "affected": 16}
    assert card.data.patients_by_class == {"normal": 8, "affected": 8}
    assert card.split == "nested cross-validation in 2 folds by patient"
    assert "not validated on patients" in card.limits
    assert {score.metric for score in card.scores} >= {"AUC, by picture", "AUC, by patient", "Brier score, by patient"}
    assert all(score.low <= score.value <= score.high for score in card.scores)
    assert card.recipe["classifier"] == "logistic_regression"
    assert card.feature_settings == "bins=32;distance=1px"
