"""Maps of all windows at once against the same window described by itself."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.features.texture.median_binary import REDUCED, MedianBinaryPattern
from mskus.learn.applications.nerve.maps import around, cooccurrence_maps, disc_maps, grey_maps, median_binary_maps
from mskus.learn.applications.nerve.template import Template
from mskus.learn.applications.nerve.windows import WindowSettings, describe, label_windows


@pytest.fixture(scope="module")
def frame():
    grey = np.random.default_rng(1).integers(0, 256, (60, 70)).astype(np.float32)
    return SimpleNamespace(grey=grey, smooth=grey)


WINDOW = (slice(23, 38), slice(33, 48))  # 15 x 15 around row 30, column 40


def test_median_binary_shares_are_those_of_the_window(frame):
    maps = median_binary_maps(frame, windows_px=(15,))
    codes = MedianBinaryPattern.of(frame.smooth).reduced[WINDOW]
    for number, name in enumerate(REDUCED):
        assert maps[f"mbp_{name}_15"][30, 40] == pytest.approx((codes == number).mean(), abs=1e-5)


def test_grey_mean_and_spread_are_those_of_the_window(frame):
    maps = grey_maps(frame, windows_px=(15,))
    assert maps["grey_mean_15"][30, 40] == pytest.approx(frame.grey[WINDOW].mean(), rel=1e-4)
    assert maps["grey_sd_15"][30, 40] == pytest.approx(frame.grey[WINDOW].std(), rel=1e-3)


def test_cooccurrence_is_that_of_the_window(frame):
    maps = cooccurrence_maps(frame, windows_px=(15,))
    levels = np.floor(frame.grey / 32).astype(int)
    a, b = levels[WINDOW], levels[23:38, 34:49]
    pairs = np.zeros((8, 8))
    np.add.at(pairs, (np.minimum(a, b), np.maximum(a, b)), 1 / a.size)
    assert maps["glcm_contrast_right"][30, 40] == pytest.approx(((a - b) ** 2).mean(), rel=1e-4)
    assert maps["glcm_homogeneity_right"][30, 40] == pytest.approx((1 / (1 + (a - b) ** 2)).mean(), rel=1e-4)
    assert maps["glcm_correlation_right"][30, 40] == pytest.approx(np.corrcoef(a.ravel(), b.ravel())[0, 1], abs=1e-3)
    assert maps["glcm_energy_right"][30, 40] == pytest.approx((pairs**2).sum(), rel=1e-3)
    assert maps["glcm_entropy_right"][30, 40] == pytest.approx(
        -(pairs[pairs > 0] * np.log2(pairs[pairs > 0])).sum(), rel=1e-3
    )


def test_the_disc_of_the_right_size_answers_most():
    y, x = np.mgrid[:120, :120]
    dark = np.where(np.hypot(y - 60, x - 60) < 13, 20.0, 140.0).astype(np.float32)
    answers = {name: level[60, 60] for name, level in disc_maps(SimpleNamespace(smooth=dark), windows_px=()).items()}
    assert max(answers, key=answers.get) == "disc_13"
    assert answers["disc_13"] == pytest.approx(120.0, abs=3.0)


def test_around_looks_into_eight_directions():
    level = np.zeros((11, 11), np.float32)
    level[5, 8] = 1.0  # three to the right of the middle
    assert [one[5, 5] for one in around(level, 3.0)] == [1, 0, 0, 0, 0, 0, 0, 0]


def test_nodes_and_pixels_fit(phantoms, small_windows):
    windows = describe(phantoms[0][0], settings=small_windows)
    height, width = windows.frame.grey.shape
    ramp = np.add.outer(np.arange(height), 2.0 * np.arange(width)).astype(np.float32)
    back = windows.at_pixels(np.ascontiguousarray(windows.at_nodes(ramp)))
    inside = (slice(4, height - 4), slice(4, width - 4))
    assert np.abs(back - ramp)[inside].max() < 1e-2
    assert windows.features.shape == (*windows.grid, len(windows.names))
    assert np.isfinite(windows.features).all()


def test_the_template_lies_where_the_structures_were_drawn(examples):
    template = Template.of(examples, classes=(1, 2))
    levels = template.at((40, 60))
    rows, columns = np.indices((40, 60))
    (nerve_x, nerve_y), (vessel_x, vessel_y) = (
        [float((axis * levels[..., c]).sum() / levels[..., c].sum()) for axis in (columns, rows)] for c in (0, 1)
    )
    # drawn 35 pixels of 150 left of the vessel and 12 of 110 above it
    assert vessel_x - nerve_x == pytest.approx(35 / 150 * 60, abs=2.0)
    assert vessel_y - nerve_y == pytest.approx(12 / 110 * 40, abs=2.0)
    assert not template.region_of_interest((40, 60))[-1, 0]


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"step_px": 0}, "step"),
        ({"windows_px": (8,)}, "odd"),
        ({"windows_px": ()}, "odd"),
        ({"families": ("grey", "moon")}, "moon"),
        ({"families": ()}, "family"),
    ],
)
def test_impossible_settings_are_named(choice, says):
    with pytest.raises(LearnError, match=says):
        WindowSettings(**choice)


def test_a_mask_of_another_size_is_refused(phantoms, small_windows):
    frame, mask = phantoms[0]
    with pytest.raises(LearnError, match="same picture"):
        label_windows(frame, mask[1:], group="a", classes=(1, 2), settings=small_windows)


@pytest.mark.parametrize("classes", [(), (0, 1), (1, 256), (1, 1)])
def test_impossible_classes_are_refused(phantoms, small_windows, classes):
    frame, mask = phantoms[0]
    with pytest.raises(LearnError, match="1 to 255"):
        label_windows(frame, mask, group="a", classes=classes, settings=small_windows)
