"""A figure of many pictures as a card states it: mean with an interval drawn by patient."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.models.cards import Score
from mskus.statistics.estimate import Estimate, bootstrap


def mean_by_patient(values: NDArray[np.float64], patients: NDArray[np.generic]) -> Estimate:
    """Mean of values that are all finite, with the 95 % interval of a bootstrap over patients."""
    return bootstrap(lambda rows: float(values[rows].mean()), patients)


def mean_score(
    values: NDArray[np.float64], patients: NDArray[np.generic], *, metric: str, data: str, split: str, kind: str
) -> Score | None:
    """The mean of those values that are finite, as a card's score; None where none is.

    Args:
        values: one a picture.
        patients: who, one a picture.
        metric: what the values are.
        data: what they were measured on.
        split: how it was held out.
        kind: phantom, public data or user's data.

    Example:
        >>> values, patients = np.array([0.5, np.nan, 0.7]), np.array([1, 2, 3])
        >>> mean_score(values, patients, metric="Dice", data="", split="", kind="").value
        0.6
    """
    seen = np.isfinite(values)
    if not seen.any():
        return None
    mean = mean_by_patient(values[seen], patients[seen])
    low, high = (None if np.isnan(end) else round(end, 4) for end in (mean.low, mean.high))
    return Score(metric=metric, value=round(mean.value, 4), low=low, high=high, data=data, split=split, kind=kind)
