from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mskus import __version__

HEAVY = (
    "numpy",
    "cv2",
    "pandas",
    "pydantic",
    "pydicom",
    "av",
    "numba",
    "scipy",
    "matplotlib",
    "jinja2",
    "rich",
    "torch",
    "openvino",
)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["examine", "muscle", "--help"], ["--version"], ["examine", "muscle"]]
)
def test_help_opens_no_heavy_library(arguments):
    loaded = f"[m for m in {HEAVY!r} if m in sys.modules]"
    code = f"import sys; from mskus.cli import run; run({arguments!r}); print('OPEN', {loaded})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "OPEN []"


def test_help_names_every_command(mskus):
    answer = mskus("--help")
    assert answer.code == 0
    for command in ("examine", "info", "simulate", "models"):
        assert f"\n    {command} " in answer.out


def test_version(mskus):
    assert mskus("--version").out == f"mskus {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["examine", "liver", "x"], "invalid choice: 'liver'"),
        (["examine", "muscle", "x"], "required: -o/--out"),
        (["examine", "muscle", "-o", "out"], "required: PATH"),
        (["examine", "muscle", "x", "-o", "o", "--region", "1,2"], "'1,2' is not of the form X,Y,W,H"),
        (["examine", "muscle", "x", "-o", "o", "--mm-per-px", "tiny"], "'tiny' is not of the form R or R,C"),
        (["examine", "muscle", "x", "-o", "o", "--mm-per-px", "1,2,3"], "'1,2,3' is not of the form R or R,C"),
        (["examine", "muscle", "x", "-o", "o", "--format", "pdf"], "'pdf' is not a list of json, csv"),
        (["examine", "muscle", "x", "-o", "o", "--format", ","], "',' is not a list of"),
        (["examine", "muscle", "x", "-o", "o", "--jobs", "0"], "'0' is not a whole number of 1 or more"),
        (["examine", "muscle", "x", "-o", "o", "--set", "smooth"], "'smooth' is not of the form NAME=VALUE"),
        (["examine", "muscle", "x", "-o", "o", "--polygon", "none.csv"], "none.csv is not a file"),
        (["examine", "muscle", "x", "-o", "o", "--tick-mm", "ten"], "invalid float value: 'ten'"),
        (["simulate", "muscle", "-o", "x.dcm", "--frames", "0"], "'0' is not a whole number of 1 or more"),
        (["info"], "required: PATH"),
        (["nothing"], "invalid choice: 'nothing'"),
    ],
)
def test_wrong_usage_is_exit_code_2(mskus, arguments, message):
    answer = mskus(*arguments)
    assert answer.code == 2
    assert message in answer.err
    assert "Traceback" not in answer.err


def test_a_terminal_without_unicode_is_served(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "mskus", "info", str(tmp_path / "Müller°.dcm")]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"mskus: ")
    assert b"M?ller?.dcm does not exist" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_bug_is_one_sentence_unless_asked_for(mskus, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr("mskus.models.available", broken, raising=False)
    answer = mskus("models")
    assert answer.code == 1
    assert answer.err.startswith("mskus: a fault in mskus itself (ZeroDivisionError: by zero); please report it")
    assert answer.err.count("\n") == 1
    monkeypatch.setenv("MSKUS_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        mskus("models")


def test_a_stopped_examination_tells_how_to_go_on(mskus, monkeypatch, tmp_path):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("mskus.batch.run.examine_batch", stopped)
    answer = mskus("examine", "muscle", "x", "-o", tmp_path)
    assert (answer.code, answer.err.splitlines()[-1]) == (130, "mskus: stopped; run again with --resume.")
