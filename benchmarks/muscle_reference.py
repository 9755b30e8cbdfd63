"""Fit the example reference table on simulated healthy people and judge it on others: z-scores and Heckmatt grades.

    python benchmarks/muscle_reference.py [--people 50] [--write]

About a minute; ``--write`` (five minutes more) replaces the shipped example, which is not for patients.
"""

from __future__ import annotations

import argparse

import pandas as pd

from _results import record
from mskus.features.reference import _SHIPPED as SHIPPED
from mskus.features.reference import ReferenceTable, fit_reference, simulated_reference
from mskus.learn.applications.muscle_disease import Seen
from mskus.learn.applications.reference_scores import ECHO, THICKNESS, reference_scores
from mskus.simulate.cohort import CohortImage, Study, simulate_cohort
from mskus.statistics import bootstrap

FITTED_PEOPLE = 120
HEALTHY: dict[Study, str] = {"myositis": "normal", "duchenne": "control"}
REMARK = """SIMULATED EXAMPLE, NOT FOR PATIENTS: fitted on phantom people by benchmarks/muscle_reference.py.
Replace it by a table of your own healthy people, machine and setting (docs/methods/muscle-disease.md)."""


def seen(one: CohortImage) -> Seen:
    return Seen(one.image, one.mask, one.spacing_mm, one.row())


def fitted(people: int) -> ReferenceTable:
    """Equations of every muscle: thickness for any machine, echo intensity for each."""
    equations = []
    for study, group in HEALTHY.items():
        pictures = simulate_cohort(patients=people, study=study, groups=(group,), both_machines=True, seed=100)
        rows = [one.row() | {ECHO: float(one.image[one.mask].mean()), THICKNESS: one.thickness_mm} for one in pictures]
        source = f"simulated example, {people} phantom people, not for patients"
        for muscle, of_muscle in pd.DataFrame(rows).groupby("muscle"):
            for device, of_device in of_muscle.groupby("device"):
                equations.append(fit_reference(of_device, measure=ECHO, muscle=muscle, device=device, source=source))
            one_machine = of_muscle[of_muscle.device == "machine 1"]
            equations.append(fit_reference(one_machine, measure=THICKNESS, muscle=muscle, source=source))
    return ReferenceTable(equations=tuple(equations))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="people of each study to judge it on (50)")
    parser.add_argument("--write", action="store_true", help="replace the shipped example")
    asked = parser.parse_args()
    if asked.write:
        fitted(FITTED_PEOPLE).write(SHIPPED, remark=REMARK)
    reference = simulated_reference()
    results = []
    for study in HEALTHY:
        table = reference_scores(
            map(seen, simulate_cohort(patients=asked.people, study=study, seed=7)), reference=reference
        )
        for group, of_group in table.groupby("group", sort=False):
            inside = of_group.dropna(subset=["z_echo"])
            graded = inside.dropna(subset=["heckmatt"])

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
                    "Heckmatt 1 / 2 / 3 / 4": " / ".join(f"{(graded.heckmatt == g).mean():.0%}" for g in (1, 2, 3, 4)),
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
