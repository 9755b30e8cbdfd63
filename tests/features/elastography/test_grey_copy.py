from __future__ import annotations

import numpy as np
import pytest

from mskus.clip import Region
from mskus.errors import FeatureError
from mskus.features.elastography import ColourBar, decode_elastogram, find_grey_copy
from mskus.simulate.elastogram import simulate_elastogram

RAMP = np.tile(np.linspace(20.0, 130.0, 120), (100, 1))


@pytest.mark.parametrize("quality", [None, 80])
@pytest.mark.parametrize("colour_map", ["jet", "viridis"])
def test_the_view_beside_is_found_and_helps(colour_map, quality):
    made = simulate_elastogram(
        RAMP, low=0, high=150, colour_map=colour_map, opacity=0.5, jpeg_quality=quality, side_by_side=True
    )
    bmode = find_grey_copy(made.image, box=made.box)
    off = bmode[made.box.slices].astype(int) - made.bmode[made.box.slices]
    # JPEG of quality 80 changes speckle by four levels; a view one pixel off would by a dozen.
    assert np.abs(off).mean() < (0.1 if quality is None else 5.0)
    assert bmode.sum() == bmode[made.box.slices].sum()
    mask = np.zeros(bmode.shape, bool)
    mask[made.box.slices] = True
    bar = ColourBar.read(made.image, low=0, high=150, unit="kPa")
    told = decode_elastogram(made.image, bar=bar, mask=mask, bmode=bmode)
    assert told.opacity == pytest.approx(0.5, abs=0.03)
    assert np.sqrt(np.nanmean((told.values - made.values)[mask] ** 2)) < 3.0  # two per cent of the bar


@pytest.mark.parametrize("options", [{"side_by_side": False, "opacity": 0.5}, {"side_by_side": True, "opacity": 1.0}])
def test_where_there_is_none_it_says_so(options):
    made = simulate_elastogram(RAMP, low=0, high=150, **options)
    with pytest.raises(FeatureError, match="No grey copy"):
        find_grey_copy(made.image, box=made.box)


def test_a_box_outside_is_named():
    made = simulate_elastogram(RAMP, low=0, high=150)
    with pytest.raises(FeatureError, match="outside the picture"):
        find_grey_copy(made.image, box=Region(500, 300, 200, 200))
