from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

QUICK = ("--classifier", "naive_bayes", "--selection", "anova", "--n-features", "3", "--trials", "0", "--folds", "3")


@pytest.fixture
def table(tmp_path: Path, rng: np.random.Generator) -> Path:
    who = np.repeat(np.arange(24), 2)
    values = rng.normal(size=(48, 6)) + 2.0 * (who % 2)[:, None] * np.array([1, 1, 1, 0, 0, 0])
    made = pd.DataFrame(values, columns=[f"stat_{n}" for n in range(6)])
    made.insert(0, "feature_settings", "bins=32")
    made.insert(0, "diagnosis", np.where(who % 2, "affected", "normal"))
    made.insert(0, "patient", who)
    made.to_csv(tmp_path / "features.csv", index=False)
    return tmp_path / "features.csv"


def test_a_model_is_judged_kept_and_used(mskus, table, tmp_path):
    answer = mskus("fit", table, "--label", "diagnosis", "--positive", "affected", *QUICK, "-o", tmp_path / "model")
    assert answer.code == 0, answer.err
    assert "48 pictures (24 normal, 24 affected) of 24 patients" in answer.out
    assert "in 3 folds by patient; positive is affected" in answer.out
    assert "not validated on patients" in answer.out
    rows = {line.split("  ")[1].strip(): line for line in answer.out.splitlines() if " to " in line}
    assert {"AUC", "balanced accuracy", "sensitivity", "specificity", "Brier score"} <= set(rows)
    assert json.loads((tmp_path / "model" / "card.json").read_text())["data"]["name"] == "features.csv"

    pd.read_csv(table).drop(columns="diagnosis").to_csv(tmp_path / "new.csv", index=False)
    answer = mskus("predict", tmp_path / "model", tmp_path / "new.csv", "-o", tmp_path / "out" / "predictions.csv")
    assert answer.code == 0, answer.err
    predicted = pd.read_csv(tmp_path / "out" / "predictions.csv")
    truth = pd.read_csv(table)["diagnosis"]
    assert (predicted["predicted"] == truth).mean() > 0.85
    assert (predicted["patient_predicted"] == truth).mean() > 0.9
    affected = int((predicted["predicted"] == "affected").sum())
    assert f"{affected} affected" in answer.out.splitlines()[0]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--label", "disease"), "no column 'disease' for the label"),
        (("--label", "diagnosis", "--patient", "who"), "no column 'who' that says who"),
        (("--label", "diagnosis", "--classifier", "oracle"), "no classifier named 'oracle'"),
        ((), "Give a table of features, its --label column"),
    ],
)
def test_wrong_use_is_one_sentence(mskus, table, tmp_path, options, sentence):
    answer = mskus("fit", table, *options, "-o", tmp_path / "model")
    assert answer.code == 1
    assert sentence in answer.err
    assert answer.err.count("\n") == 1


def test_a_folder_without_a_model_is_refused(mskus, table, tmp_path):
    answer = mskus("predict", tmp_path, table, "-o", tmp_path / "p.csv")
    assert (answer.code, "make one with `mskus fit`" in answer.err) == (1, True)


def test_the_names_are_listed_with_their_sources(mskus):
    lines = mskus("fit", "--list").out.splitlines()
    assert any("random_forest" in line and "Breiman 2001" in line for line in lines)
    assert any("relieff" in line and "Kononenko 1994" in line for line in lines)
