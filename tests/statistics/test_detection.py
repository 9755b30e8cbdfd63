"""Parts of two masks matched one to one: the largest number of pairs, and masks without parts."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.detection import Detection, detection, total_detection


def row(*spans, width=20):
    """A mask of one line, set from each start up to but not at each end."""
    mask = np.zeros((1, width), bool)
    for start, end in spans:
        mask[0, start:end] = True
    return mask


def test_as_many_pairs_as_there_can_be():
    # IoU: A-X 7/14, A-Y 2/10, B-X 3/12; to take the best pair A-X first would leave B and Y alone
    truth, found = row((0, 10), (11, 15)), row((0, 2), (3, 14))
    assert [d[1:] for d in detection(truth, found, thresholds=[0.2, 0.25, 0.5, 0.51])] == [
        (2, 0, 0),
        (1, 1, 1),
        (1, 1, 1),
        (0, 2, 2),
    ]


def test_parts_touch_by_their_corners_too():
    assert detection(np.eye(6), np.eye(6), thresholds=[1.0])[0][1:] == (1, 0, 0)


def test_specks_are_left_out_of_both():
    truth, found = row((0, 6), (9, 10)), row((0, 6), (14, 16))
    assert detection(truth, found, thresholds=[0.5])[0][1:] == (1, 1, 1)
    assert detection(truth, found, thresholds=[0.5], least_px=3)[0][1:] == (1, 0, 0)


@pytest.mark.parametrize(
    ("truth", "found", "counts", "figures"),
    [  # precision, recall, F
        (row(), row(), (0, 0, 0), (np.nan, np.nan, np.nan)),
        (row((1, 3)), row(), (0, 0, 1), (np.nan, 0, 0)),
        (row(), row((1, 3), (5, 7)), (0, 2, 0), (0, np.nan, 0)),
        (row((1, 3)), row((1, 3), (5, 7)), (1, 1, 0), (1 / 2, 1, 2 / 3)),
    ],
)
def test_masks_without_parts(truth, found, counts, figures):
    (only,) = detection(truth, found, thresholds=[0.5])
    assert only[1:] == counts
    assert (only.precision, only.recall, only.f1) == pytest.approx(figures, nan_ok=True)


def test_counts_are_added_before_a_figure_is_asked_for():
    # the mean of the two F would be 1/2
    assert total_detection([Detection(0.5, 9, 0, 0), Detection(0.5, 0, 1, 1)]).f1 == pytest.approx(18 / 20)


@pytest.mark.parametrize("rows", [[], [Detection(0.5, 1, 0, 0), Detection(0.6, 1, 0, 0)]])
def test_counts_of_unlike_thresholds_are_not_added(rows):
    with pytest.raises(StatisticsError, match="one and the same threshold"):
        total_detection(rows)


@pytest.mark.parametrize(("a", "b"), [(np.ones((3, 4)), np.ones((4, 3))), (np.ones(4), np.ones(4))])
def test_unlike_masks_are_named(a, b):
    with pytest.raises(StatisticsError, match="of one size are needed"):
        detection(a, b)
