from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def picture(tmp_path, rng):
    import cv2

    path = tmp_path / "scan.png"
    cv2.imwrite(str(path), rng.integers(40, 200, (120, 160)).astype(np.uint8))
    return path


def _facts(text):
    return {line[2:18].strip(): line[19:] for line in text.splitlines() if line.startswith("  ")}


def test_what_was_read_is_shown(mskus, picture):
    answer = mskus("info", picture, "--mm-per-px", "0.1,0.2", "--region", "10,20,100,80")
    assert answer.code == 0
    facts = _facts(answer.out)
    assert facts["size"] == "160 x 120 px"
    assert facts["frames"] == "1"
    assert facts["scale"].startswith("0.1 x 0.2 mm/px (row x column), from user")
    assert facts["image region"] == "x 10, y 20, 100 x 80 px"
    assert facts["quality"].split(":")[0] in ("pass", "warn", "fail")
    assert len(facts["SHA-256"]) == 64


def test_an_unknown_scale_says_what_to_do(mskus, picture):
    assert "--mm-per-px or --tick-mm" in _facts(mskus("info", picture).out)["scale"]


def test_the_readable_ones_are_shown_beside_a_failure(mskus, picture, tmp_path):
    (tmp_path / "text.png").write_text("hello")
    answer = mskus("info", tmp_path / "gone.png", tmp_path)
    assert answer.code == 1
    assert "160 x 120 px" in answer.out
    assert [line.split(":")[0] for line in answer.err.splitlines()] == ["mskus", "mskus"]
    assert "gone.png" in answer.err
    assert "text.png" in answer.err
