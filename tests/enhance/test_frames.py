from __future__ import annotations

import numpy as np
import pytest

from mskus.clip import Calibration, Clip, Region
from mskus.enhance import enhance
from mskus.enhance.frames import enhance_frames
from mskus.errors import EnhanceError


@pytest.fixture
def clip(rng):
    luma = rng.integers(30, 90, (2, 80, 100)).astype(np.uint8)
    field = np.ones((80, 100), bool)
    field[:, 60:] = False
    return Clip(luma=luma, region=Region(10, 20, 70, 50), field=field)


def test_only_the_field_inside_the_region_changes(clip):
    for before, after in zip(clip.frames(), enhance_frames(clip, method="gamma", exponent=0.5), strict=True):
        changed = np.zeros((80, 100), bool)
        changed[20:70, 10:60] = True
        assert np.array_equal(after[~changed], before[~changed])
        expected = np.rint(np.sqrt(before[changed] / 255) * 255)
        assert np.abs(after[changed] - expected).max() <= 1


def test_scale_and_field_reach_the_method(clip):
    scaled = clip.with_(calibration=Calibration(mm_per_px_row=0.2, mm_per_px_col=0.1, source="user"))
    with pytest.raises(EnhanceError, match="needs frequency_mhz and the scale"):
        next(enhance_frames(clip, method="depth_gain", attenuation_db_per_cm_mhz=1.0, frequency_mhz=5.0))
    lifted = next(enhance_frames(scaled, method="depth_gain", attenuation_db_per_cm_mhz=1.0, frequency_mhz=5.0))
    # the region's last row lies 49 * 0.2 mm deep: 9.8 dB, 41.65 grey levels
    assert lifted[69, 30] - float(clip.frame(0)[69, 30]) == pytest.approx(41.65, abs=0.5)


@pytest.mark.parametrize("method", ["he", "bbhe", "dsihe", "rmshe", "rsihe", "mmbebhe", "mborbhe"])
def test_black_beside_the_field_does_not_bend_the_histogram(clip, method):
    # the same tissue with and without black beside it
    tissue = clip.frame(0)[20:70, 10:60]
    blackened = clip.luma.copy()
    blackened[:, :, 60:] = 0
    seen = next(enhance_frames(clip.with_(luma=blackened), method=method))[20:70, 10:60]
    assert np.array_equal(seen, np.rint(enhance(tissue, method=method)))
    assert not np.allclose(seen, enhance(blackened[0, 20:70, 10:80], method=method)[:, :50], atol=1.0)
