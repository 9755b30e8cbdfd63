"""The floors of the house hold, and the check that says so can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    run = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", run],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_floors_hold() -> None:
    done = lint_imports(PROJECT)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("room", "wrong_import", "contract"),
    [
        ("features", "from mskus import exams", "Lower rooms never import higher ones"),
        ("reading", "def late():\n    from mskus.cli import main\n", "Lower rooms never import higher ones"),
        ("exams", "import mskus.learn", "Exams never import the learning room"),
        ("segment", "import torch", "Only the learning room imports torch"),
    ],
)
def test_a_wrong_import_is_caught(tmp_path: Path, room: str, wrong_import: str, contract: str) -> None:
    shutil.copytree(
        PROJECT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.onnx", "*.xml", "*.bin")
    )
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    (tmp_path / "src" / "mskus" / room / "a_wrong_import.py").write_text(wrong_import + "\n", encoding="utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    broken = [line for line in done.stdout.splitlines() if " BROKEN" in line]
    assert any(line.startswith(contract) for line in broken), done.stdout
