"""What the first pass thought of the surroundings, as features of the second: a nerve lies beside its vessel.

Auto-context: Tu & Bai 2010, IEEE Trans. PAMI 32:1744.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.learn.applications.nerve.maps import around

F32 = NDArray[np.float32]

# In nodes; with 6 pixels of 256 from node to node these are 2 to 20 % of the picture's width.
_BLURS = (1.0, 2.5, 5.0)
_LOOKS = (1.5, 3.0, 5.0, 8.0, 11.0)
_SURE = 0.5


def context_features(opinion: F32) -> F32:
    """Features of every node from the first pass's probabilities.

    Args:
        opinion: ``(h, w, C)``.

    Returns:
        ``(h, w, C * 49)``: the probability, at three widths, in eight directions at five distances, against the
        highest near by; the picture's highest and mean; area and sum of the connected part that the node lies in.
    """
    found: list[F32] = []
    for level in np.moveaxis(opinion, -1, 0):
        p = np.ascontiguousarray(level, np.float32)
        blurred = [_blurred(p, s) for s in _BLURS]
        found += [p, *blurred]
        for distance in _LOOKS:
            found += around(_blurred(p, max(distance / 4.0, 0.5)), distance)
        found += [p / (blurred[0].max() + 1e-3), np.full_like(p, p.max()), np.full_like(p, p.mean())]
        _, parts = cv2.connectedComponents((p > _SURE).astype(np.uint8))
        area, total = np.bincount(parts.ravel()), np.bincount(parts.ravel(), p.ravel())
        area[0], total[0] = 0, 0
        found += [area[parts].astype(np.float32), total[parts].astype(np.float32)]
    return np.stack(found, axis=-1)


def _blurred(level: F32, sigma: float) -> F32:
    return np.asarray(cv2.GaussianBlur(level, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)
