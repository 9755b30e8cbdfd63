from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import FeatureError
from mskus.features.elastography import ColourBar, decode_elastogram
from mskus.simulate.elastogram import BOX, SCREEN, simulate_elastogram

BOX_MASK = np.zeros(SCREEN, bool)
BOX_MASK[BOX.slices] = True


def bar_of(image):
    return ColourBar.read(image, low=0.0, high=150.0, unit="kPa")


# Root mean square error in per cent of the bar's range, without compression and as JPEG of quality 75.
@pytest.mark.parametrize(("quality", "limit"), [(None, 0.5), (75, 3.2)])
@pytest.mark.parametrize("beside", [True, False], ids=["with grey picture", "alone"])
@pytest.mark.parametrize("opacity", [1.0, 0.4])
@pytest.mark.parametrize("colour_map", ["jet", "turbo", "viridis", "coolwarm"])
def test_values_are_read_back(elastogram, colour_map, opacity, beside, quality, limit):
    made = elastogram(colour_map, opacity, quality)
    told = decode_elastogram(
        made.image,
        bar=bar_of(made.image),
        mask=BOX_MASK,
        bmode=made.bmode if beside else None,
        opacity=opacity,
    )
    off = (told.values - made.values)[BOX_MASK]
    assert np.isfinite(off).mean() > 0.98
    assert np.sqrt(np.nanmean(off**2)) < limit / 100 * 150
    # The stated error is of the size of the real one.
    ratio = np.nanmedian(np.abs(off)) / (0.6745 * np.nanmedian(told.standard_error))
    assert 0.2 < ratio < 2.5


@pytest.mark.parametrize("beside", [True, False], ids=["with grey picture", "alone"])
@pytest.mark.parametrize("opacity", [1.0, 0.7, 0.4])
@pytest.mark.parametrize("colour_map", ["jet", "turbo"])
def test_opacity_is_found(elastogram, colour_map, opacity, beside):
    made = elastogram(colour_map, opacity, 90)
    told = decode_elastogram(made.image, bar=bar_of(made.image), mask=BOX_MASK, bmode=made.bmode if beside else None)
    assert told.opacity == pytest.approx(opacity, abs=0.03)


def test_opacity_that_cannot_be_told_is_asked_for(elastogram):
    # To either side of white there is one hue: a faint colour is a middle value or a thin overlay.
    made = elastogram("RdBu", 0.6, 90)
    with pytest.raises(FeatureError, match="give it, or the grey picture"):
        decode_elastogram(made.image, bar=bar_of(made.image), mask=BOX_MASK)


def test_grey_and_foreign_colours_have_no_value(elastogram):
    made = elastogram("jet")
    image = made.image.copy()
    image[100:110, 150:160] = 180  # a grey caliper
    image[120:130, 150:160] = (255, 0, 255)  # magenta is not in jet
    told = decode_elastogram(image, bar=bar_of(image), mask=BOX_MASK, opacity=1.0).values
    assert np.isnan(told[100:110, 150:160]).all()
    assert np.isnan(told[120:130, 150:160]).all()
    assert np.isnan(told[~BOX_MASK]).all()
    assert np.isfinite(told[140:200, 150:160]).all()


@pytest.mark.parametrize(
    ("mask", "options", "words"),
    [
        (np.zeros(SCREEN, bool), {}, "No pixel of the region has a colour"),
        (BOX_MASK, {"opacity": 0.0}, "not between"),
        (BOX_MASK, {"opacity": 1.5}, "not between"),
        (BOX_MASK[1:], {}, "mask is"),
        (BOX_MASK, {"bmode": np.zeros((9, 9), np.uint8)}, "grey picture is"),
    ],
)
def test_impossible_input_is_named(elastogram, mask, options, words):
    image = elastogram("jet").image
    with pytest.raises(FeatureError, match=words):
        decode_elastogram(image, bar=bar_of(image), mask=mask, **options)


@pytest.mark.parametrize("opacity", [None, 1.0, 0.5])
def test_a_region_of_the_grey_picture_is_named(elastogram, opacity):
    image = elastogram("jet").image
    outside = np.zeros(SCREEN, bool)
    outside[80:120, 50:90] = True
    with pytest.raises(FeatureError, match="No pixel of the region has a colour"):
        decode_elastogram(image, bar=bar_of(image), mask=outside, opacity=opacity)


def test_a_grey_picture_is_named(elastogram):
    image = elastogram("jet").image
    with pytest.raises(FeatureError, match="colour picture"):
        decode_elastogram(image[..., 0], bar=bar_of(image), opacity=1.0)


def test_the_white_middle_of_a_bar_is_a_value():
    made = simulate_elastogram(np.full((4, 4), 75.0), low=0.0, high=150.0, colour_map="RdBu")
    told = decode_elastogram(made.image, bar=bar_of(made.image), mask=BOX_MASK, opacity=1.0)
    assert told.values[BOX_MASK] == pytest.approx(75.0, abs=1.0)
