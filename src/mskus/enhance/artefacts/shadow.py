"""Acoustic shadow: what lies behind bone, calcification or air and gets no sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.enhance.artefacts.scan_lines import NOTHING, masked_mean, row_level

# Smoothing along and across the lines, as fractions of the picture: speckle goes, a shadow stays.
_ALONG, _ACROSS = 1 / 60, 1 / 100
# Darkness, as grey level over that of well-lit columns at the same depth, at which the map is 1 and 0.
_DARK, _LIT = 0.25, 0.6


def shadow(picture: NDArray[np.float32], *, inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    r"""Darkness that reaches from a pixel down to the bottom of its scan line.

    With \(s\) the smoothed picture and \(w_r\) the level that the brighter columns reach in row \(r\) (80th
    percentile), darkness is \(d = (0.6 - s/w_r) / 0.35\), clipped to 0..1. Sound that is lost does not come back, so a
    pixel is in shadow only as far as everything below it is dark too: the map is the running mean of \(d\) from the
    bottom up, times \(d\).

    Args:
        picture: ``(H, W)`` float32 grey levels.
        inside: ``(H, W)`` bool, the insonified field.

    Returns:
        ``(H, W)`` float32, 0..1.

    Source:
        Shadow as a loss of the scan line's later energy: Hellier et al., An automatic geometrical and statistical
        method to detect acoustic shadows in intraoperative ultrasound brain images, Med Image Anal 14:195, 2010;
        review: Hacihaliloglu, Ultrasound imaging and segmentation of bone surfaces, Technology 5:74, 2017.
    """
    height, width = picture.shape
    smooth = masked_mean(picture, inside, sigma_rows=height * _ALONG + 0.3, sigma_columns=width * _ACROSS + 0.3)
    lit = row_level(smooth, inside, percentile=80)
    dark = np.clip((_LIT - smooth / np.maximum(lit, 1e-3)) / (_LIT - _DARK), 0.0, 1.0)
    known = inside & (lit > NOTHING)
    weight = known.astype(np.float32)
    below = np.cumsum((dark * weight)[::-1], axis=0)[::-1] / np.maximum(np.cumsum(weight[::-1], axis=0)[::-1], 1.0)
    return np.where(known, dark * np.clip((below - 0.5) / 0.35, 0.0, 1.0), 0.0).astype(np.float32)
