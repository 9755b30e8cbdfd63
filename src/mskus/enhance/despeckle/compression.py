"""From the log-compressed grey level to the envelope and back, so that a filter meets the noise it was made for.

A scanner shows ``g = 255 (1 + 20 log10(a) / D)``: envelope ``a`` in (0, 1], dynamic range ``D`` in dB. Speckle
multiplies ``a``; after the logarithm it is added to ``g`` (Loupas et al. 1989). Filters for multiplicative noise (Lee,
Kuan, Frost, gamma-MAP, SRAD) therefore work on ``a``; filters for additive noise work on ``g`` as it stands.
"""

from __future__ import annotations

import cv2
import numpy as np

from mskus.enhance.method import Picture
from mskus.errors import EnhanceError

_NEPER_PER_DB = np.log(10.0) / 20.0


def to_envelope(picture: Picture, *, compression_db: float | None) -> Picture:
    r"""Envelope of a log-compressed picture, $a = 10^{(g/255 - 1) D / 20}$.

    Args:
        picture: ``(H, W)`` grey levels 0-255.
        compression_db: dynamic range D of the scanner's display in dB; None where the picture is linear already.

    Returns:
        ``(H, W)`` float32: grey level 255 becomes 1. A linear picture comes back divided by 255.

    Raises:
        EnhanceError: if the dynamic range is not between 10 and 150 dB.

    Example:
        >>> to_envelope(np.array([[255, 127.5]], np.float32), compression_db=40.0).round(3).tolist()
        [[1.0, 0.10000000149011612]]
    """
    if compression_db is None:
        return picture / np.float32(255.0)
    slope = _slope(compression_db)
    return np.asarray(cv2.exp((picture - 255.0) * np.float32(slope)), np.float32)


def to_grey(envelope: Picture, *, compression_db: float | None) -> Picture:
    """Grey level of an envelope, the inverse of :func:`to_envelope`; what lies beyond black or white is cut off."""
    if compression_db is None:
        return np.clip(envelope * np.float32(255.0), 0.0, 255.0)
    slope = _slope(compression_db)
    floor = np.float32(np.exp(-255.0 * slope))
    grey = np.asarray(cv2.log(np.maximum(envelope, floor)), np.float32)
    return np.clip(grey * np.float32(1.0 / slope) + np.float32(255.0), 0.0, 255.0)


def _slope(compression_db: float) -> float:
    """Nepers a grey level."""
    if not 10.0 <= compression_db <= 150.0:
        raise EnhanceError(
            f"compression_db = {compression_db:g} is no scanner's dynamic range; give 10 to 150 dB, or None for a "
            "picture that was never log-compressed."
        )
    return float(_NEPER_PER_DB * compression_db / 255.0)
