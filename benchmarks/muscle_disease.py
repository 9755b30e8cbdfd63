"""Muscle disease from echo texture: phantom cohort on one machine and across two, or the published release.

    python benchmarks/muscle_disease.py [--patients 48]
    python benchmarks/muscle_disease.py --release PatientData.mat [--muscle-value N]

About three minutes for the cohort, about ten for the release (3214 pictures), which the user must have.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from _results import record
from mskus.enhance.harmonise import Harmoniser, Scan, harmonisation_report
from mskus.learn.applications.muscle_disease import (
    TASKS,
    Seen,
    across_machines,
    judge_task,
    seen_cases,
    texture_table,
)
from mskus.learn.applications.myositis_release import write_release
from mskus.learn.classical.folds import grouped_folds
from mskus.learn.classical.recipe import Recipe
from mskus.learn.manifest import read_manifest
from mskus.simulate.cohort import CohortImage, simulate_cohort
from mskus.statistics import bootstrap

RECIPE: dict[str, Any] = {"classifier": "random_forest", "selection": "mrmr", "n_features": 20, "trials": 0}
CHAINS = {"grey levels": ("quantiles",), "spacing, depth gain, grey levels": ("spacing", "depth_gain", "quantiles")}


def seen(one: CohortImage) -> Seen:
    return Seen(one.image, one.mask, one.spacing_mm, one.row())


def scan(one: CohortImage) -> Scan:
    return Scan.of(one.image.astype(np.float32), spacing_mm=one.spacing_mm)


def harmonised(one: CohortImage, harmoniser: Harmoniser) -> Seen:
    """The picture as the other machine would show it, with its region on the new grid."""
    made = harmoniser.apply_to_scan(scan(one))
    height, width = made.image.shape
    mask = cv2.resize(one.mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    return Seen(made.image, mask, made.spacing_mm, one.row())


def on_release(path: Path, muscle_value: int | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cases = read_manifest(write_release(path, folder, muscle_value=muscle_value))
        table = texture_table(seen_cases(cases))
    rows = []
    for task in TASKS:
        judged = judge_task(table, task, **RECIPE)
        by_picture, by_patient = judged.scores(), judged.patient_scores()
        rows.append(
            {
                "task": task.name,
                "pictures": len(judged.y),
                "patients": len(judged.patient_names),
                "accuracy by picture": by_picture["accuracy"].text(3),
                "accuracy by patient": by_patient["accuracy"].text(3),
                "AUC by patient": by_patient["AUC"].text(3),
                "published random forest": f"{task.random_forest:.1%}",
                "published deep": f"{task.deep:.1%}",
            }
        )
    record(
        "Muscle disease: the published release",
        rows,
        data=f"PatientData.mat, {len(table)} pictures of {table.patient.nunique()} people (Burlina et al. 2017)",
        split="nested cross-validation, 5 folds by patient",
        kind="public data",
        command="python benchmarks/muscle_disease.py --release PatientData.mat",
    )


def on_cohort(patients: int) -> None:
    pictures = list(simulate_cohort(patients=patients, both_machines=True, seed=0))
    first = [one for one in pictures if one.device == "machine 1"]
    second = [one for one in pictures if one.device == "machine 2"]
    table, other = texture_table(map(seen, first)), texture_table(map(seen, second))
    one_machine(table)
    names = np.array([one.person.patient for one in second])
    groups = np.unique([one.person.group for one in second], return_inverse=True)[1]
    folds = [(np.unique(names[a]), np.unique(names[b])) for a, b in grouped_folds(groups, names, n=5)]
    matched = {f"machine 2, {name} matched": treated(first, second, folds, steps) for name, steps in CHAINS.items()}
    tables = {"machine 2": other} | matched
    rows = []
    for task in TASKS:
        judged = across_machines(table, tables, task, folds=folds, recipe=Recipe(**RECIPE), align=list(tables))
        for name in judged.scores:
            row = {"task": task.name, "tested on": name, **figures(judged, name)}
            if name not in ("same machine", "machine 2"):
                report = harmonisation_report(
                    judged.scores["machine 2"], judged.scores[name], labels=judged.labels, patients=judged.patients
                )
                row |= {"change of AUC": report.change.text(), "verdict": report.verdict}
                row |= {"order of scores": report.direction}
            rows.append(row)
    record(
        "Muscle disease: across two machines",
        rows,
        data=f"phantom cohort, seed 0, {patients} patients, 4 muscles, the same muscles on both machines",
        split="trained on machine 1, 5 folds by patient; the harmoniser sees training patients only",
        kind="phantom",
        command="python benchmarks/muscle_disease.py",
        note="The verdict is paired by patient. The size of the gap is that of the two machines of the simulation.",
    )


def one_machine(table: pd.DataFrame) -> None:
    rows = []
    for task in TASKS:
        judged = judge_task(table, task, **RECIPE)
        by_picture, by_patient = judged.scores(), judged.patient_scores()
        rows.append(
            {
                "task": task.name,
                "AUC by picture": by_picture["AUC"].text(),
                "accuracy by picture": by_picture["accuracy"].text(),
                "AUC by patient": by_patient["AUC"].text(),
                "accuracy by patient": by_patient["accuracy"].text(),
                "published on people: random forest / deep": f"{task.random_forest:.1%} / {task.deep:.1%}",
            }
        )
    record(
        "Muscle disease: one machine",
        rows,
        data=f"phantom cohort, seed 0, {table.patient.nunique()} patients, 4 muscles each, machine 1",
        split="nested cross-validation, 5 folds by patient",
        kind="phantom",
        command="python benchmarks/muscle_disease.py",
        note="Phantom diseases are as strong as they were made (docs/methods/muscle-disease.md): this proves the road, "
        "not the accuracy on people; the published figures stand beside for orientation only.",
    )


def treated(first: Sequence[CohortImage], second: Sequence[CohortImage], folds: Any, steps: Sequence[str]) -> Any:
    """Machine 2's pictures, each harmonised by what was fitted on the other folds' patients."""
    made: dict[int, Seen] = {}
    for for_training, for_testing in folds:
        source, reference = (
            [scan(one) for one in side if one.person.patient in for_training] for side in (second, first)
        )
        harmoniser = Harmoniser.fit(source, reference, steps=steps)
        for number, one in enumerate(second):
            if one.person.patient in for_testing:
                made[number] = harmonised(one, harmoniser)
    return texture_table(made[number] for number in range(len(second)))


def figures(judged: Any, name: str) -> dict[str, str]:
    from mskus.statistics import auc

    y, score, decided = judged.labels, judged.scores[name], judged.decided[name]
    return {
        "AUC": bootstrap(lambda i: auc(y[i], score[i]) if 0 < y[i].sum() < len(i) else np.nan, judged.patients).text(),
        "accuracy": bootstrap(lambda i: float((y[i] == decided[i]).mean()), judged.patients).text(),
        "called positive": f"{decided.mean():.0%} of {y.mean():.0%}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=48, help="of the phantom cohort (48)")
    parser.add_argument("--release", type=Path, help="PatientData.mat of the published release")
    parser.add_argument("--muscle-value", type=int, help="number of the muscle in imSeg (the deepest region)")
    asked = parser.parse_args()
    if asked.release:
        on_release(asked.release, asked.muscle_value)
    else:
        on_cohort(asked.patients)


if __name__ == "__main__":
    main()
