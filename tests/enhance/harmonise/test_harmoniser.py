from __future__ import annotations

import json

import numpy as np
import pytest

from mskus.enhance.harmonise import STEPS, Harmoniser, Scan
from mskus.errors import EnhanceError

EVERY = ("spacing", "blur", "depth_gain", "dynamic_range", "quantiles", "histogram")


@pytest.fixture
def pair(speckle):
    """A sharp bright machine and a coarse dark one that fades."""
    fade = np.linspace(20, -20, 96, dtype=np.float32)[:, None]
    return speckle(mean=140, grain=(1, 1)), [p + fade for p in speckle(mean=80, spread=12, grain=(2, 2))]


@pytest.fixture
def fitted(pair):
    return Harmoniser.fit(
        *pair, steps=EVERY, source_spacing_mm=(0.1, 0.1), reference_spacing_mm=(0.1, 0.2),
        source_device="A", reference_device="B",
    )  # fmt: skip


def test_all_steps_are_there():
    assert tuple(STEPS) == EVERY


def test_round_trip_through_json(fitted, pair, tmp_path):
    again = Harmoniser.load(fitted.save(tmp_path / "a_to_b.json"))
    assert again == fitted
    assert (again.n_source, again.n_reference) == (6, 6)
    picture = pair[0][0]
    assert np.array_equal(again.apply(picture, spacing_mm=(0.1, 0.1)), fitted.apply(picture, spacing_mm=(0.1, 0.1)))


def test_one_machine_comes_to_look_like_the_other(fitted, pair):
    result = fitted.apply_to_scan(Scan(image=pair[0][0], spacing_mm=(0.1, 0.1)))
    reference = fitted.apply_to_reference(Scan(image=pair[1][0], spacing_mm=(0.1, 0.2)))
    assert result.spacing_mm == (0.1, 0.2)
    assert result.image.shape == (96, 64)
    assert result.image.mean() == pytest.approx(reference.image.mean(), abs=4)
    assert result.image.std() == pytest.approx(reference.image.std(), rel=0.15)


def test_each_step_sees_what_the_one_before_left(pair):
    both = Harmoniser.fit(*pair, steps=("quantiles", "dynamic_range"))
    # after the quantiles match there is nothing left for the straight line
    assert both.steps[1].slope == pytest.approx(1.0, abs=0.05)
    assert both.steps[1].from_level == pytest.approx(both.steps[1].to_level, abs=1.5)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([], [np.ones((9, 9))]), {}, "no picture of the source machine"),
        (([np.eye(9)], []), {}, "no picture of the reference machine"),
        (([np.eye(9)], [np.eye(9)]), {"steps": ("magic",)}, "There is no step 'magic'; choose from spacing, blur"),
        (([np.eye(9)], [np.eye(9)]), {"steps": ()}, "No step is named"),
        (([np.full((9, 9), np.nan)], [np.eye(9)]), {}, "NaN"),
        (([np.ones(9)], [np.eye(9)]), {}, r"\(H, W\)"),
        (([np.ones((9, 9))], [np.eye(9)]), {}, "source machine show one grey level"),
    ],
)
def test_what_cannot_be_fitted(arguments, options, message):
    with pytest.raises(EnhanceError, match=message):
        Harmoniser.fit(*arguments, **options)


@pytest.mark.parametrize("spacing_mm", [(0.0, 0.1), (-0.1, 0.1), (float("nan"), 0.1)])
def test_a_scale_that_cannot_be_is_refused(spacing_mm):
    with pytest.raises(EnhanceError, match="positive spacings"):
        Scan(image=np.ones((9, 9), np.float32), spacing_mm=spacing_mm)


def test_an_empty_field_is_refused():
    with pytest.raises(EnhanceError, match="is empty or does not fit"):
        Scan(image=np.ones((9, 9), np.float32), field=np.zeros((9, 9), bool))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.pop("steps"), "'steps' is missing"),
        (lambda r: r.update(schema="other"), "schema 'other'"),
        (lambda r: r["steps"][0].update(step="magic"), "'magic' is missing"),
        (lambda r: r["steps"][3].update(slope="steep"), "could not convert string to float"),
        (lambda r: r["steps"][4]["source"].reverse(), "quantiles that do not rise"),
        (lambda r: r["steps"][5]["levels"].pop(), "a table of 255 levels"),
        (lambda r: r["steps"][2]["gain"].pop(), "do not pair up"),
        (lambda r: r["steps"][1].pop("unit"), r"step blur has \['reference_sigma', 'source_sigma'\]"),
    ],
)
def test_a_file_that_is_no_harmoniser(fitted, tmp_path, change, message):
    path = fitted.save(tmp_path / "h.json")
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))
    with pytest.raises(EnhanceError, match=message):
        Harmoniser.load(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(EnhanceError, match=r"gone.json cannot be read"):
        Harmoniser.load(tmp_path / "gone.json")


def test_real_machines_of_two_makes(mskus_data):
    import csv

    import cv2

    folder = mskus_data / "muscle" / "lower_limb_masks"
    with (folder / "manifest.csv").open(newline="") as file:
        listed = list(csv.DictReader(file))

    def pictures(family):
        names = [r["image"] for r in listed if r["device_family"].startswith(family)][:8]
        return [cv2.imread(str(folder / n), cv2.IMREAD_GRAYSCALE)[140:400, 120:420].astype(float) for n in names]

    source, reference = pictures("Telemed-A"), pictures("Aloka")
    wanted = np.mean([p.mean() for p in reference])
    before = abs(np.mean([p.mean() for p in source]) - wanted)
    harmoniser = Harmoniser.fit(source, reference, steps=("blur", "depth_gain", "quantiles"))
    after = abs(np.mean([harmoniser.apply(p).mean() for p in source]) - wanted)
    assert before > 3
    assert after < 1.5
