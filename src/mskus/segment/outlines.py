"""From a probability map to the outlines of separate things: thresholded, split, smoothed, holes filled."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.measure import find_contours

from mskus.geometry import polygon_area

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]

_MARGIN_PX = 4


@dataclass(frozen=True, eq=False)
class Outline:
    """One connected thing.

    Attributes:
        points: ``(N, 2)`` closed outline in picture pixels (x, y), the last point not the first again.
        confidence: mean probability inside, 0 to 1.
        doubt: sum of ``4 p (1 - p)`` in and around it over its number of map pixels: 0 for a crisp mask, and the
            larger the less of the outline the network is sure of.
        cut_off: it reaches the picture's border, so that part of it may lie outside.
    """

    points: F64
    confidence: float
    doubt: float
    cut_off: bool

    @property
    def box(self) -> F64:
        """``(x0, y0, x1, y1)``."""
        return np.concatenate([self.points.min(axis=0), self.points.max(axis=0)])


def outlines(
    probability: F32, *, size: tuple[int, int], threshold: float = 0.5, least_share: float = 0.001
) -> list[Outline]:
    """Outlines of the connected parts of a map, the largest first.

    The outline is the map's iso-line at the threshold (marching squares, Lorensen & Cline 1987), found between the
    map's pixels; a part is what lies within its outer outline, so holes are filled.

    Args:
        probability: ``(h, w)`` in [0, 1].
        size: ``(height, width)`` of the picture that the map stands for.
        threshold: least probability of what is inside.
        least_share: parts that cover less of the map are left out.

    Returns:
        The outlines in pixels of the picture.

    Example:
        >>> disk = np.zeros((64, 64), np.float32)
        >>> disk[20:40, 10:30] = 1.0
        >>> (found,) = outlines(disk, size=(128, 64))
        >>> [float(v) for v in found.box.round(2)]
        [9.5, 39.5, 29.5, 79.5]
    """
    height, width = probability.shape
    # three by three: takes out the grain of sub-pixel layers, hardly moves an outline
    smooth = cv2.GaussianBlur(probability, (3, 3), 0)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((smooth >= threshold).astype(np.uint8), connectivity=4)
    scale = np.array([size[1] / width, size[0] / height])
    found = []
    for part in np.argsort(-stats[1:, cv2.CC_STAT_AREA]) + 1 if count > 1 else ():
        x, y, w, h, area = stats[part]
        if area < max(least_share * probability.size, 4):
            break
        x0, y0 = max(x - _MARGIN_PX, 0), max(y - _MARGIN_PX, 0)
        box = (slice(y0, y + h + _MARGIN_PX), slice(x0, x + w + _MARGIN_PX))
        label, levels = labels[box], smooth[box]
        # its own pixels and the doubtful ones around it, not its neighbours
        levels = np.where((label == part) | (label == 0), levels, 0.0)
        lines = find_contours(np.pad(levels, 1), threshold)  # type: ignore[no-untyped-call]
        # not the longest: a ragged hole may be longer than what is around it
        points = max(lines, key=polygon_area)[:-1, ::-1] + (x0 - 1, y0 - 1)
        points = np.clip(points, -0.5, (width - 0.5, height - 0.5))
        found.append(
            Outline(
                points=(points + 0.5) * scale - 0.5,
                confidence=float(levels[label == part].mean()),
                doubt=float((4.0 * levels * (1.0 - levels)).sum() / area),
                cut_off=bool(x == 0 or y == 0 or x + w == width or y + h == height),
            )
        )
    return found
