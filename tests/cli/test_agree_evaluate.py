"""``mskus agree`` and ``mskus evaluate`` on small tables and masks with known figures."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pandas as pd
import pytest

SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


@pytest.fixture
def readings(tmp_path):
    """The table of Shrout & Fleiss 1979, wide and long."""
    wide = pd.DataFrame(SHROUT_FLEISS, columns=list("ABCD"), dtype=float).assign(case=list("uvwxyz"))
    wide.to_csv(tmp_path / "wide.csv", index=False)
    wide.melt("case", var_name="reader", value_name="mm").to_csv(tmp_path / "long.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("form", [["wide.csv", "--columns", "A,B,C,D"], ["long.csv", "--value", "mm"]])
def test_both_forms_give_the_published_icc(mskus, readings, form):
    out = readings / "out"
    answer = mskus("agree", readings / form[0], *form[1:], "-o", out, "--repeats", 20)
    assert answer.code == 0, answer.err
    figures = {(r["between"], r["figure"]): r for r in json.loads((out / "agreement.json").read_text())}
    icc = {name[4:7]: round(r["value"], 2) for (_, name), r in figures.items() if name.startswith("ICC")}
    assert icc == {"1,1": 0.17, "2,1": 0.29, "3,1": 0.71, "1,k": 0.44, "2,k": 0.62, "3,k": 0.91}
    assert len(list(out.glob("bland_altman_*.png"))) == 6
    assert figures["A - B", "bias"]["value"] == pytest.approx(46 / 6 - 15 / 6)


def test_grades_give_weighted_kappa(mskus, tmp_path):
    pd.DataFrame({"a": ["mild", "none", "severe", "mild"], "b": ["mild", "mild", "severe", "none"]}).to_csv(
        tmp_path / "t.csv", index=False
    )
    options = ["--columns", "a,b", "--kind", "ordinal", "--grades", "none,mild,severe", "--repeats", 0]
    answer = mskus("agree", tmp_path / "t.csv", *options, "-o", tmp_path)
    assert answer.code == 0, answer.err
    table = pd.read_csv(tmp_path / "agreement.csv").set_index("figure")
    # seen: two of four cases one grade apart, each 1/4; by chance: all pairs of the margins (1, 2, 1)
    chance = (4 * 0.25 + 2 * 0.25 + 2 * 0.25 + 1 + 1) / 16
    assert table.value["kappa, quadratic weights"] == pytest.approx(1 - 0.125 / chance)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--value", "cm"], "has no column 'cm'"),
        (["--value", "reader"], "Column 'reader' holds no numbers"),
        ([], "Say what was measured"),
        (["--value", "mm", "--patient", "who"], "has no column 'who'"),
    ],
)
def test_wrong_columns_are_one_sentence(mskus, readings, arguments, message):
    answer = mskus("agree", readings / "long.csv", *arguments, "-o", readings / "out")
    assert answer.code == 1
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_scores_and_classes_of_a_table(mskus, tmp_path, rng):
    y = np.repeat([0, 1], 30)
    pd.DataFrame(
        {
            "patient": np.arange(60) // 2,
            "dx": np.where(y, "ill", "well"),
            "p": np.clip(0.3 + 0.4 * y + rng.normal(0, 0.2, 60), 0, 1),
            "q": rng.random(60),
            "said": np.where(y, "ill", "well"),
        }
    ).to_csv(tmp_path / "t.csv", index=False)
    arguments = ["--label", "dx", "--positive", "ill", "--score", "p,q", "--predicted", "said", "--repeats", 20]
    answer = mskus("evaluate", tmp_path / "t.csv", *arguments, "-o", tmp_path / "out")
    assert answer.code == 0, answer.err
    assert "60 rows, 30 patients" in answer.out
    found = pd.read_csv(tmp_path / "out" / "accuracy.csv").set_index(["of", "figure"]).value
    assert found["classes", "accuracy"] == 1.0
    assert found["p", "AUC"] - found["q", "AUC"] == pytest.approx(found["p - q", "difference of AUC"])
    for name in ("roc", "calibration", "confusion", "confusion_p", "confusion_q"):
        assert cv2.imread(str(tmp_path / "out" / f"{name}.png")) is not None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--label", "dx", "--score", "p"], "is the positive one"),
        (["--label", "dx", "--score", "p", "--positive", "sick"], "no class 'sick'"),
        (["--label", "dx"], "Say what to judge"),
        (["--score", "p"], "Say which column holds the true class"),
        (["--label", "dx", "--score", "dx"], "holds no numbers"),
        (["--label", "dx", "--score", "gap"], "1 of 2 rows lack a label, score or class (the first is row 2)"),
        (["--label", "one", "--score", "p"], "All 2 cases are of one class"),
    ],
)
def test_tables_that_cannot_be_judged_are_one_sentence(mskus, tmp_path, arguments, message):
    table = pd.DataFrame({"dx": ["ill", "well"], "p": [0.2, 0.8], "gap": [0.1, np.nan], "one": [1, 1]})
    table.to_csv(tmp_path / "t.csv", index=False)
    answer = mskus("evaluate", tmp_path / "t.csv", *arguments, "-o", tmp_path / "out")
    assert answer.code == 1
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_masks_of_a_manifest_by_device(mskus, tmp_path):
    square = np.zeros((40, 60), np.uint8)
    square[10:20, 10:30] = 1
    rows = []
    for n in range(4):
        cv2.imwrite(str(tmp_path / f"image{n}.png"), np.full((40, 60), 90, np.uint8))
        cv2.imwrite(str(tmp_path / f"truth{n}.png"), square)
        cv2.imwrite(str(tmp_path / f"found{n}.png"), np.roll(square, 2 * (n // 2), axis=0))
        rows.append({"image": f"image{n}.png", "truth_mask": f"truth{n}.png", "predicted_mask": f"found{n}.png"})
    table = pd.DataFrame(rows).assign(patient=list("abcd"), device=["M", "M", "N", "N"])
    table.assign(spacing_row_mm=0.5, spacing_col_mm=0.1).to_csv(tmp_path / "m.csv", index=False)
    answer = mskus("evaluate", tmp_path / "m.csv", "-o", tmp_path / "out", "--repeats", 20)
    assert answer.code == 0, answer.err
    by_device = pd.read_csv(tmp_path / "out" / "by_device.csv").set_index(["device", "figure"]).value
    assert by_device["M", "dice"] == 1.0
    assert by_device["N", "dice"] == pytest.approx(0.8)
    assert by_device["N", "hausdorff95"] == pytest.approx(1.0)  # two rows of half a millimetre
    assert cv2.imread(str(tmp_path / "out" / "worst.png")) is not None
