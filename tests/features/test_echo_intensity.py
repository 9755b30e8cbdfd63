from __future__ import annotations

import numpy as np
import pytest

from mskus.clip import Calibration
from mskus.errors import ExamError
from mskus.features.echo_intensity import echo_intensity


def test_statistics_by_hand():
    frame = np.zeros((10, 10), np.uint8)
    frame[:, :5], frame[:, 5:] = 40, 80
    echo = echo_intensity(frame, np.ones(frame.shape, bool))
    assert (echo.mean, echo.sd, echo.n_px) == (60.0, 20.0, 100)
    assert echo.percentiles == {5: 40.0, 25: 40.0, 50: 60.0, 75: 80.0, 95: 80.0}
    assert echo.histogram[[40, 80]].tolist() == [50, 50]
    assert echo.histogram.sum() == 100


def test_what_lies_outside_the_mask_has_no_say():
    frame = np.full((20, 20), 30, np.uint8)
    frame[:4] = 255
    mask = np.zeros(frame.shape, bool)
    mask[4:] = True
    echo = echo_intensity(frame, mask)
    assert (echo.mean, echo.sd) == (30.0, 0.0)


def test_depth_profile_runs_along_a_tilted_upper_border_in_mm():
    rows, columns = np.mgrid[:120, :80]
    depth = rows - columns // 2 - 10
    mask = (depth >= 0) & (depth < 50)
    frame = np.where(depth < 20, 100, 50).astype(np.uint8)
    # 0.25 mm a row whatever the column: 20 rows of 100 are 5 mm, then 7.5 mm of 50.
    scale = Calibration(mm_per_px_row=0.25, mm_per_px_col=0.1, source="user")
    echo = echo_intensity(frame, mask, calibration=scale)
    depths, means = echo.depth_profile
    assert echo.depth_unit == "mm"
    assert depths.tolist() == [i + 0.5 for i in range(13)]
    assert means.tolist() == [100.0] * 5 + [50.0] * 8


def test_depth_profile_without_a_scale_is_in_pixels():
    echo = echo_intensity(np.full((40, 9), 70, np.uint8), np.ones((40, 9), bool))
    assert echo.depth_unit == "px"
    assert echo.depth_profile[0].tolist() == [5.0, 15.0, 25.0, 35.0]


@pytest.mark.parametrize(
    ("mask", "words"), [(np.zeros((4, 4), bool), "no pixel"), (np.ones((4, 5), bool), "same size")]
)
def test_impossible_masks_are_named(mask, words):
    with pytest.raises(ExamError, match=words):
        echo_intensity(np.zeros((4, 4), np.uint8), mask)
