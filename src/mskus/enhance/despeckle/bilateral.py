"""The bilateral filter: near in place and near in grey level."""

from __future__ import annotations

import cv2
import numpy as np

from mskus.enhance.despeckle.window import positive, window
from mskus.enhance.method import Picture, enhancer


@enhancer("bilateral", kind="despeckle", source="Tomasi & Manduchi 1998, Proc IEEE ICCV, p. 839")
def bilateral(picture: Picture, *, size_px: int = 9, sigma_px: float = 3.0, sigma_levels: float = 60.0) -> Picture:
    r"""Mean weighted by $e^{-|t|^2 / 2\sigma^2} e^{-(g_t - g)^2 / 2\rho^2}$ over a disc.

    Works on the log-compressed picture, where speckle has the same spread at every brightness (5.6 dB for one look, 24
    grey levels at 60 dB).

    Args:
        picture: ``(H, W)`` grey levels 0-255.
        size_px: diameter of the disc in pixels, odd.
        sigma_px: ``sigma`` in pixels.
        sigma_levels: ``rho`` in grey levels.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    positive(sigma_px=sigma_px, sigma_levels=sigma_levels)
    window(size_px=size_px, size_mm=None, spacing_mm=None, largest_px=31)
    filtered = cv2.bilateralFilter(picture, size_px, sigma_levels, sigma_px, borderType=cv2.BORDER_REFLECT)
    return np.asarray(filtered)
