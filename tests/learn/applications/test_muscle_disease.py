"""The three tasks: who belongs to which class, what is learned from, and the road across machines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mskus.errors import FeatureError, LearnError
from mskus.learn.applications.muscle_disease import (
    TASKS,
    Seen,
    across_machines,
    judge_task,
    seen_cases,
    task_rows,
    texture_columns,
    texture_table,
)
from mskus.learn.classical.recipe import Recipe
from mskus.learn.manifest import read_manifest
from mskus.simulate.cohort import write_cohort

GROUPS = ["normal", "IBM", "PM", "DM"]
PLAIN = {"classifier": "logistic_regression", "selection": "none", "n_features": None, "trials": 0}


def made(rng, *, patients=24, gain=1.0, offset=0.0):
    """Two pictures a patient; `stat_mean` tells all diseases from health, `cm_contrast` IBM from the rest."""
    rows = []
    for k in range(patients):
        group = GROUPS[k % 4]
        for muscle in ("biceps", "tibialis"):
            rows.append(
                {
                    "patient": f"P{k:02d}", "group": group, "muscle": muscle, "age_years": 50 + (group != "normal"),
                    "stat_mean": gain * ((group != "normal") + rng.normal(0, 0.2)) + offset,
                    "cm_contrast": gain * ((group == "IBM") + rng.normal(0, 0.2)) + offset,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("task", "classes", "counts"),
    [
        (TASKS[0], ("normal", "affected"), (12, 36)),
        (TASKS[1], ("normal", "IBM"), (12, 12)),
        (TASKS[2], ("DM or PM", "IBM"), (24, 12)),
    ],
)
def test_classes_of_the_published_tasks(task, classes, counts, rng):
    part = task_rows(made(rng), task)
    assert task.classes == classes
    assert tuple(int((part.labels == c).sum()) for c in classes) == counts
    assert part.X.shape == (sum(counts), 2)


def test_published_figures_stand_beside():
    assert [(t.random_forest, t.deep) for t in TASKS] == [(0.723, 0.762), (0.843, 0.866), (0.689, 0.748)]


def test_age_and_thickness_are_not_learned_from(rng):
    assert texture_columns(made(rng).assign(thickness_mm=1.0, bone_in_view=1)) == ["stat_mean", "cm_contrast"]


def test_what_differs_is_found_by_patient(rng):
    for task in TASKS:
        judged = judge_task(made(rng), task, **PLAIN)
        assert judged.patient_scores()["AUC"].low > 0.9
        assert len(judged.patient_names) < len(judged.y)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t[t.group != "IBM"], "no row of IBM"),
        (lambda t: t.drop(columns="group"), "group"),
        (lambda t: t.drop(columns="patient"), "patient"),
        (lambda t: t[(t.group != "IBM") | (t.patient == "P01")], "IBM"),  # one patient of a class
    ],
)
def test_tables_that_do_not_do_are_refused(change, words, rng):
    with pytest.raises(LearnError, match=words):
        judge_task(change(made(rng)), TASKS[1], **PLAIN)


def folds_of(table):
    people = np.array(sorted(set(table.patient)))
    return [(np.setdiff1d(people, people[k * 8 : k * 8 + 8]), people[k * 8 : k * 8 + 8]) for k in range(3)]


def test_another_gain_breaks_decisions_and_alignment_mends_them(rng):
    own, other = made(rng), made(rng, gain=3.0, offset=10.0)
    judged = across_machines(
        own, {"machine 2": other}, TASKS[1], folds=folds_of(own), recipe=Recipe(**PLAIN), align=["machine 2"]
    )
    right = {name: float((d == judged.labels).mean()) for name, d in judged.decided.items()}
    assert right["same machine"] > 0.9
    assert right["machine 2"] == pytest.approx(0.5)  # all called ill
    assert right["machine 2, features aligned"] > 0.9
    assert all(np.isfinite(s).all() for s in judged.scores.values())


def test_tables_of_other_patients_are_refused(rng):
    own = made(rng)
    with pytest.raises(LearnError, match="other patients"):
        across_machines(
            own, {"machine 2": own.iloc[::-1]}, TASKS[0], folds=folds_of(own), recipe=Recipe(**PLAIN)
        )  # fmt: skip


def test_a_cohort_becomes_a_table(tmp_path):
    cases = read_manifest(write_cohort(tmp_path, patients=4, images=1))
    table = texture_table(seen_cases(cases), names=("first_order",))
    assert list(table.group) == GROUPS
    assert list(table.patient) == ["P001", "P002", "P003", "P004"]
    one = next(seen_cases(cases))
    assert table["stat_mean"][0] == pytest.approx(one.image[one.mask].mean())
    assert not [name for name in texture_columns(table) if not name.startswith("stat_")]


def test_regions_that_cannot_be_described_are_refused():
    picture = Seen(np.ones((20, 20)), np.zeros((20, 20), bool), None, {"patient": "1"})
    with pytest.raises(FeatureError, match="empty"):
        texture_table([picture])
    with pytest.raises(LearnError, match="no picture"):
        texture_table([])
    constant = picture._replace(mask=np.ones((20, 20), bool))
    assert texture_table([constant], names=("first_order",))["stat_var"][0] == 0.0


def test_tasks_name_their_classes():
    assert replace(TASKS[1], positive=("PM", "DM")).classes == ("normal", "PM or DM")
