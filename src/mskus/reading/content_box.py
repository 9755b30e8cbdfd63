"""The rectangle of a picture that shows anything: what a network is given instead of black borders."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region

_WINDOW_PX = 9
_DARK = 4
_SHARE = 0.05


def content_box(frame: NDArray[np.uint8]) -> Region:
    """The rows and columns in which at least one pixel in twenty is not black.

    Coarser than :func:`mskus.reading.image_region.find_image_region`, which looks for a scanner's screen: this one
    asks of a single picture only where its black borders end, so that training and exam cut them off alike.

    Args:
        frame: ``(H, W)`` uint8.

    Returns:
        The rectangle; the whole frame where nothing, or hardly anything, is bright.

    Example:
        >>> frame = np.zeros((60, 80), np.uint8)
        >>> frame[10:50, 20:70] = 90
        >>> box = content_box(frame)
        >>> abs(box.x - 20) <= 4 and abs(box.y - 10) <= 4 and abs(box.w - 50) <= 8 and abs(box.h - 40) <= 8
        True
    """
    height, width = frame.shape
    alive = cv2.blur(frame, (_WINDOW_PX, _WINDOW_PX)) > _DARK
    rows = np.flatnonzero(alive.mean(axis=1) > _SHARE)
    columns = np.flatnonzero(alive.mean(axis=0) > _SHARE)
    if len(rows) < 2 or len(columns) < 2:
        return Region(0, 0, width, height)
    return Region(int(columns[0]), int(rows[0]), int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1)
