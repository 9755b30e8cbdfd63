"""From pictures to a table, a comparison, a model and its explanation, as a user types it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest

Mskus = Callable[..., Any]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve patients with two pictures each; the ill have coarser speckle."""
    folder, rng = tmp_path_factory.mktemp("cohort"), np.random.default_rng(4)
    lines = ["image,patient,diagnosis"]
    for patient in range(12):
        ill = patient % 2 == 1
        for k in range(2):
            grain = cv2.GaussianBlur(rng.standard_normal((40, 48)), (0, 0), 2.0 if ill else 1.0)
            picture = 110 + 30 * grain / grain.std()
            cv2.imwrite(str(folder / f"{patient}_{k}.png"), np.clip(picture, 0, 255).astype(np.uint8))
            lines.append(f"{patient}_{k}.png,P{patient},{'ill' if ill else 'well'}")
    (folder / "manifest.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_features_fit_explain(cohort: Path, tmp_path: Path, mskus: Mskus) -> None:
    table = cohort / "features.csv"
    done = mskus("features", cohort / "manifest.csv", "-o", table, "--families", "glcm,first_order", "-q")
    assert (done.code, done.err) == (0, "")
    found = pd.read_csv(table)
    assert len(found) == 24
    assert found["image"].iloc[0] == "0_0.png"
    assert len(found["image_sha256"].iloc[0]) == 64
    assert {"stat_mean", "cm_contrast", "diagnosis", "patient"} <= set(found.columns)
    assert found["feature_settings"].unique().tolist() == ["bins=32;distance=1px"]

    model = tmp_path / "model"
    fit = mskus(
        "fit", table, "--label", "diagnosis", "--positive", "ill", "--classifier", "logistic_regression",
        "--selection", "anova", "--n-features", "4", "--trials", "0", "-o", model,
    )  # fmt: skip
    assert fit.code == 0, fit.err
    out = tmp_path / "explained"
    explained = mskus("explain", model, table, "--label", "diagnosis", "--known", table, "--cases", 3, "-o", out)
    assert explained.code == 0, explained.err
    importance = pd.read_csv(out / "importance.csv")
    assert importance["importance"].iloc[0] > 0
    shares = pd.read_csv(out / "shapley.csv")
    assert len(shares) == 3
    nearest = pd.read_csv(out / "nearest_cases.csv")
    assert len(nearest) == 15
    assert {path.name for path in out.iterdir()} >= {"importance.png", "partial_dependence.png", "nearest_cases.png"}


def test_features_of_enhanced_pictures_say_so(cohort: Path, tmp_path: Path, mskus: Mskus) -> None:
    table = tmp_path / "t.csv"
    done = mskus(
        "features", cohort / "0_0.png", cohort / "1_0.png", "-o", table, "--enhance", "median,gamma",
        "--families", "first_order", "--bin-width", "10",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "2 regions described by" in done.out
    assert pd.read_csv(table)["feature_settings"].unique().tolist() == [
        "median > gamma; width=10;origin=0;distance=1px"
    ]


def test_one_bad_case_does_not_stop_the_others(cohort: Path, tmp_path: Path, mskus: Mskus) -> None:
    cv2.imwrite(str(tmp_path / "empty.png"), np.zeros((40, 48), np.uint8))
    (tmp_path / "text.png").write_text("not a picture", encoding="utf-8")
    cv2.imwrite(str(tmp_path / "good.png"), cv2.imread(str(cohort / "0_0.png")))
    manifest = tmp_path / "m.csv"
    one = np.zeros((40, 48), np.uint8)
    one[3, 3] = 1
    cv2.imwrite(str(tmp_path / "one.png"), one)
    manifest.write_text("image,mask\ngood.png,\ngood.png,empty.png\ngood.png,one.png\ntext.png,\n", encoding="utf-8")
    done = mskus("features", manifest, "-o", tmp_path / "t.csv", "--families", "first_order", "-q")
    assert done.code == 1
    assert len(pd.read_csv(tmp_path / "t.csv")) == 1
    first, second, third = done.err.strip().splitlines()  # two of one picture are two
    assert first.startswith("mskus: row 2, ")
    assert "good.png: The region is empty" in first
    assert "row 3, " in second
    assert "one pixel only" in second
    assert "text.png" in third


def test_a_mistyped_patient_column_does_not_make_every_row_a_patient(
    cohort: Path, tmp_path: Path, mskus: Mskus
) -> None:
    ask = ("features", cohort / "manifest.csv", "-o", tmp_path / "t.csv", "--families", "first_order")
    done = mskus(*ask, "--patient", "pateint")
    assert done.code == 1
    assert "has no column 'pateint' that says who" in done.err
    assert not (tmp_path / "t.csv").exists()


def test_who_is_unknown_is_told(cohort: Path, tmp_path: Path, mskus: Mskus) -> None:
    manifest = cohort / "nobody.csv"
    manifest.write_text("image\n0_0.png\n0_1.png\n", encoding="utf-8")
    ask = ("features", manifest, "-o", tmp_path / "t.csv", "--families", "first_order")
    done = mskus(*ask)
    assert done.code == 0
    assert "2 of 2 rows do not say whose they are; the table has no column 'patient'." in done.err
    assert "patient" not in pd.read_csv(tmp_path / "t.csv").columns
    manifest.write_text("image,patient\n0_0.png,P0\n0_1.png,\n", encoding="utf-8")
    done = mskus(*ask)
    assert "1 of 2 rows do not say whose they are; each counts as a patient of its own." in done.err
    assert pd.read_csv(tmp_path / "t.csv")["patient"].tolist() == ["P0", "row 2"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("t.xlsx", "neither .csv nor .parquet"), ("t", "neither .csv"), ("manifest.csv", "is the manifest itself")],
)
def test_a_table_that_cannot_be_written_is_told_at_once(cohort: Path, mskus: Mskus, name: str, sentence: str) -> None:
    before = (cohort / "manifest.csv").read_bytes()
    done = mskus("features", cohort / "manifest.csv", "-o", cohort / name, "--families", "first_order")
    assert done.code == 1
    assert sentence in done.err
    assert (cohort / "manifest.csv").read_bytes() == before


def test_compare(cohort: Path, tmp_path: Path, mskus: Mskus) -> None:
    grid = tmp_path / "grid.yaml"
    grid.write_text(
        f"manifest: {cohort / 'manifest.csv'}\nlabel: diagnosis\npositive: ill\nfeatures: [first_order, glcm]\n"
        "classifier: [logistic_regression, support_vector_machine]\ntrials: 0\nouter_folds: 3\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    first = mskus("compare", grid, "-o", out)
    assert first.code == 0, first.err
    assert "glcm" in first.out
    assert "The best was chosen among 4" in first.out
    table = pd.read_csv(out / "ranking.csv")
    assert table["features"].iloc[0] == "glcm"
    assert (out / "critical_difference.png").is_file()
    made = {path: path.stat().st_mtime_ns for path in (out / "cells").iterdir()}
    assert mskus("compare", grid, "-o", out, "-q").code == 0
    assert {path: path.stat().st_mtime_ns for path in (out / "cells").iterdir()} == made


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["features"], "Give a manifest or pictures"),
        (["features", "none.csv", "-o", "t.csv"], "none.csv is not a file"),
        (["compare", "none.yaml", "-o", "out"], "none.yaml is not a file"),
    ],
)
def test_wrong_usage_is_one_sentence(mskus: Mskus, arguments: list[str], sentence: str) -> None:
    done = mskus(*arguments)
    assert done.code in (1, 2)
    assert sentence in done.err
    assert "Traceback" not in done.err


def test_the_families_are_listed(mskus: Mskus) -> None:
    listed = mskus("features", "--list").out
    assert all(name in listed for name in ("glcm", "ngtdm", "mbp", "wavelet"))
