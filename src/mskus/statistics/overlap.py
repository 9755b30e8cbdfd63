"""Overlap of two masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.errors import StatisticsError


def iou(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Intersection over union of two masks; NaN if both are empty.

    Raises:
        StatisticsError: if they differ in size.
    """
    a, b = _masks(a, b)
    union = int(np.count_nonzero(a | b))
    return float(np.count_nonzero(a & b) / union) if union else float("nan")


def dice(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Twice the intersection over the sum of two masks; NaN if both are empty.

    Raises:
        StatisticsError: if they differ in size.
    """
    a, b = _masks(a, b)
    total = int(np.count_nonzero(a)) + int(np.count_nonzero(b))
    return float(2.0 * np.count_nonzero(a & b) / total) if total else float("nan")


def _masks(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """As bool, for labels 1 and 2 have no bit in common but both are set."""
    first, second = np.asarray(a) > 0, np.asarray(b) > 0
    if first.shape != second.shape:
        raise StatisticsError(f"Two masks of one size are needed; got {first.shape} and {second.shape}.")
    return first, second
