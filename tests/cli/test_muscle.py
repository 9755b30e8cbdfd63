"""The whole street: a simulated clip to a report, by the command line alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from mskus.findings import Findings


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    from mskus.cli import run

    path = tmp_path_factory.mktemp("clip") / "muscle.dcm"
    assert run(["simulate", "muscle", "-o", str(path), "--frames", "4", "--mp4"]) == 0
    return path


@pytest.fixture(scope="module")
def examined(clip, tmp_path_factory):
    from mskus.cli import run

    out = tmp_path_factory.mktemp("out")
    assert run(["examine", "muscle", str(clip), "-o", str(out), "--quiet"]) == 0
    return out


def _result(out: Path) -> Path:
    (folder,) = [entry for entry in out.iterdir() if entry.is_dir()]
    return folder


def test_the_clip_comes_with_its_truth_and_its_film(clip):
    truth = json.loads(clip.with_name("muscle.truth.json").read_text())
    assert len(truth["frames"]) == 4
    assert clip.with_suffix(".mp4").stat().st_size > 1000


def test_info_tells_the_scale_and_where_it_comes_from(mskus, clip):
    answer = mskus("info", clip)
    assert answer.code == 0
    (scale,) = [line for line in answer.out.splitlines() if line.startswith("  scale ")]
    assert "from dicom region: US region 0" in scale
    spacing = json.loads(clip.with_name("muscle.truth.json").read_text())["mm_per_px_row"]
    assert float(scale.split()[1]) == pytest.approx(spacing, rel=1e-4)
    assert "  frames           4" in answer.out


def test_every_result_is_there(examined):
    names = {path.name for path in _result(examined).iterdir()}
    assert names == {"findings.json", "measurements.csv", "overlay.png", "overlay.mp4", "report.html", "done.json"}
    assert {path.name for path in examined.iterdir() if path.is_file()} == {"summary.csv", "failures.csv"}


def test_the_numbers_are_those_of_the_phantom(clip, examined):
    truth = json.loads(clip.with_name("muscle.truth.json").read_text())["frames"]
    found = Findings.load(_result(examined))
    assert found.manifest.n_frames == 4
    for name, tolerance in (("muscle_thickness_mean_mm", 0.5), ("pennation_angle_deg", 2.0)):
        for t in range(4):
            assert found.value(name, t) == pytest.approx(truth[t]["measurements"][name], abs=tolerance)


def test_the_summary_repeats_the_clips_value(examined):
    with (examined / "summary.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    found = Findings.load(_result(examined))
    assert float(row["pennation_angle_deg"]) == pytest.approx(found.value("pennation_angle_deg"), rel=1e-5)


def test_the_table_is_printed_and_resume_skips(mskus, clip, examined):
    before = {path: path.stat().st_mtime_ns for path in _result(examined).iterdir()}
    answer = mskus("examine", "muscle", clip, "-o", examined, "--resume")
    assert answer.code == 0
    assert "1 done before" in answer.out
    assert "Pennation angle" in answer.out
    assert {path: path.stat().st_mtime_ns for path in _result(examined).iterdir()} == before


def test_a_corrupt_file_fails_alone(mskus, clip, tmp_path):
    bad = tmp_path / "bad.dcm"
    bad.write_bytes(clip.read_bytes()[:3000])
    answer = mskus(
        "examine", "muscle", bad, clip, "-o", tmp_path / "out", "--frames", "0:1", "--format", "csv", "--jobs", "2"
    )
    assert answer.code == 1
    assert "bad.dcm" in answer.err
    assert "Traceback" not in answer.err
    assert "1 examined, 1 failed" in answer.out
    assert {path.name for path in _result(tmp_path / "out").iterdir()} == {"measurements.csv", "done.json"}


def test_an_unwritable_folder_is_one_sentence(mskus, clip, tmp_path):
    (tmp_path / "file").write_text("")
    answer = mskus("examine", "muscle", clip, "-o", tmp_path / "file", "-q")
    assert answer.code == 1
    assert answer.err.startswith("mskus: ")
    assert "cannot be written" in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("setting", ["colour=red", "direction_every=9"])
def test_a_wrong_setting_is_wrong_usage_said_once(mskus, clip, tmp_path, setting):
    answer = mskus("examine", "muscle", clip, clip, "-o", tmp_path / "out", "--set", setting, "-q")
    assert answer.code == 2
    assert answer.err.count(setting.partition("=")[0]) == 1
    assert not (tmp_path / "out").exists()
