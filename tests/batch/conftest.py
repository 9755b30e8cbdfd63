"""Inputs made by hand, and an exam that measures at once, so that only the batch itself is tested."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mskus.clip import Clip
from mskus.errors import ExamError
from mskus.findings import Findings, Manifest, Measurement


def write_picture(path: Path, *, grey: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.full((40, 60), grey, np.uint8)
    picture[10:30, 10:50] = grey + 20
    cv2.imwrite(str(path), picture)
    return path


def examine(clip: Clip, exam: str = "muscle", **settings: object) -> Findings:
    """Thickness is the brightest grey level; a black picture cannot be examined, a white one meets a bug."""
    level = int(clip.frame(0).max())
    if level < 30:
        raise ExamError(f"{clip.source.path} is black; record it again.")
    if level > 250:
        raise ZeroDivisionError("division\nby zero")
    m = Measurement(
        name="muscle_thickness_mean_mm", value=float(level), unit="mm", interval=(level - 1, level + 1), frame=0
    )
    manifest = Manifest(n_frames=1, input_path=clip.source.path, settings=dict(settings))
    return Findings(exam=exam, measurements=[m], manifest=manifest).attach(clip)


@pytest.fixture
def quick_exam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mskus.exams.examine", examine)


@pytest.fixture
def folder(tmp_path: Path, quick_exam: None) -> Path:
    """Two good pictures of one name, a black one, a white one, and a text file named .png."""
    data = tmp_path / "data"
    write_picture(data / "p1" / "scan.png", grey=100)
    write_picture(data / "p2" / "scan.png", grey=120)
    write_picture(data / "black.png", grey=0)
    write_picture(data / "white.png", grey=235)
    (data / "text.png").write_text("this is no picture")
    return data
