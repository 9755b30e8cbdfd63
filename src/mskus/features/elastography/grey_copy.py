"""The grey picture that a scanner shows beside its elastogram."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region
from mskus.errors import FeatureError
from mskus.features.elastography.colour_bar import COLOURED

# Colours vary slowly, speckle does not.
_SMOOTH_PX = 6.0
_LEAST_LIKENESS = 0.4


def find_grey_copy(image: NDArray[np.uint8], *, box: Region) -> NDArray[np.uint8]:
    """Bring the grey picture beside an elastogram into register with it.

    The fine structure of the elastogram's box is looked for elsewhere in the picture by normalised cross-correlation.

    Args:
        image: ``(H, W, 3)`` uint8 RGB with both views at one magnification.
        box: where the scanner draws colour.

    Returns:
        ``(H, W)`` uint8 to give to :func:`decode_elastogram` as ``bmode``: the grey levels inside the box, 0 outside.

    Raises:
        FeatureError: if no grey part of the picture looks like the box, as where colours are opaque.

    Source:
        Lewis 1995, Vision Interface: 120 (fast normalised cross-correlation).
    """
    luma = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    fine = np.rint(luma - cv2.GaussianBlur(luma.astype(np.float32), (0, 0), _SMOOTH_PX)).astype(np.float32)
    template = fine[box.slices]
    if template.shape != (box.h, box.w) or not template.any():
        raise FeatureError("The elastogram's box lies outside the picture or is empty; give where colour is drawn.")
    likeness = np.asarray(cv2.matchTemplate(fine, template, cv2.TM_CCOEFF_NORMED))
    rows, columns = np.indices(likeness.shape)
    likeness[(np.abs(rows - box.y) < box.h / 2) & (np.abs(columns - box.x) < box.w / 2)] = -1.0
    y, x = (int(i) for i in np.unravel_index(int(likeness.argmax()), likeness.shape))
    found = Region(x, y, box.w, box.h)
    tinted = (np.ptp(image[found.slices], axis=2) > COLOURED).mean()
    if likeness[y, x] < _LEAST_LIKENESS or tinted > 0.2:
        raise FeatureError("No grey copy of the elastogram's box is in the picture; decode without it.")
    bmode = np.zeros_like(luma, np.uint8)
    bmode[box.slices] = luma[found.slices]
    return bmode
