"""Were the right structures found? Parts of two masks, matched one to one by their overlap.

At a threshold t, the largest number of pairs with IoU >= t is taken, each part once (Hungarian matching; Kuhn 1955).
F = 2 TP / (2 TP + FP + FN), as in the panoptic quality of Kirillov et al., CVPR 2019.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import StatisticsError

THRESHOLDS = (0.25, 0.3, 0.4, 0.5, 0.6, 0.7)


class Detection(NamedTuple):
    """Counts of parts at one threshold; add those of several images before asking for a figure."""

    threshold: float
    true_positive: int
    false_positive: int
    false_negative: int

    @property
    def precision(self) -> float:
        """Share of found parts that are true; NaN if none were found."""
        return _share(self.true_positive, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float:
        """Share of true parts that were found; NaN if there are none."""
        return _share(self.true_positive, self.true_positive + self.false_negative)

    @property
    def f1(self) -> float:
        """Harmonic mean of both; NaN if there was nothing and nothing was found."""
        return _share(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)


def detection(
    truth: ArrayLike, found: ArrayLike, *, thresholds: Sequence[float] = THRESHOLDS, least_px: int = 1
) -> list[Detection]:
    """Match the connected parts of two masks.

    Args:
        truth: ``(H, W)`` mask, anything above zero counts.
        found: ``(H, W)`` mask.
        thresholds: of the intersection over union.
        least_px: parts of fewer pixels are ignored in both.

    Raises:
        StatisticsError: if the masks differ in size.

    Example:
        >>> import numpy as np
        >>> a = np.zeros((4, 8)); a[1:3, 1:3] = 1
        >>> detection(a, a, thresholds=[0.5])[0].f1
        1.0
    """
    drawn, seen = np.asarray(truth) > 0, np.asarray(found) > 0
    if drawn.shape != seen.shape or drawn.ndim != 2:
        raise StatisticsError(f"Two masks (H, W) of one size are needed; got {drawn.shape} and {seen.shape}.")
    overlap = part_overlap(drawn, seen, least_px=least_px)
    return [_matched(overlap, t) for t in thresholds]


def total_detection(each: Iterable[Detection]) -> Detection:
    """Counts of several images at one threshold, added."""
    rows = list(each)
    if len({row.threshold for row in rows}) != 1:
        raise StatisticsError("Counts of one and the same threshold are needed to add them.")
    return Detection(rows[0].threshold, *(int(sum(column)) for column in list(zip(*rows, strict=True))[1:]))


def part_overlap(truth: NDArray[np.bool_], found: NDArray[np.bool_], *, least_px: int = 1) -> NDArray[np.float64]:
    """``(parts of truth, parts of found)`` intersection over union of 8-connected parts."""
    import cv2

    n, a, stats_a, _ = cv2.connectedComponentsWithStats(truth.astype(np.uint8))
    m, b, stats_b, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    joint = np.bincount(a.ravel() * m + b.ravel(), minlength=n * m).reshape(n, m).astype(float)
    size_a, size_b = (s[:, cv2.CC_STAT_AREA].astype(float) for s in (stats_a, stats_b))
    share = joint / (size_a[:, None] + size_b[None, :] - joint)
    rows, columns = np.flatnonzero(size_a >= least_px), np.flatnonzero(size_b >= least_px)
    return np.asarray(share[np.ix_(rows[rows > 0], columns[columns > 0])])


def _matched(overlap: NDArray[np.float64], threshold: float) -> Detection:
    from scipy.optimize import linear_sum_assignment

    good = overlap >= threshold
    rows, columns = linear_sum_assignment(good.astype(float), maximize=True)
    hits = int(good[rows, columns].sum())
    return Detection(threshold, hits, overlap.shape[1] - hits, overlap.shape[0] - hits)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
