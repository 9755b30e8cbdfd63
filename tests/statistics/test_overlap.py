from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics import dice, iou


def test_labels_and_grey_values_are_masks():
    a, b = np.array([[0, 1, 1, 0]]), np.array([[0, 2, 255, 4]])  # 1 and 2 have no bit in common
    assert iou(a, b) == pytest.approx(2 / 3)
    assert dice(a, b) == pytest.approx(4 / 5)


def test_nothing_and_other_sizes():
    assert np.isnan(dice(np.zeros((2, 2), bool), np.zeros((2, 2), bool)))
    assert iou(np.ones((2, 2), bool), np.zeros((2, 2), bool)) == 0.0
    with pytest.raises(StatisticsError, match=r"\(2, 2\) and \(2, 3\)"):
        iou(np.zeros((2, 2), bool), np.zeros((2, 3), bool))
