"""Fit the example reference table on simulated healthy people and judge it on others: z-scores and Heckmatt grades.

    python benchmarks/muscle_reference.py [--people 60] [--write]

About three minutes. ``--write`` replaces the shipped example, which is not for patients.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
import pandas as pd

from _results import record
from mskus.errors import FeatureError
from mskus.features.heckmatt import bone_deficit, heckmatt_grade
from mskus.features.reference import _SHIPPED as SHIPPED
from mskus.features.reference import Person, ReferenceTable, fit_reference, simulated_reference, z_score
from mskus.simulate.cohort import CohortImage, Study, simulate_cohort
from mskus.statistics import bootstrap

HEALTHY: dict[Study, str] = {"myositis": "normal", "duchenne": "control"}
ECHO, THICKNESS = "echo_intensity_mean", "muscle_thickness_mean_mm"
REMARK = """SIMULATED EXAMPLE, NOT FOR PATIENTS: fitted on phantom people by benchmarks/muscle_reference.py.
Replace it by a table of your own healthy people, machine and setting (docs/methods/muscle-disease.md)."""


def measured(images: Iterator[CohortImage]) -> pd.DataFrame:
    """Echo intensity, thickness and bone of every picture."""
    rows = [
        one.row()
        | {
            ECHO: float(one.image[one.mask].mean()),
            THICKNESS: one.thickness_mm,
            "bone": bone_deficit(one.image, one.mask, spacing_mm=one.spacing_mm) if one.bone_in_view else np.nan,
            "loss_db": one.texture.absorption_db_per_mm * one.thickness_mm,
        }
        for one in images
    ]
    return pd.DataFrame(rows)


def fitted(people: int) -> ReferenceTable:
    """Equations of every muscle: thickness for any machine, echo intensity for each."""
    equations = []
    for study, group in HEALTHY.items():
        table = measured(simulate_cohort(patients=people, study=study, groups=(group,), both_machines=True, seed=100))
        source = f"simulated example, {people} phantom people, not for patients"
        for muscle, of_muscle in table.groupby("muscle"):
            for device, seen in of_muscle.groupby("device"):
                equations.append(fit_reference(seen, measure=ECHO, muscle=muscle, device=device, source=source))
            one = of_muscle[of_muscle.device == "machine 1"]
            equations.append(fit_reference(one, measure=THICKNESS, muscle=muscle, source=source))
    return ReferenceTable(equations=tuple(equations))


def scored(table: pd.DataFrame, reference: ReferenceTable) -> pd.DataFrame:
    """Z-scores and grades of the people inside the reference's range."""
    rows = []
    for row in table.to_dict("records"):
        person = Person(**{name: row[name] for name in ("age_years", "sex", "height_cm", "weight_kg")})
        z = {}
        for measure in (ECHO, THICKNESS):
            equation = reference.equation(measure, muscle=row["muscle"], device=row["device"], person=person)
            try:
                z[measure] = z_score(row[measure], equation, person=person).z
            except FeatureError:  # outside the range: counted, not guessed
                z[measure] = np.nan
        grade, _ = heckmatt_grade(z[ECHO], bone=row["bone"], bone_in_view=bool(row["bone_in_view"]))
        rows.append(
            row | {"z_echo": z[ECHO], "z_thickness": z[THICKNESS], "grade": int(grade.value) if grade else np.nan}
        )
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=60, help="healthy people of each study (60)")
    parser.add_argument("--write", action="store_true", help="replace the shipped example")
    asked = parser.parse_args()
    if asked.write:
        fitted(asked.people).write(SHIPPED, remark=REMARK)
    reference = simulated_reference()
    results = []
    for study in HEALTHY:
        table = scored(measured(simulate_cohort(patients=asked.people, study=study, seed=7)), reference)
        for group, of_group in table.groupby("group", sort=False):
            inside = of_group.dropna(subset=["z_echo"])
            graded = inside.dropna(subset=["grade"])

            def mean(column: str, rows: pd.DataFrame) -> str:
                values = rows[column].to_numpy()
                return bootstrap(lambda i: float(values[i].mean()), rows.patient.to_numpy()).text(2)

            results.append(
                {
                    "group": group,
                    "people": of_group.patient.nunique(),
                    "outside the range": f"{(1 - len(inside) / len(of_group)):.0%}",
                    "echo z, mean": mean("z_echo", inside),
                    "echo z, SD": f"{inside.z_echo.std():.2f}",
                    "thickness z, mean": mean("z_thickness", inside),
                    "echo z above 2": f"{(inside.z_echo > 2).mean():.0%}",
                    "Heckmatt 1 / 2 / 3 / 4": " / ".join(f"{(graded.grade == g).mean():.0%}" for g in (1, 2, 3, 4)),
                }
            )
    record(
        "Muscle disease: reference values and Heckmatt grade",
        results,
        data=f"phantom cohort, seed 7, {asked.people} people a study, 4 muscles each",
        split="reference fitted on other healthy phantom people (seed 100)",
        kind="phantom",
        command="python benchmarks/muscle_reference.py",
        note="Healthy groups should have mean 0, SD 1 and grade 1. Grades leave out the muscle without bone in view.",
    )


if __name__ == "__main__":
    main()
