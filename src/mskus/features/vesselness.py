"""Frangi's vesselness for bright ridges in a picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


def bright_ridges(texture: F32, *, sigmas_px: Sequence[float] = (1.5, 2.5), roundness: float = 0.5) -> F32:
    r"""How much each pixel looks like the crest of a bright line, 0 to 1.

    With the Hessian's eigenvalues :math:`|\lambda_1| \le |\lambda_2|`, a bright ridge has :math:`\lambda_2 < 0` and
    :math:`v = e^{-(\lambda_1/\lambda_2)^2/2\beta^2}\,(1 - e^{-S^2/2c^2})` with :math:`S^2=\lambda_1^2+\lambda_2^2` and
    :math:`c` half the 99th percentile of S; the greatest answer over the scales counts.

    Args:
        texture: ``(H, W)`` float32 on square pixels.
        sigmas_px: half widths of the lines looked for.
        roundness: beta; smaller admits only straighter ridges.

    Returns:
        ``(H, W)`` float32 in [0, 1].

    Source:
        Frangi, Niessen, Vincken & Viergever 1998, MICCAI, LNCS 1496:130.

    Example:
        >>> picture = np.zeros((21, 21), np.float32)
        >>> picture[10] = 1.0
        >>> crest = bright_ridges(picture)
        >>> bool(crest[10, 10] > 0.8), bool(crest[3, 10] < 0.01)
        (True, True)
    """
    best = np.zeros(texture.shape, np.float32)
    for sigma in sigmas_px:
        smooth, first, second = _kernels(sigma)
        xx = cv2.sepFilter2D(texture, cv2.CV_32F, second, smooth)
        yy = cv2.sepFilter2D(texture, cv2.CV_32F, smooth, second)
        xy = cv2.sepFilter2D(texture, cv2.CV_32F, first, first)
        half_trace, split = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
        # The ridge's eigenvalue is the lower one; where the other is larger in size, the pixel is no bright ridge.
        low, high = half_trace - split, half_trace + split
        ridge = (low < 0.0) & (np.abs(low) >= np.abs(high))
        strength = low * low + high * high
        crest = np.percentile(strength[::2, ::2], 99.0)
        if not crest > 1e-6:  # nothing but rounding
            continue
        ratio = high / np.where(ridge, low, 1.0)
        answer = np.exp(-0.5 * (ratio / roundness) ** 2) * (1.0 - np.exp(-2.0 * strength / crest))
        np.maximum(best, np.where(ridge, answer, 0.0), out=best)
    return best


def _kernels(sigma: float) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Sampled Gaussian and its first two derivatives."""
    half = max(2, int(np.ceil(4.0 * sigma)))
    x = np.arange(-half, half + 1, dtype=float)
    smooth = np.exp(-0.5 * (x / sigma) ** 2)
    smooth /= smooth.sum()
    second = (x**2 / sigma**2 - 1.0) * smooth
    return smooth, x * smooth / sigma, second - second.mean()
