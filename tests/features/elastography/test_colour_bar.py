from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.clip import Region
from mskus.errors import FeatureError
from mskus.features.elastography import ColourBar, find_colour_bar
from mskus.simulate.elastogram import BAR

MAPS = ("jet", "turbo", "viridis", "plasma", "coolwarm", "RdBu")


@pytest.mark.parametrize("quality", [None, 75])
@pytest.mark.parametrize("opacity", [1.0, 0.5])
@pytest.mark.parametrize("colour_map", MAPS)
def test_bar_is_found(elastogram, colour_map, opacity, quality):
    place = find_colour_bar(elastogram(colour_map, opacity, quality).image)
    assert place.x == pytest.approx(BAR.x, abs=2)
    assert place.w == pytest.approx(BAR.w, abs=3)
    assert (place.y, place.h) == pytest.approx((BAR.y, BAR.h), abs=1)


def test_a_level_bar_is_found(elastogram):
    place = find_colour_bar(np.ascontiguousarray(elastogram().image.transpose(1, 0, 2)))
    assert (place.x, place.y, place.w, place.h) == (BAR.y, BAR.x, BAR.h, BAR.w)


@pytest.mark.parametrize(("high_at", "first"), [("top", (0, 0, 128)), ("bottom", (128, 0, 0))])
def test_colours_run_from_low_to_high(elastogram, high_at, first):
    bar = ColourBar.read(elastogram().image, low=0.0, high=150.0, unit="kPa", high_at=high_at)
    assert tuple(bar.colours[0]) == pytest.approx(first, abs=5)
    assert bar.values[[0, -1]].tolist() == pytest.approx([150 / 360, 150 - 150 / 360])


def test_a_picture_without_a_bar_is_named(elastogram):
    image = elastogram().image.copy()
    image[:, 440:] = 0
    with pytest.raises(FeatureError, match="No colour bar was found"):
        find_colour_bar(image)
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    with pytest.raises(FeatureError, match="No colour bar was found"):
        find_colour_bar(grey)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"low": 150.0, "high": 0.0}, "lower value first"),
        ({"low": 0.0, "high": float("nan")}, "lower value first"),
        ({"low": 0.0, "high": 9.0, "region": Region(900, 900, 10, 90)}, "outside the picture"),
        ({"low": 0.0, "high": 9.0, "region": Region(470, 60, 5, 6)}, "eight RGB colours"),
    ],
)
def test_impossible_bars_are_named(elastogram, options, words):
    with pytest.raises(FeatureError, match=words):
        ColourBar.read(elastogram().image, unit="kPa", **options)


def test_a_grey_picture_is_named():
    with pytest.raises(FeatureError, match="colour picture"):
        find_colour_bar(np.zeros((50, 60), np.uint8))
