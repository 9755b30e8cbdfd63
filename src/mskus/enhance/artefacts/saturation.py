"""Gain saturation: regions at the top of the grey scale, where brightness says nothing any more."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

# Grey level from which a pixel is clipped (codecs smear 255 a little), and the neighbourhood that is judged.
_CLIPPED = 250.0
_AROUND_FRACTION = 1 / 48
# A bright fascia clips a few pixels; gain clips most of a neighbourhood. Shares at which the map is 0 and 1.
_FEW, _MOST = 0.1, 0.5


def gain_saturation(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Share of clipped pixels around every pixel, scaled to 0..1.

    Args:
        picture: ``(H, W)`` float32 grey levels 0-255.

    Returns:
        ``(H, W)`` float32: 0 where under a tenth of the neighbourhood (1/48 of the picture's height across) is at 250
        or above, 1 where half is.

    Source:
        Clipping as in the dynamic-range test of routine quality control: Goodsitt et al., Med Phys 25:1385, 1998.
    """
    side = max(3, 2 * round(picture.shape[0] * _AROUND_FRACTION / 2) + 1)
    share = cv2.blur((picture >= _CLIPPED).astype(np.float32), (side, side), borderType=cv2.BORDER_REFLECT)
    return np.asarray(np.clip((share - _FEW) / (_MOST - _FEW), 0.0, 1.0), np.float32)
