"""Grey levels of a region put into bins, as the IBSI defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mskus.errors import FeatureError

if TYPE_CHECKING:
    from mskus.features.family import FeatureSettings

# Co-occurrence matrices grow with the square of the levels; beyond this they are empty of meaning and full of zeros.
_MOST_LEVELS = 1024


def discretise(image: NDArray[np.float64], mask: NDArray[np.bool_], *, settings: FeatureSettings) -> NDArray[np.int32]:
    r"""Discretise to levels 1 .. n inside the mask, 0 outside.

    A fixed number of bins takes :math:`\lfloor n (x - x_{min}) / (x_{max} - x_{min}) \rfloor + 1`, the maximum itself
    falling into bin n; bins of fixed width take :math:`\lfloor (x - x_0) / w \rfloor + 1`. A constant region has
    level 1 everywhere in the first case.

    Args:
        image: ``(H, W)`` grey levels, any sign.
        mask: ``(H, W)`` region, not empty.
        settings: by a fixed number of bins, or by bins of a fixed width.

    Raises:
        FeatureError: if grey levels lie below the first bin of a fixed width, or there would be too many bins.

    Source:
        IBSI reference manual (Zwanenburg et al., arXiv 1612.07003), section 2.7.

    Example:
        >>> from mskus.features.family import FeatureSettings
        >>> picture = np.array([[0.0, 4.0, 9.0, 10.0]])
        >>> discretise(picture, picture > -1, settings=FeatureSettings(bin_count=5)).tolist()
        [[1, 3, 5, 5]]
    """
    values = image[mask]
    low, high = float(values.min()), float(values.max())
    if settings.discretisation == "bin_count":
        span = high - low or 1.0
        levels = np.minimum(np.floor(settings.bin_count * (values - low) / span) + 1, settings.bin_count)
    else:
        origin = low if settings.bin_origin is None else settings.bin_origin
        if low < origin:
            raise FeatureError(
                f"The region's grey levels begin at {low:g}, below the first bin at {origin:g}; "
                "lower bin_origin or let it be None."
            )
        levels = np.floor((values - origin) / settings.bin_width) + 1
        if levels.max() > _MOST_LEVELS:
            raise FeatureError(
                f"Bins of width {settings.bin_width:g} make {levels.max():.0f} grey levels, more than {_MOST_LEVELS}; "
                "take wider bins."
            )
    out = np.zeros(image.shape, np.int32)
    out[mask] = levels.astype(np.int32)
    return out
