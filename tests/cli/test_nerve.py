"""The nerve exam by the command line: simulate, examine, what is typed wrongly."""

import argparse

import pytest

from mskus.cli.examine import name_or_rectangle, stiffness_scale
from mskus.findings import Findings


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    from mskus.cli import run

    path = tmp_path_factory.mktemp("clip") / "nerve.dcm"
    assert run(["simulate", "nerve", "-o", str(path), "--frames", "2", "--random", "--seed", "3"]) == 0
    return path


def test_a_clip_is_examined_and_reported(mskus, clip, tmp_path):
    answer = mskus("examine", "nerve", clip, "-o", tmp_path, "--region", "elbow", "--set", "refuse=false")
    assert answer.code == 0
    assert "Nerve 1: area" in answer.out
    (folder,) = [entry for entry in tmp_path.iterdir() if entry.is_dir()]
    assert {f.name for f in folder.iterdir()} >= {"findings.json", "measurements.csv", "overlay.png", "report.html"}
    findings = Findings.load(folder)
    assert (findings.exam, findings.manifest.settings["region"]) == ("nerve", "elbow")
    assert "Nerve ultrasound" in (folder / "report.html").read_text()


def test_region_may_be_a_rectangle(mskus, clip, tmp_path):
    arguments = ("examine", "nerve", clip, "-o", tmp_path, "--region", "20,10,400,300", "--format", "json")
    assert mskus(*arguments, "--quiet").code == 0
    (folder,) = [entry for entry in tmp_path.iterdir() if entry.is_dir()]
    findings = Findings.load(folder)
    assert findings.manifest.settings["region"] is None
    assert any("20,10,400,300" in line for line in findings.manifest.provenance)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [(("--region", "knee"), "'region' of the nerve exam"), (("--stiffness", "300,0"), "lower value first")],
)
def test_a_wrong_setting_is_wrong_usage_with_its_reason(mskus, clip, tmp_path, options, sentence):
    answer = mskus("examine", "nerve", clip, "-o", tmp_path, *options)
    assert answer.code == 2
    assert sentence in " ".join((answer.out + answer.err).split())


def test_options_are_read():
    assert name_or_rectangle("Wrist") == "wrist"
    with pytest.raises(argparse.ArgumentTypeError, match="nor a body region"):
        name_or_rectangle("left-arm")
    assert name_or_rectangle("1,2,3,4") == (1, 2, 3, 4)
    assert stiffness_scale("0,10,m/s") == {"low": 0.0, "high": 10.0, "unit": "m/s"}
