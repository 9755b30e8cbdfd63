from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from mskus.learn.near_duplicates import Pair, groups_of_pairs, near_duplicates, thumbnail


@pytest.mark.parametrize(
    ("made", "mirrored"),
    [
        (lambda p: p.copy(), False),
        (lambda p: np.ascontiguousarray(p[:, ::-1]), True),
        (lambda p: cv2.resize(p, (123, 77), interpolation=cv2.INTER_AREA), False),
        (lambda p: (255 * (p / 255.0) ** 0.5).astype(np.uint8), False),
    ],
)
def test_copies_are_found_and_others_are_not(
    made: Callable[[np.ndarray], np.ndarray], mirrored: bool, rng: np.random.Generator
) -> None:
    pictures = [cv2.GaussianBlur(p, (0, 0), 2) for p in rng.integers(0, 256, (6, 128, 160)).astype(np.uint8)]
    pairs = near_duplicates([thumbnail(p) for p in [*pictures, made(pictures[2])]])
    assert [(p.first, p.second, p.mirrored) for p in pairs] == [(2, 6, mirrored)]


def test_constant_pictures_are_like_nothing() -> None:
    assert near_duplicates([thumbnail(np.full((50, 60), 90, np.uint8))] * 2) == []


def test_groups_join_along_chains() -> None:
    assert groups_of_pairs([Pair(1, 3, 0.9), Pair(3, 4, 0.9)], count=6).tolist() == [0, 1, 2, 1, 1, 3]
    assert groups_of_pairs([], count=2).tolist() == [0, 1]


def test_neighbours_of_one_video_are_found_and_patients_kept_apart(mskus_data: Path) -> None:
    folder = mskus_data / "nerve" / "peripheral_blocks"
    table = pd.read_csv(folder / "manifest.csv").iloc[:120]
    small = [thumbnail(cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE)) for name in table["image"]]
    group = table["near_duplicate_group"].to_numpy()
    called = {(p.first, p.second) for p in near_duplicates(small)}
    stated = {(i, j) for i in range(len(group)) for j in range(i + 1, len(group)) if group[i] == group[j]}
    assert called <= stated
    assert len(called) >= 0.5 * len(stated)
