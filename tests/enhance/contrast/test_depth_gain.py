from __future__ import annotations

import numpy as np
import pytest

from mskus.enhance import enhance


@pytest.fixture
def fading(speckled):
    """Speckle that loses 60 grey levels over 120 rows."""
    return np.clip(speckled + 60 - np.linspace(0, 60, 120, dtype=np.float32)[:, None], 3, 255)


def slope(picture):
    return np.polyfit(np.arange(len(picture)), picture.mean(axis=1), 1)[0] * len(picture)


def test_a_linear_fall_is_taken_away(fading):
    assert slope(fading) == pytest.approx(-60, abs=6)
    assert slope(enhance(fading, method="depth_gain", degree=1)) == pytest.approx(0, abs=1)
    assert enhance(fading, method="depth_gain").mean() == pytest.approx(fading.mean(), abs=0.5)


def test_a_bright_bone_is_no_trend(fading):
    fading[80:86] = 250
    result = enhance(fading, method="depth_gain", degree=1)
    assert np.polyfit(np.arange(78), result[:78].mean(axis=1), 1)[0] * 120 == pytest.approx(0, abs=4)


def test_what_is_outside_the_field_stays(fading):
    field = np.zeros(fading.shape, bool)
    field[:, 30:130] = True
    result = enhance(fading, method="depth_gain", field=field)
    assert np.array_equal(result[~field], fading[~field])
    assert not np.array_equal(result[field], fading[field])


def test_black_stays_black(fading):
    fading[:, :40] = 0
    assert enhance(fading, method="depth_gain")[:, :40].max() == 0


def test_gain_from_physics():
    # 2 * 0.5 dB/cm/MHz * 4 MHz * 2 cm = 8 dB; at 51 dB to 255 levels that is 40 levels
    picture = np.full((201, 10), 100.0)
    result = enhance(
        picture, method="depth_gain", attenuation_db_per_cm_mhz=0.5, frequency_mhz=4.0, dynamic_range_db=51.0,
        spacing_mm=(0.1, 0.3),
    )  # fmt: skip
    assert result[[0, 100, 200], 0] == pytest.approx([100.0, 120.0, 140.0])


def test_too_few_rows_to_fit_change_nothing():
    picture = np.zeros((60, 60), np.float32)
    picture[10:12] = 80
    assert np.array_equal(enhance(picture, method="depth_gain"), picture)
