"""Habits of the house that a reader relies on and that no type checker holds."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import mskus

PROJECT = Path(__file__).resolve().parents[1]
SOURCES = sorted((PROJECT / "src" / "mskus").rglob("*.py"))
# Each of these takes a tenth of a second or more to import.
HEAVY = ("numpy", "scipy", "cv2", "skimage", "numba", "pandas", "pydantic", "pydicom", "av", "openvino", "matplotlib")


def imported_by(statement: str) -> set[str]:
    """Top-level packages that are loaded after ``statement`` in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_import_mskus_opens_no_heavy_library() -> None:
    assert imported_by("import mskus").isdisjoint({*HEAVY, "torch"})


def test_the_command_line_starts_without_heavy_libraries() -> None:
    assert imported_by("from mskus.cli import main").isdisjoint({*HEAVY, "torch"})


def test_no_exam_loads_torch() -> None:
    loaded = imported_by("import mskus.exams.muscle.exam, mskus.report, mskus.batch, mskus.models")
    assert "torch" not in loaded


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PROJECT / "src" / "mskus")))
def test_one_idea_a_file(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text)), "a file begins by saying what it holds"
    assert path.stem not in {"utils", "helpers", "util", "helper", "manager", "misc", "common"}


def test_version_is_one() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = re.search(r"^version: (\S+)$", (PROJECT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert citation is not None
    assert project["version"] == mskus.__version__ == citation[1]


def test_torch_belongs_to_learning_only() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not [line for line in project["dependencies"] if line.startswith(("torch", "onnx"))]


def test_no_copyleft_dependency_is_named() -> None:
    """Packages under the GPL or AGPL that one meets in this field."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    names = {re.split(r"[\[<>=!~ ]", line)[0].lower() for line in named}
    assert names.isdisjoint({"pylibjpeg-libjpeg", "pyqt5", "pyqt6", "ultralytics", "pymupdf", "unidecode"})


def test_every_public_name_of_the_package_is_there() -> None:
    assert [name for name in mskus.__all__ if not hasattr(mskus, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = mskus.nothing
