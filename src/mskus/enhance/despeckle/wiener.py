"""The adaptive Wiener filter: Lee's filter for additive noise."""

from __future__ import annotations

import numpy as np

from mskus.enhance.despeckle.window import local_mean, local_variance, positive, typical, window
from mskus.enhance.method import Picture, enhancer


@enhancer("wiener", kind="despeckle", source="Lim 1990, Two-Dimensional Signal and Image Processing, p. 536")
def wiener(
    picture: Picture,
    *,
    size_px: int = 7,
    size_mm: float | None = None,
    noise_levels: float | None = None,
    spacing_mm: tuple[float, float] | None = None,
) -> Picture:
    r"""Pixelwise Wiener filter of the log-compressed picture, where speckle is added noise of one variance.

    $\hat g = m + \max(0, s^2 - \nu^2) / \max(s^2, \nu^2)\, (g - m)$

    Args:
        picture: ``(H, W)`` grey levels 0-255, log-compressed.
        size_px: side of the window in pixels, odd.
        size_mm: side of the window in mm, instead of pixels.
        noise_levels: standard deviation of the noise in grey levels; None takes the median of the local
            variances, the black around the image left out (``scipy.signal.wiener`` takes the mean, which edges raise).
        spacing_mm: ``(row, column)`` mm per pixel.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    size = window(size_px=size_px, size_mm=size_mm, spacing_mm=spacing_mm)
    mean = local_mean(picture, size)
    variance = local_variance(picture, mean, size)
    if noise_levels is None:
        noise = typical(variance)
    else:
        positive(noise_levels=noise_levels)
        noise = noise_levels**2
    weight = 1.0 - noise / np.maximum(variance, max(noise, 1e-9))
    return np.clip(mean + weight.astype(np.float32) * (picture - mean), 0.0, 255.0)
