"""An explanation map laid over its frame: warm where a pixel speaks for the answer, cold where it speaks against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FOR, _AGAINST = (255, 120, 0), (40, 140, 255)
_STRONGEST = 0.75


def draw_map(frame: NDArray[np.uint8], levels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The frame as RGB with the map in colour; where the map is 0 the frame stays grey.

    Args:
        frame: ``(H, W)`` uint8.
        levels: ``(H, W)`` in [-1, 1].

    Example:
        >>> grey = np.full((1, 3), 100, np.uint8)
        >>> draw_map(grey, np.array([[0.0, 1.0, -1.0]], np.float32))[0].tolist()
        [[100, 100, 100], [216, 115, 25], [55, 130, 216]]
    """
    strength = _STRONGEST * np.abs(levels)[..., None]
    colour = np.where(levels[..., None] > 0, _FOR, _AGAINST)
    return np.asarray((1.0 - strength) * frame[..., None] + strength * colour).astype(np.uint8)
