"""What a contrast method did to a picture: brightness, detail and contrast in one number each."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mskus.enhance.contrast.levels import level_counts
from mskus.enhance.method import as_picture


def mean_brightness_error(before: ArrayLike, after: ArrayLike) -> float:
    """Absolute mean brightness error (AMBE) in grey levels, after Chen & Ramli 2003; 0 keeps the brightness.

    >>> mean_brightness_error(np.full((4, 4), 90.0), np.full((4, 4), 120.0))
    30.0
    """
    means = (float(as_picture(image).mean(dtype=np.float64)) for image in (before, after))
    return abs(next(means) - next(means))


def entropy_bits(image: ArrayLike) -> float:
    """Shannon entropy of the rounded grey levels in bits, 0 to 8; a map can lower it only.

    >>> entropy_bits(np.array([[0, 0, 1], [1, 2, 2], [3, 3, 3]]) * 10.0).__round__(3)
    1.975
    """
    share = level_counts(as_picture(image))
    share = share[share > 0] / share.sum()
    return float(-(share * np.log2(share)).sum()) + 0.0


def rms_contrast(image: ArrayLike) -> float:
    """Root-mean-square contrast: the standard deviation of the grey levels (Peli 1990, J Opt Soc Am A 7:2032).

    >>> rms_contrast(np.repeat([[100.0], [120.0]], 4, axis=1).repeat(2, axis=0))
    10.0
    """
    return float(as_picture(image).std(dtype=np.float64))
