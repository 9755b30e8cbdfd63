"""Grey levels of a region put into bins, as the IBSI defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mskus.features.family import FeatureSettings


def discretise(image: NDArray[np.float64], mask: NDArray[np.bool_], *, settings: FeatureSettings) -> NDArray[np.int32]:
    """Discretise to levels 1 .. n inside the mask, 0 outside (IBSI reference manual, chapter 2.7).

    Args:
        image: ``(H, W)`` grey levels.
        mask: ``(H, W)`` region, not empty.
        settings: by a fixed number of bins, or by bins of a fixed width.
    """
    values = image[mask]
    low, high = float(values.min()), float(values.max())
    if settings.discretisation == "bin_count":
        scale = settings.bin_count / (high - low) if high > low else 0.0
        levels = np.minimum(np.floor((values - low) * scale) + 1, settings.bin_count)
    else:
        origin = low if settings.bin_origin is None else settings.bin_origin
        levels = np.maximum(np.floor((values - origin) / settings.bin_width) + 1, 1)
    out = np.zeros(image.shape, np.int32)
    out[mask] = levels.astype(np.int32)
    return out
