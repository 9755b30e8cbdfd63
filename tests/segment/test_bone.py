"""A bright line on a shadow is bone; a bright line on tissue is not."""

import numpy as np

from mskus.segment.bone import bone_surface


def picture(below):
    image = np.full((400, 500), 60, np.uint8)
    image[250:262] = 230
    image[262:] = below
    return image


def test_bone_is_found_at_its_row():
    surface = bone_surface(picture(4), below_y_px=100)
    assert surface is not None
    assert np.abs(surface[:, 1] - 255).max() < 8


def test_an_aponeurosis_on_tissue_is_not_bone():
    assert bone_surface(picture(55), below_y_px=100) is None
    assert bone_surface(picture(4), below_y_px=300) is None
