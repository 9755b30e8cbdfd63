"""The phantom cohort: who is in it, that a disease shows where it should, and that it is written as a manifest."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from mskus.cli import run
from mskus.learn.manifest import load, read_manifest
from mskus.simulate import cohort
from mskus.simulate.cohort import Person, Texture, cohort_people, simulate_cohort

HEALTHY = Texture()


def picture(texture, *, muscle="biceps brachii", device="machine 1", monkeypatch):
    """A picture in which nothing but the texture differs."""
    monkeypatch.setattr(cohort, "_own_part", lambda rng, whole: whole)
    person = Person(
        patient="P1", group="normal", age_years=50, sex="male", height_cm=172, weight_kg=72, texture=texture
    )
    return cohort._picture(person, muscle, device, (0, 0, 0))


@pytest.mark.parametrize(
    ("study", "patients", "expected"),
    [
        ("myositis", 10, {"normal": 3, "IBM": 3, "PM": 2, "DM": 2}),
        ("duchenne", 5, {"control": 3, "Duchenne": 2}),
    ],
)
def test_groups_are_filled_in_turn(study, patients, expected):
    assert Counter(p.group for p in cohort_people(patients=patients, study=study)) == expected


def test_some_groups_only():
    people = cohort_people(patients=4, groups=("DM", "normal"))
    assert [p.group for p in people] == ["DM", "normal", "DM", "normal"]


def test_groups_differ_as_stated_and_overlap():
    people = cohort_people(patients=400, seed=3)
    echo = {g: np.array([p.texture.echo_db for p in people if p.group == g]) for g in ("normal", "IBM")}
    thin = {g: np.mean([p.texture.thickness for p in people if p.group == g]) for g in ("normal", "IBM")}
    assert echo["IBM"].mean() - echo["normal"].mean() == pytest.approx(9.0, abs=1.0)
    assert echo["IBM"].min() < echo["normal"].max()
    assert thin["normal"] - thin["IBM"] == pytest.approx(0.18, abs=0.05)


def test_people_are_possible():
    for study in ("myositis", "duchenne"):
        for p in cohort_people(patients=60, study=study, seed=1):
            assert 12 < p.weight_kg / (p.height_cm / 100) ** 2 < 38
    assert {p.sex for p in cohort_people(patients=60, study="duchenne")} == {"male"}


def test_equal_seeds_give_equal_pixels_and_others_do_not():
    first, again, other = (next(simulate_cohort(patients=4, images=1, seed=s)) for s in (5, 5, 6))
    assert np.array_equal(first.image, again.image)
    assert not np.array_equal(first.image, other.image)


@pytest.mark.parametrize(
    ("texture", "sign"),
    [(Texture(echo_db=6.0), 1), (Texture(septa_db=8.0), -1), (Texture(absorption_db_per_mm=0.6), -1)],
)
def test_a_disease_changes_the_belly_and_not_the_fat(texture, sign, monkeypatch):
    healthy, ill = (picture(t, monkeypatch=monkeypatch) for t in (HEALTHY, texture))
    assert np.array_equal(healthy.mask, ill.mask)
    change = ill.image.astype(float) - healthy.image
    assert sign * change[ill.mask].mean() > 5
    above = np.cumsum(ill.mask, 0) == 0
    above[int(np.flatnonzero(ill.mask.any(1))[0]) - 12 :] = False
    assert abs(change[above].mean()) < 1.0


def test_six_db_more_are_25_grey_levels_on_a_62_db_machine(monkeypatch):
    """Grey rises by 255 * 6 / 62 where the level rises by 6 dB, a little less where it saturates."""
    healthy, ill = (picture(t, monkeypatch=monkeypatch) for t in (HEALTHY, Texture(echo_db=6.0)))
    change = ill.image[ill.mask].mean() - healthy.image[ill.mask].mean()
    assert change == pytest.approx(24.7, abs=3.0)


def test_absorption_hides_the_bone(monkeypatch):
    healthy, ill = (picture(t, monkeypatch=monkeypatch) for t in (HEALTHY, Texture(absorption_db_per_mm=1.0)))
    lowest = int(np.flatnonzero(healthy.mask.any(1))[-1])
    bone = (slice(lowest + 6, None), slice(40, 200))
    assert healthy.bone_in_view
    assert healthy.image[bone].max(0).mean() - ill.image[bone].max(0).mean() > 60


def test_both_machines_see_one_anatomy():
    one, two = list(simulate_cohort(patients=4, images=1, both_machines=True))[:2]
    assert (one.device, two.device) == ("machine 1", "machine 2")
    assert one.thickness_mm == pytest.approx(two.thickness_mm, abs=0.05)
    assert one.spacing_mm == pytest.approx((48 / 288, 40 / 240))
    assert two.spacing_mm == pytest.approx((48 / 320, 40 / 256))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"patients": 3}, "4 groups"),
        ({"study": "gout"}, "no study 'gout'"),
        ({"groups": ("gout",)}, "has the groups normal, IBM, PM, DM; not gout"),
    ],
)
def test_impossible_cohorts_are_refused(asked, words):
    with pytest.raises(ValueError, match=words):
        next(simulate_cohort(**asked))


def test_command_writes_a_manifest_that_reads_back(tmp_path, capsys):
    assert run(["simulate", "cohort", "-o", str(tmp_path / "c"), "--patients", "4", "--images", "1"]) == 0
    assert "4 pictures of 4 simulated patients" in capsys.readouterr().out
    cases = read_manifest(tmp_path / "c" / "manifest.csv")
    assert [c.row["group"] for c in cases] == ["normal", "IBM", "PM", "DM"]
    loaded, made = load(cases[1]), list(simulate_cohort(patients=4, images=1))[1]
    assert np.array_equal(loaded.image, made.image)
    assert np.array_equal(loaded.mask, made.mask)
    assert loaded.spacing_mm == pytest.approx(made.spacing_mm)
