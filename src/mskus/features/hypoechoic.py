"""Hypoechoic fraction: how much of a nerve is dark, with a threshold taken from the nerve itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import FeatureError


def maximum_entropy_threshold(histogram: ArrayLike) -> int:
    r"""Grey level that splits a histogram into two parts of the greatest total entropy.

    For a split after level t with :math:`P_t = \sum_{i \le t} p_i` the entropies of both parts add up to

    .. math:: \log P_t + \log(1-P_t) - \frac{\sum_{i \le t} p_i \log p_i}{P_t} - \frac{\sum_{i>t} p_i \log p_i}{1-P_t}

    Args:
        histogram: ``(K,)`` counts of each level.

    Returns:
        The last level of the dark part; the only level where there is just one.

    Raises:
        FeatureError: if the histogram is empty or has a negative or infinite count.

    Source:
        Kapur, Sahoo & Wong 1985, Comput Vision Graph Image Process 29:273.

    Example:
        >>> maximum_entropy_threshold([5, 5, 0, 0, 0, 5, 5])
        1
    """
    counts = np.asarray(histogram, float)
    if counts.ndim != 1 or counts.size == 0 or not np.isfinite(counts).all() or (counts < 0).any() or not counts.any():
        raise FeatureError("A threshold needs a histogram with at least one pixel and no negative count.")
    share = counts / counts.sum()
    below = np.cumsum(share)
    entropy = np.cumsum(-share * np.log(np.where(share > 0, share, 1.0)))
    splits = np.flatnonzero((below > 0) & (below < 1.0 - 1e-12))
    if splits.size == 0:
        return int(np.flatnonzero(counts)[0])
    dark, bright = below[splits], 1.0 - below[splits]
    total = np.log(dark * bright) + entropy[splits] / dark + (entropy[-1] - entropy[splits]) / bright
    return int(splits[int(np.argmax(total.round(12)))])


def hypoechoic_fraction(levels: NDArray[np.uint8]) -> float:
    """Share of a region's pixels at or below its maximum-entropy threshold, 0 to 1.

    Of seventeen thresholds compared on ulnar nerves this one told patients from healthy people among the best (82 % of
    the nerve dark against 74 %).

    Args:
        levels: grey levels inside the region, any shape.

    Raises:
        FeatureError: if there is no pixel.

    Source:
        Boom & Visser 2012, Clin Neurophysiol 123:1446.

    Example:
        >>> hypoechoic_fraction(np.array([10, 10, 12, 12, 12, 200], np.uint8)) < 1.0
        True
    """
    counts = np.bincount(np.asarray(levels, np.uint8).ravel(), minlength=256)
    threshold = maximum_entropy_threshold(counts)
    return float(counts[: threshold + 1].sum() / counts.sum())
