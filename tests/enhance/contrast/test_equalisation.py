from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.enhance import enhance, methods
from mskus.enhance.contrast import entropy_bits, mean_brightness_error, rms_contrast
from mskus.enhance.contrast.levels import equalised, mean_level, median_level, split
from mskus.errors import EnhanceError

GLOBAL = ("he", "bbhe", "dsihe", "rmshe", "rsihe", "mmbebhe", "mborbhe", "gamma", "dynamic_range")
FOUR = np.array([4.0, 2, 1, 1])  # pixels at levels 0-3: mean 0.875, median level 0


@pytest.mark.parametrize(
    ("counts", "starts", "table"),
    [
        (FOUR, (0,), [1.5, 2.25, 2.625, 3.0]),  # 3 * (4, 6, 7, 8) / 8
        (FOUR, (0, 1), [0.0, 2.0, 2.5, 3.0]),  # 0 alone; 1 + 2 * (2, 3, 4) / 4
        (FOUR, (0, 2), [2 / 3, 1.0, 2.5, 3.0]),  # 1 * (4, 6) / 6; 2 + (1, 2) / 2
        (np.array([0.0, 8, 0, 0]), (0,), [0.0, 1.0, 2.0, 3.0]),  # one level: nothing to equalise
        (np.array([0.0, 0, 3, 1]), (0, 2), [0.0, 1.0, 2.75, 3.0]),  # an empty part stays
    ],
)
def test_parts_by_hand(counts, starts, table):
    assert equalised(counts, starts=starts) == pytest.approx(table)


@pytest.mark.parametrize(
    ("cut", "levels", "starts"),
    [
        (mean_level, 0, (0,)),
        (mean_level, 1, (0, 1)),
        (mean_level, 2, (0, 1, 2)),  # the upper part 2, 1, 1 has its mean at its level 0.75
        (median_level, 2, (0, 1, 2)),
    ],
)
def test_where_a_histogram_is_cut(cut, levels, starts):
    assert split(FOUR, cut=cut, levels=levels) == starts


def test_four_levels_through_the_front_door():
    picture = np.repeat([0.0, 0, 0, 0, 1, 1, 2, 3], 2).reshape(4, 4)
    assert np.unique(enhance(picture, method="he")) == pytest.approx([127.5, 191.25, 223.125, 255.0])
    # mean level 0, so the rest spreads over 1 .. 255
    assert np.unique(enhance(picture, method="bbhe")) == pytest.approx([0.0, 128.0, 191.5, 255.0])


@pytest.mark.parametrize("name", GLOBAL)
def test_no_order_is_reversed(speckled, name):
    ramp = np.repeat(np.arange(256.0)[None], 4, axis=0)
    picture = np.concatenate([ramp, np.resize(speckled, (75, 256))])
    steps = np.diff(enhance(picture, method=name)[0])
    assert steps.min() >= -1e-4
    assert steps.max() > 0


@pytest.mark.parametrize("name", [*methods("contrast")])
@pytest.mark.parametrize("level", [0.0, 93.0, 255.0])
def test_one_grey_level_stays(name, level):
    result = enhance(np.full((40, 50), level), method=name)
    assert np.ptp(result) == 0
    if name not in ("gamma", "dynamic_range"):
        assert result[0, 0] == level


@pytest.mark.parametrize("name", [*methods("contrast")])
def test_result_is_a_picture(speckled, name):
    result = enhance(speckled, method=name)
    assert result.shape == (120, 160)
    assert result.dtype == np.float32
    assert result.min() >= 0
    assert result.max() <= 255


@pytest.mark.parametrize(
    ("name", "levels", "at_most"),
    # the mean of a dark, nearly symmetric picture (70) goes to the middle (127.5), then half, a quarter ... of the way
    [
        ("he", None, 60.0),
        ("bbhe", None, 32.0),
        ("rmshe", 2, 17.0),
        ("rmshe", 3, 9.0),
        ("rmshe", 6, 1.5),
        ("mmbebhe", None, 1.0),
    ],
)
def test_brightness_is_kept_within_bounds(speckled, name, levels, at_most):
    result = enhance(speckled, method=name, **({} if levels is None else {"levels": levels}))
    assert mean_brightness_error(speckled, result) < at_most


def test_plain_equalisation_loses_the_brightness(speckled):
    assert mean_brightness_error(speckled, enhance(speckled, method="he")) > 50


@pytest.mark.parametrize(("deep", "flat"), [("rmshe", "bbhe"), ("rsihe", "dsihe")])
def test_recursion_begins_with_one_cut(speckled, deep, flat):
    assert np.array_equal(enhance(speckled, method=deep, levels=1), enhance(speckled, method=flat))
    assert np.array_equal(enhance(speckled, method=deep, levels=0), enhance(speckled, method="he"))


def test_equalisation_agrees_with_opencv_where_every_level_is_taken():
    picture = np.arange(256, dtype=np.uint8).repeat(4).reshape(32, 32)
    ours = enhance(picture, method="he")
    # OpenCV subtracts the darkest bin; with 256 equal bins that is one grey level at most
    assert np.abs(ours - cv2.equalizeHist(picture)).max() <= 1.0


def test_levels_between_whole_ones_are_interpolated(speckled):
    half = speckled.copy()
    speckled[0, 0], half[0, 0] = 70, 70.5
    whole = enhance(speckled, method="he")
    table = {g: float(whole[speckled == g][0]) for g in (70, 71)}
    assert enhance(half, method="he")[0, 0] == pytest.approx((table[70] + table[71]) / 2, abs=0.2)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("rmshe", {"levels": -1}, "levels = -1"),
        ("rsihe", {"levels": 2.5}, "whole number for levels, not 2.5"),
        ("mborbhe", {"beta": 0}, "beta = 0"),
        ("mborbhe", {"weights": (1, -1, 1)}, "none negative"),
        ("gamma", {"exponent": 0}, "exponent = 0"),
        ("dynamic_range", {"to_db": 0}, "60 to 0 dB"),
        ("dynamic_range", {"anchor": 300}, "anchor = 300"),
        ("clahe", {"clip": 0}, "clip = 0"),
        ("clahe", {"tiles": 0}, "tiles = 0"),
        ("clahe", {"tiles": 2.5}, "whole number for tiles, not 2.5"),
        ("clahe", {"tile_mm": 5}, "needs the scale"),
        ("depth_gain", {"degree": 9}, "degree = 9"),
        ("depth_gain", {"attenuation_db_per_cm_mhz": 0.5}, "needs frequency_mhz and the scale"),
        ("he", {"levels": 2}, "no parameter 'levels'"),
    ],
)
def test_what_cannot_be_asked_for(speckled, name, parameters, message):
    with pytest.raises(EnhanceError, match=message):
        enhance(speckled, method=name, **parameters)


def test_scores_by_hand():
    picture = np.array([[0.0, 0, 50, 50], [100, 100, 150, 150], [0, 50, 100, 150]])
    assert entropy_bits(picture) == pytest.approx(2.0)  # four levels, three pixels each
    assert rms_contrast(picture) == pytest.approx(np.sqrt(3125.0))
    assert mean_brightness_error(picture, picture[::-1] + 5) == pytest.approx(5.0)
