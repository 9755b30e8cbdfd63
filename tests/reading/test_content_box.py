"""The rectangle of a picture that shows anything."""

import numpy as np

from mskus.clip import Region
from mskus.reading.content_box import content_box


def test_black_borders_are_cut_off() -> None:
    frame = np.zeros((120, 200), np.uint8)
    frame[30:90, 40:150] = np.random.default_rng(0).integers(40, 200, (60, 110))
    box = content_box(frame)
    # the 9-pixel mean lets the box reach at most four pixels into the border
    assert 36 <= box.x <= 40
    assert 26 <= box.y <= 30
    assert 150 <= box.x + box.w <= 154
    assert 90 <= box.y + box.h <= 94


def test_a_picture_without_border_or_without_content_stays_whole() -> None:
    assert content_box(np.full((50, 60), 100, np.uint8)) == Region(0, 0, 60, 50)
    assert content_box(np.zeros((50, 60), np.uint8)) == Region(0, 0, 60, 50)


def test_a_stray_letter_does_not_widen_the_box() -> None:
    frame = np.zeros((500, 500), np.uint8)
    frame[60:440, 60:440] = 120
    frame[5:15, 480:488] = 255
    box = content_box(frame)
    assert box.y >= 55
    assert box.x + box.w <= 446
