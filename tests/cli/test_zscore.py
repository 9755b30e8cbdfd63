from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

Mskus = Callable[..., Any]


def test_z_scores_of_a_simulated_cohort(tmp_path: Path, mskus: Mskus) -> None:
    cohort = tmp_path / "cohort"
    made = mskus("simulate", "cohort", "-o", cohort, "--patients", 4, "--images", 1, "--seed", 3)
    assert made.code == 0, made.err
    table = tmp_path / "z.csv"
    done = mskus("zscore", cohort / "manifest.csv", "-o", table)
    assert "not for patients" in done.err
    found = pd.read_csv(table)
    assert {"z_echo", "heckmatt", "withheld"} <= set(found.columns)
    assert f"of {len(found)} pictures have an echo z-score" in done.out
    assert done.code == int(found["z_echo"].isna().any())
    assert found["z_echo"].notna().any()


def test_a_manifest_without_muscle_is_one_sentence(tmp_path: Path, mskus: Mskus) -> None:
    cohort = tmp_path / "cohort"
    assert mskus("simulate", "cohort", "-o", cohort, "--patients", 4, "--images", 1).code == 0
    table = pd.read_csv(cohort / "manifest.csv").drop(columns="muscle")
    table.to_csv(cohort / "bare.csv", index=False)
    done = mskus("zscore", cohort / "bare.csv", "-o", tmp_path / "z.csv")
    assert done.code == 1
    assert "needs a column 'muscle'" in done.err
    assert not (tmp_path / "z.csv").exists()
