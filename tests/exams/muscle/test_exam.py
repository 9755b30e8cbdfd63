"""The whole muscle exam on phantoms: values against truth, units without a scale, abstention, clips."""

from dataclasses import replace

import numpy as np
import pytest

import mskus
from mskus.clip import Clip
from mskus.errors import ExamError
from mskus.exams.muscle.collect import NAMES
from mskus.findings import Findings
from mskus.simulate import Scanner, simulate_muscle

STILL = {"perturbed_frames": 1}


@pytest.fixture(scope="module")
def phantom():
    return simulate_muscle(seed=0, n_frames=1, scanner=Scanner(width_mm=50.0, depth_mm=40.0, size_px=(480, 600)))


@pytest.fixture(scope="module")
def findings(phantom):
    return mskus.examine(phantom.clip, "muscle", **STILL)


@pytest.mark.parametrize("size_px", [(400, 500), (300, 600)], ids=["square", "unequal"])
def test_values_agree_with_the_phantom(size_px):
    scanner = Scanner(width_mm=50.0, depth_mm=40.0, size_px=size_px)
    phantom = simulate_muscle(seed=0, scanner=scanner)
    found = mskus.examine(phantom.clip, "muscle", perturbed_frames=0)
    truth = phantom.truth[0].measurements
    tolerance = {
        "muscle_thickness_mean_mm": 0.5,
        "superficial_aponeurosis_angle_deg": 1.0,
        "pennation_angle_deg": 2.0,
        "fascicle_length_mm": 0.08 * truth["fascicle_length_mm"],
    }
    for name, within in tolerance.items():
        assert found.value(name, 0) == pytest.approx(truth[name], abs=within), name


def test_every_value_has_unit_method_structures_and_an_interval_that_holds_it(findings):
    ids = {s.id for s in findings.structures}
    for name in NAMES:
        (m,) = findings.values(name)
        assert m.withheld == ""
        assert m.interval[0] <= m.value <= m.interval[1]
        assert m.interval[0] < m.interval[1]
        assert m.method
        assert m.structures
        assert set(m.structures) <= ids


def test_findings_survive_json(findings):
    assert Findings.model_validate_json(findings.model_dump_json()) == findings
    assert set(findings.manifest.models) == {"muscle_aponeurosis", "muscle_fascicle"}
    assert findings.manifest.calibration["source"] == "simulation"


def test_without_a_scale_lengths_are_in_pixels_and_angles_stay(phantom, findings):
    bare = phantom.clip.with_(calibration=None, pixel_aspect=phantom.clip.aspect)
    found = mskus.examine(bare, "muscle", perturbed_frames=0)
    spacing = phantom.clip.calibration.mm_per_px_col
    thickness = found.values("muscle_thickness_mean_px")[0]
    assert thickness.unit == "[px]"
    assert thickness.value * spacing == pytest.approx(findings.value("muscle_thickness_mean_mm", 0), rel=1e-3)
    assert found.value("pennation_angle_deg", 0) == pytest.approx(findings.value("pennation_angle_deg", 0), abs=0.05)
    assert not [m for m in found.measurements if m.name.endswith("_mm")]
    assert "calibration" in found.values("fascicle_curvature_per_m")[0].withheld


def test_without_an_aspect_everything_is_withheld_but_the_edges_are_shown(phantom):
    bare = phantom.clip.with_(calibration=None, pixel_aspect=None)
    found = mskus.examine(bare, "muscle", perturbed_frames=0)
    architecture = [m for m in found.measurements if not m.name.startswith("echo")]
    assert all(m.value is None and "aspect" in m.withheld for m in architecture)
    assert any(s.label == "superficial_aponeurosis" for s in found.structures)


@pytest.mark.parametrize("kind", ["black", "noise", "flat"])
def test_a_picture_without_muscle_is_withheld_with_the_reason(phantom, kind):
    shape = phantom.clip.shape
    rng = np.random.default_rng(0)
    luma = {
        "black": np.zeros(shape, np.uint8),
        "noise": rng.integers(0, 256, shape).astype(np.uint8),
        "flat": np.full(shape, 128, np.uint8),
    }[kind]
    found = mskus.examine(phantom.clip.with_(luma=luma), "muscle", perturbed_frames=0)
    architecture = [m for m in found.measurements if not m.name.startswith("echo")]
    assert all(m.value is None and m.withheld for m in architecture)
    assert found.quality.verdict == "fail"


def test_a_mirrored_picture_has_the_same_architecture_and_the_other_direction(phantom, findings):
    mirrored = phantom.clip.with_(luma=np.ascontiguousarray(np.asarray(phantom.clip.luma)[:, :, ::-1]))
    found = mskus.examine(mirrored, "muscle", perturbed_frames=0)
    assert found.value("pennation_angle_deg", 0) == pytest.approx(findings.value("pennation_angle_deg", 0), abs=1.5)
    assert {findings.grades[0].value, found.grades[0].value} == {"rise_to_the_left", "rise_to_the_right"}


def test_a_clip_is_a_smooth_series_with_a_summary():
    phantom = simulate_muscle(seed=0, n_frames=12, scanner=Scanner(width_mm=50.0, depth_mm=40.0, size_px=(320, 400)))
    found = mskus.examine(phantom.clip, "muscle", perturbed_frames=1)
    raw = mskus.examine(phantom.clip, "muscle", perturbed_frames=0, smooth=False)
    truth = np.array([t.measurements["pennation_angle_deg"] for t in phantom.truth])
    smooth, single = (np.array([f.value("pennation_angle_deg", t) for t in range(12)], float) for f in (found, raw))
    assert np.abs(np.diff(smooth, 2)).mean() <= np.abs(np.diff(single, 2)).mean()
    assert np.sqrt(np.mean((smooth - truth) ** 2)) < 2.0
    assert found.value("pennation_angle_deg") == pytest.approx(smooth.mean())


def test_unknown_settings_and_exams_are_one_sentence(phantom):
    with pytest.raises(ExamError, match="colour.*no such setting; there are: orientation"):
        mskus.examine(phantom.clip, "muscle", colour="red")
    with pytest.raises(ExamError, match="no exam 'heart'"):
        mskus.examine(phantom.clip, "heart")


def test_transverse_area_by_hand_in_unequal_pixels(phantom):
    scale = replace(phantom.clip.calibration, mm_per_px_row=0.1, mm_per_px_col=0.25)
    luma = np.full((1, 200, 300), 40, np.uint8)
    luma[0, 50:150, 100:200] = 90
    clip = Clip(luma=luma, calibration=scale)
    box = ((100.0, 50.0), (199.0, 50.0), (199.0, 149.0), (100.0, 149.0))
    found = mskus.examine(clip, "muscle", transverse=True, polygon=box)
    area = found.values("cross_sectional_area_mm2")[0]
    assert area.value == pytest.approx(99 * 0.25 * 99 * 0.1)
    assert found.value("echo_intensity_mean", 0) == pytest.approx(90.0)
    with pytest.raises(ExamError, match="--polygon"):
        mskus.examine(clip, "muscle", transverse=True)
