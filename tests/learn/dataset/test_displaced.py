from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from mskus.errors import LearnError
from mskus.learn.dataset.displaced import brightness_test, shift_contrast


def test_vessels_moved_by_a_tenth_are_found_in_real_pictures(mskus_data: Path) -> None:
    folder = mskus_data / "nerve" / "peripheral_blocks"
    table = pd.read_csv(folder / "manifest.csv").iloc[:60]
    seen = []
    for n, (image, drawn) in enumerate(zip(table["image"], table["mask"], strict=True)):
        grey = np.asarray(cv2.imread(str(folder / image), cv2.IMREAD_GRAYSCALE), np.uint8)
        mask = cv2.imread(str(folder / drawn), cv2.IMREAD_GRAYSCALE) == 2
        if mask.any():
            moved = np.roll(mask, 60, axis=1) if n % 10 == 0 else mask
            seen.append((n % 10 == 0, shift_contrast(grey, moved)))
    answer = brightness_test([contrast for _, contrast in seen])
    called = np.array([s.displaced for s in answer.sittings])
    truth = np.array([wrong for wrong, _ in seen])
    assert answer.tells
    assert (called & truth).sum() >= 0.6 * truth.sum()
    assert (called & ~truth).sum() <= 2


@pytest.mark.parametrize("count", [7, 30])
def test_a_class_like_its_surroundings_is_not_judged(count: int, rng: np.random.Generator) -> None:
    seen = []
    for _ in range(count):
        picture = cv2.GaussianBlur(rng.integers(0, 256, (128, 128)).astype(np.uint8), (0, 0), 3)
        mask = np.zeros((128, 128), bool)
        mask[50:70, 60:90] = True
        seen.append(shift_contrast(picture, mask))
    answer = brightness_test(seen)
    assert not answer.tells
    assert not any(s.displaced for s in answer.sittings)
    assert brightness_test([]).sittings == ()


@pytest.mark.parametrize(
    ("mask", "sentence"), [(np.zeros((40, 40), bool), "empty mask"), (np.ones((30, 40), bool), "on the same picture")]
)
def test_masks_that_cannot_be_tried(mask: np.ndarray, sentence: str) -> None:
    with pytest.raises(LearnError, match=sentence):
        shift_contrast(np.zeros((40, 40), np.uint8), mask)
