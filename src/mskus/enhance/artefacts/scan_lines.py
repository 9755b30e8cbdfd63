"""What the maps share: smooth grey level along each column, and the rows at which a column's field begins."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

# Where even well-lit columns show less than this many grey levels, nothing tells a dark line from a dark depth.
NOTHING = 8.0


def masked_mean(
    picture: NDArray[np.float32], inside: NDArray[np.bool_], *, sigma_rows: float, sigma_columns: float
) -> NDArray[np.float32]:
    """Gaussian mean of the pixels inside (normalised convolution, Knutsson & Westin 1993); 0 far from any."""
    weight = inside.astype(np.float32)
    total, cover = (
        cv2.GaussianBlur(part, (0, 0), sigmaX=sigma_columns, sigmaY=sigma_rows, borderType=cv2.BORDER_REFLECT)
        for part in (picture * weight, weight)
    )
    return np.asarray(total / np.maximum(cover, 1e-3), np.float32)


def depth_fraction(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Depth of every pixel below its column's first field pixel, over the greatest such depth."""
    top = np.where(inside.any(0), inside.argmax(0), inside.shape[0])
    depth = np.arange(inside.shape[0])[:, None] - top[None, :]
    return np.asarray(np.clip(depth / max(int(depth[inside].max(initial=1)), 1), 0.0, 1.0), np.float32)


def row_level(smooth: NDArray[np.float32], inside: NDArray[np.bool_], *, percentile: float) -> NDArray[np.float32]:
    """``(H, 1)`` level that well-lit columns reach at each depth; 0 where the row is outside the field."""
    filled = np.where(inside, smooth, np.nan)
    out = np.zeros(len(filled), np.float32)
    some = inside.any(1)
    if some.any():
        out[some] = np.nanpercentile(filled[some], percentile, axis=1)
    return out[:, None]
