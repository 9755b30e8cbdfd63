"""The curve from echo to grey: gamma, and another dynamic range of the log compression.

A scanner shows an echo of ``e`` dB below its strongest as ``g = 255 * (1 - e / R)`` with the dynamic range ``R``;
what is weaker is black.
"""

from __future__ import annotations

import numpy as np

from mskus.enhance.method import Picture, enhancer
from mskus.errors import EnhanceError


@enhancer("gamma", kind="contrast", source="Gonzalez & Woods, Digital Image Processing, ch. 3.2")
def gamma(image: Picture, *, exponent: float = 0.7) -> Picture:
    """Power law ``255 * (g / 255) ** exponent``: below 1 lifts dark tissue, above 1 darkens it.

    Raises:
        EnhanceError: if ``exponent`` is not above 0.

    Example:
        >>> gamma(np.full((3, 3), 63.75, np.float32), exponent=0.5)[0, 0]
        np.float32(127.5)
    """
    if not exponent > 0:
        raise EnhanceError(f"exponent = {exponent:g} is not possible; give a number above 0.")
    return np.asarray(255 * np.power(np.clip(image, 0, 255) / 255, np.float32(exponent)), np.float32)


@enhancer(
    "dynamic_range", kind="contrast", source="Szabo 2014, Diagnostic Ultrasound Imaging, ch. 10 (log compression)"
)
def dynamic_range(image: Picture, *, from_db: float = 60.0, to_db: float = 50.0, anchor: float = 255.0) -> Picture:
    """The picture as another dynamic range would have shown it.

    One grey level means ``from_db / 255`` dB before and ``to_db / 255`` dB after, so levels move away from the anchor
    by ``from_db / to_db``. A smaller range gives more contrast and cuts off the weakest echoes; what the scanner has
    already cut off is not brought back.

    Args:
        image: ``(H, W)`` grey levels.
        from_db: dynamic range that the picture was taken with.
        to_db: dynamic range wanted.
        anchor: grey level that stays: 255 keeps the strongest echo white, as scanners do.

    Raises:
        EnhanceError: if a range is not above 0, or the anchor is no grey level.

    Example:
        >>> dynamic_range(np.full((3, 3), 155.0, np.float32), from_db=60, to_db=50)[0, 0]
        np.float32(135.0)
    """
    if not (from_db > 0 and to_db > 0):
        raise EnhanceError(f"A dynamic range from {from_db:g} to {to_db:g} dB is not possible; give numbers above 0.")
    if not 0 <= anchor <= 255:
        raise EnhanceError(f"anchor = {anchor:g} is not a grey level; give 0 to 255.")
    return np.asarray(np.clip(anchor + (image - np.float32(anchor)) * np.float32(from_db / to_db), 0, 255), np.float32)
