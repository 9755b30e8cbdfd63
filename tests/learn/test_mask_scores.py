"""Figures of masks by hand, and sums over pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.learn.manifest import Case
from mskus.learn.mask_scores import (
    pairs_of_cases,
    pairs_of_folders,
    same_numbers,
    score_mask,
    score_pairs,
    summarise,
    worst,
)


@pytest.fixture
def folders(tmp_path):
    """Three pictures: the same square, a square moved down by 4 of 10 rows, and a missed one."""
    square = np.zeros((40, 40), np.uint8)
    square[10:20, 10:20] = 1
    for folder, moves in (("truth", (0, 0, 0)), ("found", (0, 4, None))):
        (tmp_path / folder).mkdir()
        for n, move in enumerate(moves):
            drawn = np.zeros_like(square) if move is None else np.roll(square, move, axis=0)
            cv2.imwrite(str(tmp_path / folder / f"{n}.png"), drawn * (255 if folder == "found" else 1))
    return tmp_path / "truth", tmp_path / "found"


def test_one_picture_by_hand():
    truth, found = np.zeros((30, 30), int), np.zeros((30, 30), int)
    truth[5:15, 5:15], found[5:15, 8:18] = 2, 2
    (row,) = score_mask(truth, found, classes=[2], spacing_mm=(1.0, 0.5), thresholds=[0.5, 0.6])
    assert row["dice"] == pytest.approx(2 * 70 / 200)
    assert row["iou"] == pytest.approx(70 / 130)
    assert row["hausdorff"] == pytest.approx(1.5)  # three columns of half a millimetre
    assert (row["tp_0.5"], row["fp_0.5"], row["fn_0.5"]) == (1, 0, 0)
    assert (row["tp_0.6"], row["fp_0.6"], row["fn_0.6"]) == (0, 1, 1)
    assert row["unit"] == "mm"


def test_a_missed_picture_counts_in_overlap_and_is_named(folders):
    table, failures = score_pairs(pairs_of_folders(*folders))
    assert not failures
    assert table.dice.tolist() == pytest.approx([1.0, 0.6, 0.0])
    assert np.isinf(table.hausdorff95[2])
    summary = summarise(table, repeats=50).set_index("figure")
    assert summary.value["dice"] == pytest.approx(1.6 / 3)
    assert summary.value["hausdorff95"] == pytest.approx((0 + 4) / 2)  # of the two that were found
    assert summary.value["detection F at IoU 0.25"] == pytest.approx(2 * 2 / (2 * 2 + 1))
    assert set(summary.missed) == {1}
    assert worst(table, count=1).image.tolist() == ["2"]


def test_another_size_is_told_and_stops_nothing(folders):
    cv2.imwrite(str(folders[1] / "1.png"), np.zeros((20, 40), np.uint8))
    table, failures = score_pairs(pairs_of_folders(*folders))
    assert len(table) == 2
    assert "40 x 20 pixels but" in failures["1"]


def test_a_missing_prediction_is_one_sentence(folders):
    (folders[1] / "2.png").unlink()
    with pytest.raises(LearnError, match="has no mask named 2; every drawn mask needs a predicted one"):
        pairs_of_folders(*folders)


def test_a_class_drawn_nowhere_is_one_sentence(folders):
    cv2.imwrite(str(folders[1] / "1.png"), np.full((40, 40), 3, np.uint8))
    cv2.imwrite(str(folders[0] / "0.png"), np.full((40, 40), 2, np.uint8))
    with pytest.raises(LearnError, match=r"Class 3 is predicted but drawn nowhere \(drawn: 1, 2\)"):
        score_pairs(pairs_of_folders(*folders))


def test_pictures_of_one_name_in_two_folders_are_two(tmp_path):
    row = {"truth_mask": "t.png", "predicted_mask": "p.png"}
    paths = ("a/i.png", "b/i.png", "b/j.png")
    pairs = pairs_of_cases([Case(image=tmp_path / path, row=row) for path in paths], folder=tmp_path)
    assert [pair.name for pair in pairs] == ["a_i", "b_i", "j"]
    frames = [Case(image=tmp_path / "clip.tif", frame=frame, row=row) for frame in (0, 12)]
    assert len({pair.name for pair in pairs_of_cases(frames, folder=tmp_path)}) == 2


def test_two_classes_are_kept_apart_and_one_is_the_same_whatever_its_number(folders):
    table, _ = score_pairs(pairs_of_folders(*folders))
    assert table.attrs["one class"] is True
    (pair, *_) = pairs_of_folders(*folders)  # 1 in the one, 255 in the other
    truth, found = same_numbers(pair, 1, one_class=True)
    assert truth.sum() == found.sum() == 100

    half = np.zeros((40, 40), np.uint8)
    half[20:] = 2
    for path in (folders[0] / "1.png", *(folders[1] / f"{n}.png" for n in range(3))):
        cv2.imwrite(str(path), half)
    table, _ = score_pairs(pairs_of_folders(*folders))
    assert table.attrs["one class"] is False
    truth, found = same_numbers(pair, 1, one_class=False)  # drawn as 1, predicted as 2
    assert (truth.sum(), found.sum()) == (100, 0)
    truth, found = same_numbers(pair, 2, one_class=False)
    assert (truth.sum(), found.sum()) == (0, 800)
