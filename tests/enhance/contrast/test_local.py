from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.enhance import enhance
from mskus.enhance.contrast.local import _grid


@pytest.mark.parametrize(("clip", "tiles"), [(2.0, 8), (4.0, 3)])
def test_same_as_opencv(speckled, clip, tiles):
    theirs = cv2.createCLAHE(clipLimit=clip, tileGridSize=(tiles, tiles)).apply(speckled.astype(np.uint8))
    assert np.array_equal(enhance(speckled, method="clahe", clip=clip, tiles=tiles), theirs)


@pytest.mark.parametrize(
    ("tile_mm", "spacing_mm", "grid"),
    [
        (4.0, (0.1, 0.1), (3, 4)),  # 12 x 16 mm
        (4.0, (0.1, 0.2), (3, 8)),  # 12 x 32 mm: unequal spacing, tiles square in mm
        (100.0, (0.1, 0.1), (1, 1)),
    ],
)
def test_tiles_in_mm(tile_mm, spacing_mm, grid):
    assert _grid((120, 160), tiles=8, tile_mm=tile_mm, spacing_mm=spacing_mm) == grid
