from __future__ import annotations

import pytest

from mskus.clip import Region
from mskus.errors import FeatureError
from mskus.features.spectral import ReferencePhantom, attenuation_coefficient

HOW = {"sampling_hz": 25e6, "centre_hz": 5e6}


@pytest.mark.parametrize("attenuation", [0.2, 0.5, 0.9])
def test_attenuation_is_recovered(rf, attenuation):
    phantom = ReferencePhantom(rf=rf(seed=100, lines=192), attenuation_db_per_cm_mhz=0.5)
    tissue = rf(attenuation=attenuation, intercept_db=-8.0, slope_db_per_mhz=1.0, seed=3)
    told = attenuation_coefficient(tissue, reference=phantom, region=Region(0, 200, 96, 900), **HOW)
    assert told.value == pytest.approx(attenuation, abs=0.08)
    assert told.low < attenuation < told.high
    assert told.high - told.low < 0.3


def test_a_shallow_region_is_named(rf):
    phantom = ReferencePhantom(rf=rf(seed=100, lines=192), attenuation_db_per_cm_mhz=0.5)
    with pytest.raises(FeatureError, match="three or more"):
        attenuation_coefficient(rf(seed=1), reference=phantom, region=Region(0, 200, 96, 100), **HOW)
