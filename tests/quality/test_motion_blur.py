from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.errors import QualityError
from mskus.quality import motion_blur


def scene(rng: np.random.Generator, shift: int = 0, smear: int = 1, *, along_rows: bool = True) -> np.ndarray:
    """Blotches that move sideways (or down) by ``shift`` and are smeared over ``smear`` pixels."""
    wide = cv2.GaussianBlur(rng.standard_normal((320, 320)), (0, 0), 1.5)
    wide = 100 + 40 * wide / wide.std()
    size = (smear, 1) if along_rows else (1, smear)
    moved = np.roll(cv2.blur(wide, size), shift, axis=1 if along_rows else 0)
    return np.clip(moved[50:242, 50:242], 0, 255).astype(np.uint8)


@pytest.mark.parametrize("along_rows", [True, False])
def test_the_smeared_frame_and_its_direction_are_found(along_rows: bool) -> None:
    frames = [scene(np.random.default_rng(0), 2 * k, along_rows=along_rows) for k in range(8)]
    frames[5] = scene(np.random.default_rng(0), 10, 9, along_rows=along_rows)
    found = motion_blur(frames)
    assert found.blur.argmax() == 5
    assert found.blur[5] > 0.6
    assert np.delete(found.blur, 5).max() < 0.15
    assert bool(found.lateral[5]) == along_rows
    assert found.blurred_fraction() == pytest.approx(1 / 8)


def test_decorrelation_is_one_less_the_correlation(rng: np.random.Generator) -> None:
    a, b = scene(rng), scene(rng)
    found = motion_blur([a, a, b]).decorrelation
    assert found[:2].tolist() == pytest.approx([0.0, 0.0])
    assert found[2] == pytest.approx(1 - np.corrcoef(a.ravel(), b.ravel())[0, 1], abs=1e-6)


def test_a_still_and_a_constant_clip_have_no_blur() -> None:
    assert motion_blur(np.full((1, 20, 30), 7, np.uint8)).blur.tolist() == [0.0]
    assert motion_blur(np.full((4, 20, 30), 7, np.uint8)).decorrelation.max() == 0.0


@pytest.mark.parametrize(
    ("frames", "words"),
    [([], "without frames"), ([np.zeros((4, 4), np.uint8), np.zeros((4, 5), np.uint8)], "one size")],
)
def test_bad_input_is_one_sentence(frames: list[np.ndarray], words: str) -> None:
    with pytest.raises(QualityError, match=words):
        motion_blur(frames)
