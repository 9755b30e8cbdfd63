"""Plots of agreement and of ranks: written at their size, with the figures that were found."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.report.agreement_plots import save_bland_altman, save_critical_difference
from mskus.statistics import bland_altman, critical_difference

A, B = np.array([10.0, 12.0, 14.0, 17.0, np.nan, 15.0]), np.array([9.0, 12.0, 12.0, 16.0, 11.0, 15.5])
PATIENTS = np.array(list("aabbcc"))
RANKED = critical_difference(np.tile([0.9, 0.8, 0.7], (6, 1)))


@pytest.mark.parametrize("patients", [None, PATIENTS])
def test_bland_altman(tmp_path, patients):
    found = bland_altman(A, B, patients=patients)
    save_bland_altman(A, B, found, tmp_path / "plot.png", patients=patients)
    picture = cv2.imread(str(tmp_path / "plot.png"))
    assert picture.shape[1::-1] == (900, 600)  # 6 x 4 inches at 150 dots
    save_bland_altman(A, B, found, tmp_path / "plot.svg", names=("first", "second"), measure="mm", patients=patients)
    text = (tmp_path / "plot.svg").read_text()  # letters are shapes, the words are comments
    assert ("5 pairs of 3 patients" if patients is not None else "5 pairs") in text
    assert "mean of first and second: mm" in text
    assert "first - second" in text


def test_readings_that_never_differ_can_be_drawn(tmp_path):
    save_bland_altman(B, B, bland_altman(B, B), tmp_path / "plot.png")
    assert cv2.imread(str(tmp_path / "plot.png")).std() > 5


def test_ranks(tmp_path):
    save_critical_difference(RANKED, tmp_path / "plot.svg", names=["x", "y", "z"], title="Folds")
    text = (tmp_path / "plot.svg").read_text()
    # 2.343 sqrt(12 / 36)
    assert "critical difference 1.35" in text
    assert "mean rank (1 is best) over 6" in text
    assert "x  1.00" in text
    assert "3.00  z" in text


def test_the_best_of_many_are_shown(tmp_path):
    many = critical_difference(np.tile(np.arange(25.0), (4, 1)))
    save_critical_difference(many, tmp_path / "plot.svg", names=[f"m{i}" for i in range(25)], most=5)
    text = (tmp_path / "plot.svg").read_text()
    assert "best 5 of 25 shown" in text
    assert "m24  1.00" in text
    assert "m19" not in text


def test_as_many_names_as_methods_are_needed(tmp_path):
    with pytest.raises(StatisticsError, match="2 names are given for 3 methods"):
        save_critical_difference(RANKED, tmp_path / "plot.png", names=["x", "y"])
    assert list(tmp_path.iterdir()) == []
