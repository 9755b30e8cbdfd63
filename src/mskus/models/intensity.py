"""The grey-level scaling that every shipped network expects, used in training and in running alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def robust_unit(image: NDArray[np.uint8], *, low: float = 1.0, high: float = 99.5) -> NDArray[np.float32]:
    """Scale grey levels so that the ``low`` percentile becomes 0 and the ``high`` one 1, clipped to [0, 1].

    Args:
        image: uint8 grey levels of any shape; one picture.
        low: percentile that becomes 0.
        high: percentile that becomes 1.

    Returns:
        float32 array of the same shape; zeros for a picture of one grey level.

    Example:
        >>> robust_unit(np.array([[0, 100, 200]], np.uint8), low=0, high=100).tolist()
        [[0.0, 0.5, 1.0]]
    """
    counts = np.bincount(image.ravel(), minlength=256)
    share = np.cumsum(counts) / image.size
    floor = int(np.searchsorted(share, low / 100.0))
    ceiling = int(np.searchsorted(share, min(high / 100.0, 1.0) - 1e-9))
    if ceiling <= floor:
        return np.zeros(image.shape, np.float32)
    # a table of 256 values is far cheaper than arithmetic on every pixel
    table = np.clip((np.arange(256) - floor) / (ceiling - floor), 0.0, 1.0).astype(np.float32)
    return table[image]
