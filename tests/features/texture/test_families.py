"""What every family of texture has in common."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.features import texture
from mskus.features.family import FeatureRegion

FAMILIES = [getattr(texture, name) for name in texture.__all__ if name.endswith("_features")]
MASK = np.zeros((90, 110), bool)
MASK[30:60, 40:75] = True


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("spacing", [None, (0.1, 0.1)])
def test_names_are_the_same_for_every_region(family, spacing, rng):
    picture = rng.uniform(0, 255, MASK.shape)
    names = list(family(FeatureRegion.of(picture, mask=MASK, spacing_mm=spacing)))
    two_pixels = np.zeros_like(MASK)
    two_pixels[3, 4:6] = True
    tags = {name.split("_")[0] for name in names}
    assert len(tags) == 1
    for image, mask in ((picture, two_pixels), (np.full(MASK.shape, 80.3), MASK), (picture, np.ones_like(MASK))):
        row = family(FeatureRegion.of(image, mask=mask, spacing_mm=spacing))
        assert list(row) == names
        assert all(isinstance(value, float) for value in row.values())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_flat_region_has_no_texture(family):
    row = family(FeatureRegion.of(np.full(MASK.shape, 80.3), mask=MASK))
    share_or_level = ("lbp_", "mbp_", "wav_3_ll", "fractal_lacunarity")
    assert not any(np.nan_to_num(v) for k, v in row.items() if not k.startswith(share_or_level))
    assert np.isfinite(list(row.values())).any()


@pytest.mark.parametrize("family", FAMILIES)
def test_nan_outside_the_region_does_not_spread(family, rng):
    picture = rng.uniform(0, 255, MASK.shape)
    picture[25, 50] = np.nan
    picture[0] = np.inf
    row = family(FeatureRegion.of(picture, mask=MASK))
    assert np.isfinite(list(row.values())).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_where_the_region_lies_does_not_matter(family, rng):
    picture = rng.uniform(0, 255, (200, 220))
    row = family(FeatureRegion.of(picture[60:150, 60:170], mask=MASK))
    whole = np.zeros(picture.shape, bool)
    whole[60:150, 60:170] = MASK
    # Filters that reach beyond the small picture see its mirror image there.
    told = family(FeatureRegion.of(picture, mask=whole))
    assert told == pytest.approx(row, rel=0.02, abs=0.02)
