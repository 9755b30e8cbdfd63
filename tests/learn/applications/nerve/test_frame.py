"""What the road sees of a frame, and the way back to the frame's own pixels."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import EnhanceError, LearnError
from mskus.learn.applications.nerve.frame import working_frame


def bordered(*, gain=1.0):
    """Speckle of 100 x 200 pixels inside black borders of 30."""
    frame = np.zeros((160, 260), np.uint8)
    tissue = np.random.default_rng(0).integers(20, 120, (100, 200))
    frame[30:130, 30:230] = np.clip(gain * tissue, 0, 255).astype(np.uint8)
    return frame


def test_borders_are_cut_off_and_the_width_is_set():
    seen = working_frame(bordered(), width_px=128)
    assert seen.grey.shape[1] == 128
    # the box may be a few pixels wider than the tissue
    assert seen.grey.shape[0] == pytest.approx(64, abs=3)
    assert abs(seen.box.x - 30) <= 5
    assert abs(seen.box.w - 200) <= 10


def test_gain_is_evened_out():
    plain, loud = (working_frame(bordered(gain=g), width_px=128).grey for g in (1.0, 2.0))
    assert np.abs(plain - loud).mean() < 1.0


def test_a_mask_comes_back_to_where_it_was():
    frame = bordered()
    mask = np.zeros(frame.shape, bool)
    mask[60:100, 100:160] = True
    seen = working_frame(frame, width_px=128)
    back = seen.put_back_classes(seen.cut(mask).astype(np.uint8) * 7, classes=(7,))
    assert (back == 7).sum() == pytest.approx(40 * 60, rel=0.05)
    assert ((back == 7) & mask).sum() > 0.95 * mask.sum()


def test_the_first_class_wins():
    seen = working_frame(bordered(), width_px=128)
    numbers = np.full(seen.grey.shape, 2, np.uint8)
    numbers[:, 64:] = 1
    back = seen.put_back_classes(numbers, classes=(1, 2))
    middle = seen.box.x + seen.box.w // 2
    assert (back[80, middle + 5], back[80, middle - 5], back[5, 5]) == (1, 2, 0)


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (np.full((64, 64), 90, np.uint8), "constant"),
        (np.zeros((64, 64), np.uint8), "constant"),
        (np.zeros((16, 64), np.uint8), "too small"),
        (np.zeros((64, 64, 3), np.uint8), "grey frame"),
        (np.full((64, 64), np.nan, np.float32), "uint8"),
    ],
)
def test_a_frame_that_shows_nothing_is_refused(frame, says):
    with pytest.raises(LearnError, match=says):
        working_frame(frame)


def test_an_unknown_filter_is_named():
    with pytest.raises(EnhanceError, match="wishful"):
        working_frame(bordered(), despeckle="wishful")
