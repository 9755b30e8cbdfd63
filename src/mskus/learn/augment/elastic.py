"""Non-rigid change: tissue pressed by the probe or moved by a muscle, as a smooth displacement of every pixel.

Source: Simard, Steinkraus & Platt 2003, Best practices for convolutional neural networks (ICDAR), here on a coarse grid
so that it costs little and never folds: neighbouring knots move by less than half their distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Elastic:
    """Where every output pixel is taken from.

    Attributes:
        columns: ``(H, W)`` float32.
        rows: ``(H, W)`` float32.
    """

    columns: NDArray[np.float32]
    rows: NDArray[np.float32]

    def warp(self, array: NDArray[np.uint8], *, border: float = 0.0) -> NDArray[np.uint8]:
        """``array`` (H, W) moved, bilinear."""
        moved = cv2.remap(array, self.columns, self.rows, cv2.INTER_LINEAR, borderValue=(border,) * 4)
        return np.asarray(moved, np.uint8)


def random_elastic(
    rng: np.random.Generator, *, size: tuple[int, int], cells: tuple[int, int] = (3, 7), strength: float = 0.08
) -> Elastic:
    """A random smooth displacement.

    Args:
        rng: the source of randomness.
        size: ``(width, height)``.
        cells: fewest and most cells of the coarse grid along each side.
        strength: standard deviation of a knot's displacement as a share of the distance of two knots, cut at twice.
    """
    width, height = size
    across, down = (int(rng.integers(cells[0], cells[1] + 1)) for _ in range(2))
    knots = np.clip(rng.normal(0.0, strength, (2, down + 1, across + 1)), -2 * strength, 2 * strength)
    grid = np.mgrid[0:height, 0:width].astype(np.float32)
    step = (height / down, width / across)
    moved = [
        cv2.resize((knots[axis] * step[axis]).astype(np.float32), size, interpolation=cv2.INTER_CUBIC) + grid[axis]
        for axis in range(2)
    ]
    return Elastic(columns=np.asarray(moved[1], np.float32), rows=np.asarray(moved[0], np.float32))
