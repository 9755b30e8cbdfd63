"""Poor contact: scan lines that are dark from the probe's face on, because air or a missing gel lets no sound in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.enhance.artefacts.scan_lines import NOTHING, depth_fraction, masked_mean, row_level

# Rings of the probe fill the first part even in air; below them, down to here, a line in contact shows skin and fat.
_RINGS, _SKIN = 0.06, 0.30
_DARK, _LIT = 0.3, 0.6


def poor_contact(picture: NDArray[np.float32], *, inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Columns that are dark already under the skin.

    A column's level between 6 % and 30 % of the depth is compared with that of well-lit columns (80th percentile): at
    60 % of it the map is 0, at 30 % it is 1. The whole column is marked, as far as it is dark. A line may therefore be
    marked that lies behind a superficial bone; a line of no contact is dark at every depth.

    Args:
        picture: ``(H, W)`` float32 grey levels.
        inside: ``(H, W)`` bool, the insonified field.

    Returns:
        ``(H, W)`` float32, 0..1.

    Source:
        Element and contact test by the uniformity of the near field: Hangiandreou et al., Four-year experience with a
        clinical ultrasound quality control program, Ultrasound Med Biol 37:1350, 2011.
    """
    height, width = picture.shape
    smooth = masked_mean(picture, inside, sigma_rows=height / 60 + 0.3, sigma_columns=width / 100 + 0.3)
    depth = depth_fraction(inside)
    lit = row_level(smooth, inside, percentile=80)
    ratio = np.where(lit > NOTHING, smooth / np.maximum(lit, 1.0), 1.0)
    near = inside & (depth >= _RINGS) & (depth <= _SKIN)
    count = near.sum(0)
    of_line = np.where(near, ratio, 0.0).sum(0) / np.maximum(count, 1)
    line = np.where(count > 0, np.clip((_LIT - of_line) / (_LIT - _DARK), 0.0, 1.0), 0.0)
    dark = np.clip((1.0 - ratio) / 0.3, 0.0, 1.0)
    return np.where(inside, line[None, :] * np.where(depth < _RINGS, 1.0, dark), 0.0).astype(np.float32)
