from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import FeatureError
from mskus.features.elastography import (
    ColourBar,
    Elastogram,
    decode_elastogram,
    shear_wave_speed_m_s,
    shear_wave_values,
    strain_ratio,
    young_modulus_kpa,
)
from mskus.simulate.elastogram import SCREEN, simulate_elastogram


def disc(x, y, radius=20):
    rows, columns = np.indices(SCREEN)
    return np.hypot(columns - x, rows - y) < radius


def plain(values, errors=0.0, *, high=10.0):
    colours = np.linspace(0, 255, 300).astype(np.uint8)[:, None].repeat(3, 1)
    bar = ColourBar(colours=colours, low=0.0, high=high, unit="kPa")
    values = np.asarray(values, float)
    return Elastogram(values=values, standard_error=np.full(values.shape, errors), opacity=1.0, bar=bar)


@pytest.mark.parametrize("opacity", [1.0, 0.5])
@pytest.mark.parametrize("colour_map", ["jet", "turbo", "viridis"])
@pytest.mark.parametrize("centre", [(180, 120), (230, 170), (300, 220)])
def test_mean_of_a_region_in_a_compressed_picture(elastogram, colour_map, opacity, centre):
    made = elastogram(colour_map, opacity, 85)
    bar = ColourBar.read(made.image, low=0.0, high=150.0, unit="kPa")
    mask = disc(*centre)
    told = shear_wave_values(decode_elastogram(made.image, bar=bar, mask=mask, opacity=opacity), mask=mask)
    truth = float(made.values[mask].mean())
    assert told.mean.value == pytest.approx(truth, abs=1.5)  # one per cent of the bar
    assert told.mean.low < truth < told.mean.high
    assert told.sd == pytest.approx(float(made.values[mask].std()), abs=1.5)
    assert told.unit == "kPa"
    assert told.decoded_fraction == pytest.approx(1.0, abs=0.01)


def test_figures_by_hand():
    told = shear_wave_values(plain([[2.0, 4.0], [9.9, np.nan]], 0.4), mask=np.ones((2, 2), bool))
    assert told.mean.value == pytest.approx(5.3)
    assert told.median == 4.0
    assert told.decoded_fraction == 0.75
    assert told.saturated_fraction == pytest.approx(1 / 3)
    # One block of compression: the error of one pixel, and one row of 300 of the bar.
    assert told.mean.high - told.mean.value == pytest.approx(1.96 * np.hypot(0.4, 10 / 300))
    assert told.columns() == pytest.approx(
        {
            "swe_mean_kpa": 5.3,
            "swe_median_kpa": 4.0,
            "swe_sd_kpa": np.std([2.0, 4.0, 9.9]),
            "swe_decoded_fraction": 0.75,
            "swe_saturated_fraction": 1 / 3,
        }
    )


def test_saturation_is_told():
    made = simulate_elastogram(np.full((4, 4), 200.0), low=0.0, high=150.0)
    bar = ColourBar.read(made.image, low=0.0, high=150.0, unit="kPa")
    mask = disc(230, 170)
    told = shear_wave_values(decode_elastogram(made.image, bar=bar, mask=mask, opacity=1.0), mask=mask)
    assert told.saturated_fraction == 1.0


def test_strain_ratio_of_a_compressed_picture():
    # Strain 0.2 left, 0.6 right, on a scale without numbers.
    strain = np.where(np.arange(120) < 60, 0.2, 0.6) * np.ones((100, 1))
    made = simulate_elastogram(strain, low=0.0, high=1.0, colour_map="jet", opacity=0.6, jpeg_quality=90)
    bar = ColourBar.read(made.image, low=0.0, high=1.0, unit="1")
    told = decode_elastogram(made.image, bar=bar, mask=disc(170, 170) | disc(290, 170))
    ratio = strain_ratio(told, target=disc(170, 170), reference=disc(290, 170))
    assert ratio.value == pytest.approx(3.0, abs=0.1)
    assert ratio.low < 3.0 < ratio.high


def test_impossible_regions_are_named():
    with pytest.raises(FeatureError, match="colour of the bar"):
        shear_wave_values(plain([[np.nan, 1.0]]), mask=np.array([[True, False]]))
    with pytest.raises(FeatureError, match="mask is"):
        shear_wave_values(plain([[1.0, 1.0]]), mask=np.ones((2, 2), bool))
    with pytest.raises(FeatureError, match="nought"):
        strain_ratio(plain([[0.0, 1.0]]), target=np.array([[True, False]]), reference=np.array([[False, True]]))


@pytest.mark.parametrize(("speed", "density", "kpa"), [(1.0, 1000.0, 3.0), (3.0, 1000.0, 27.0), (2.0, 1060.0, 12.72)])
def test_modulus_of_a_speed_and_back(speed, density, kpa):
    assert young_modulus_kpa(speed, density_kg_m3=density) == pytest.approx(kpa)
    assert shear_wave_speed_m_s(kpa, density_kg_m3=density) == pytest.approx(speed)


def test_a_mask_of_numbers_is_a_mask(elastogram):
    made = elastogram("jet", 1.0, None)
    bar = ColourBar.read(made.image, low=0.0, high=150.0, unit="kPa")
    mask = disc(230, 170)
    one, other = (
        shear_wave_values(decode_elastogram(made.image, bar=bar, mask=m, opacity=1.0), mask=m)
        for m in (mask, mask.astype(np.uint8) * 255)
    )
    assert one == other
