"""The bone surface below a muscle: a bright line with an acoustic shadow under it.

A row is bone-like where a bright band lies on a dark one (brightness times shadow, after Foroughi et al., SPIE
6513:65130R, 2007, and Hacihaliloglu et al., Ultrasound Med. Biol. 35:1475, 2009, who add phase symmetry); the surface
is the best path.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.segment.paths import best_path, longest_run, whittaker

F64 = NDArray[np.float64]

_ROWS, _COLS = 192, 128
_BAND, _SHADOW = 5, 30  # rows of the reduced picture: thickness of the bright band, depth of shadow looked at
_LEAST_SHARE = 0.3  # of the width
_LEAST_BRIGHT, _MOST_SHADOW = 90.0, 0.22


def bone_surface(image: NDArray[np.uint8], *, below_y_px: float) -> F64 | None:
    """The bone surface in one picture, or None where none is visible.

    Args:
        image: ``(H, W)`` uint8 image region.
        below_y_px: only rows below this one are looked at (the deep aponeurosis).

    Returns:
        ``(N, 2)`` points ``(x, y)`` in pixels of the region, x ascending; None if less than three tenths of the width
        shows a bright band on a shadow.
    """
    height, width = image.shape
    start = int(np.clip((below_y_px + 0.03 * height) * _ROWS / height, 0, _ROWS))
    if _ROWS - start < _BAND + _SHADOW // 2:
        return None
    small = cv2.resize(image, (_COLS, _ROWS), interpolation=cv2.INTER_AREA).astype(np.float32)
    bright = cv2.blur(small, (5, _BAND), borderType=cv2.BORDER_REPLICATE)
    total = np.vstack([np.zeros((1, _COLS), np.float32), np.cumsum(cv2.blur(small, (5, 1)), axis=0)])
    rows = np.arange(_ROWS)
    first, last = np.minimum(rows + _BAND, _ROWS), np.minimum(rows + _BAND + _SHADOW, _ROWS)
    depth = np.maximum(last - first, 1)[:, None]
    shadow = (total[last] - total[first]) / depth
    ratio = shadow / np.maximum(bright, 1.0)
    likely = np.clip(bright / 255.0, 0, 1) * np.clip(1.0 - ratio / _MOST_SHADOW, 0.0, 1.0)
    likely[:start] = 0.0
    likely[_ROWS - _BAND - _SHADOW // 2 :] = 0.0
    path = best_path(np.log(likely.astype(np.float32) + np.float32(0.02)), 3, 0.1)
    columns = np.arange(_COLS)
    seen = (
        (bright[path, columns] >= _LEAST_BRIGHT)
        & (ratio[path, columns] <= _MOST_SHADOW)
        & (likely[path, columns] > 0.05)
    )
    run = longest_run(seen, _COLS // 16)
    if np.count_nonzero(seen[run]) < _LEAST_SHARE * _COLS:
        return None
    smooth = whittaker(path.astype(float), seen.astype(float), 50.0)[run]
    x = (columns[run][::4] + 0.5) * width / _COLS - 0.5
    y = (smooth[::4] + 0.5) * height / _ROWS - 0.5
    return np.stack([x, y], axis=1)
