"""Plots of a classifier: written at their size, and drawn where there is something to draw."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.report.score_plots import save_calibration, save_confusion, save_roc

LABELS = np.tile([0, 0, 1, 1], 5)
CHANCES = np.clip(LABELS * 0.3 + np.linspace(0.05, 0.65, 20), 0, 1)


def read(path):
    """Width, height, and the BGR picture, which must not be blank."""
    picture = cv2.imread(str(path))
    assert picture.std() > 5
    return picture.shape[1::-1], picture


@pytest.mark.parametrize("patients", [None, np.repeat(np.arange(5), 4), np.zeros(20)])
def test_roc_and_precision_recall(tmp_path, patients):
    save_roc(LABELS, {"A": CHANCES, "B": -CHANCES}, tmp_path / "roc.png", patients=patients, repeats=10)
    assert read(tmp_path / "roc.png")[0] == (1260, 615)  # 8.4 x 4.1 inches at 150 dots


def test_more_scores_than_colours(tmp_path):
    scores = {f"score {i}": CHANCES + i for i in range(8)}
    save_roc(LABELS, scores, tmp_path / "roc.svg", repeats=0)
    text = (tmp_path / "roc.svg").read_text()
    assert text.count("score 7: AUC") == text.count("score 7: AP") == 1


@pytest.mark.parametrize("bins", [1, 10])
def test_calibration(tmp_path, bins):
    save_calibration(LABELS, {"A": CHANCES, "sure": LABELS}, tmp_path / "calibration.png", bins=bins)
    assert read(tmp_path / "calibration.png")[0] == (660, 780)


def test_confusion_grows_with_the_classes_and_shades_the_shares(tmp_path):
    save_confusion(np.array([[9, 1], [0, 0]]), ["no", "yes"], tmp_path / "two.png")  # a class without cases
    save_confusion(np.diag([3, 4, 5, 6]), ["a long name", "b", "c", "d"], tmp_path / "four.png")
    (width, height), picture = read(tmp_path / "two.png")
    assert (width, height) == (585, 495)  # 2.2 + 2 x 0.55 inches, and 0.6 more for the names
    assert read(tmp_path / "four.png")[0] == (750, 660)
    dark_blue = (picture[..., 0] > picture[..., 2].astype(int) + 60).mean()
    assert 0.05 < dark_blue < 0.3  # one field of four


@pytest.mark.parametrize(
    ("save", "labels", "scores", "words"),
    [
        (save_roc, [1, 1], [0.1, 0.2], "one class"),
        (save_roc, [0, 1], [0.1, np.nan], "1 of 2 scores are missing"),
        (save_calibration, [0, 1], [0.5, 1.5], "between 0 and 1"),
    ],
)
def test_what_cannot_be_drawn_is_named_and_leaves_no_file(tmp_path, save, labels, scores, words):
    with pytest.raises(StatisticsError, match=words):
        save(labels, {"A": scores}, tmp_path / "plot.png")
    assert list(tmp_path.iterdir()) == []
