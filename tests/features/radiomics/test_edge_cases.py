"""Regions that leave features without meaning: all columns come, with the limit that is stated or NaN."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import FeatureError
from mskus.features import FeatureRegion, FeatureSettings, feature_row
from mskus.features.radiomics.discretise import discretise
from mskus.features.radiomics.glcm import glcm_matrices
from mskus.features.radiomics.glrlm import glrlm_tables
from mskus.features.radiomics.histogram import histogram_features
from mskus.features.radiomics.ngtdm import tone_differences
from mskus.features.radiomics.zones import zones

NAMES = ("first_order", "histogram", "glcm", "glrlm", "glszm", "gldzm", "gldm", "ngtdm", "shape")
HOLE = np.ones((5, 5), bool)
HOLE[2, 2] = False


def row_of(image, mask=None, **settings):
    region = FeatureRegion.of(image, mask=mask, spacing_mm=(0.1, 0.1), settings=FeatureSettings(**settings))
    return feature_row(region, names=NAMES)


def number_of_columns(row):
    return {tag: sum(name.startswith(f"{tag}_") for name in row) for tag in sorted({n.split("_")[0] for n in row})}


def test_how_many_columns_each_family_has():
    row = row_of(np.arange(100.0).reshape(10, 10))
    assert number_of_columns(row) == {
        "cm": 25, "dzm": 16, "ih": 23, "morph": 23, "ngl": 17, "ngt": 5, "rlm": 16, "stat": 18, "szm": 16
    }  # fmt: skip


@pytest.mark.parametrize("grey", [0.0, 0.1, 37.0, -5.0])
def test_limits_of_a_constant_region(grey):
    row = row_of(np.full((7, 9), grey))
    zero = ["stat_var", "stat_skew", "stat_kurt", "stat_range", "ih_entropy", "cm_joint_entr", "cm_contrast"]
    zero += ["cm_info_corr1", "cm_info_corr2", "ngt_contrast", "ngt_busyness", "ngt_complexity", "ngt_strength"]
    assert [row[name] for name in zero] == [0.0] * len(zero)
    one = ["ih_mode", "ih_uniformity", "cm_joint_max", "cm_energy", "cm_corr", "cm_inv_diff", "szm_lgze", "ngl_lgce"]
    assert [row[name] for name in one] == [1.0] * len(one)
    assert row["ngt_coarseness"] == 1e6
    assert row["szm_lze"] == 63**2
    nowhere = {name for name, value in row.items() if np.isnan(value)}
    expected = {"ih_max_grad", "ih_max_grad_g", "ih_min_grad", "ih_min_grad_g"}
    expected |= {"stat_cov", "stat_qcod", "morph_com_px", "morph_com_mm"} if grey == 0.0 else set()
    assert nowhere == (expected | {"morph_com_px", "morph_com_mm"} if grey < 0 else expected)


@pytest.mark.parametrize(
    ("image", "mask", "undefined"),
    [
        (np.array([[3.0, 9.0]]), None, {"stat_rmad", "ih_rmad"}),  # no pixel lies between the 10th and 90th percentile
        (np.array([[3.0], [9.0]]), None, {"stat_rmad", "ih_rmad"}),
        (np.arange(12.0)[None], None, set()),
        (np.arange(25.0).reshape(5, 5), HOLE, {"morph_orientation_deg"}),  # a square has no long axis
        (
            np.linspace(-1.5, 0.5, 30).reshape(5, 6),
            None,
            {"morph_com_px", "morph_com_mm"},
        ),  # brightness sums to less than nothing
    ],
    ids=["two pixels", "two rows", "one row", "hole", "negative fractions"],
)
def test_small_and_odd_regions_have_every_other_feature(image, mask, undefined):
    row = row_of(image, mask)
    assert {name for name, value in row.items() if not np.isfinite(value)} == undefined


def test_directions_without_pairs_do_not_count():
    # Of a row only the direction along it has pairs: (1, 1) and (1, 2), seen from both sides.
    row = row_of(np.array([[5.0, 5.0, 8.0]]), bin_count=2)
    assert row["cm_joint_max"] == pytest.approx(0.5)
    assert row["cm_contrast"] == pytest.approx(0.5)


def test_pixels_without_neighbours():
    mask = np.zeros((5, 5), bool)
    mask[0, 0] = mask[4, 4] = True
    row = row_of(np.arange(25.0).reshape(5, 5), mask)
    gone = [value for name, value in row.items() if name.startswith(("cm_", "ngt_"))]
    assert len(gone) == 30
    assert np.isnan(gone).all()
    assert row["szm_sze"] == row["rlm_sre"] == row["ngl_lde"] == 1.0


def test_a_pixel_without_neighbours_is_left_out_of_the_tone_differences():
    tones = tone_differences(np.array([[1, 1, 0, 3]], np.int32))
    assert tones.pixels.tolist() == [2, 0, 0]


def test_gain_and_offset_do_not_change_texture():
    image = np.random.default_rng(7).integers(0, 60, (20, 20)).astype(float)
    plain, gained = row_of(image), row_of(2.0 * image - 100.0)
    same = [name for name in plain if name.startswith(("ih_", "cm_", "rlm_", "szm_", "dzm_", "ngl_", "ngt_"))]
    assert [gained[name] for name in same] == [plain[name] for name in same]


@pytest.mark.parametrize("turned", [np.rot90, np.fliplr, np.flipud, np.transpose])
def test_quarter_turns_and_mirrors_do_not_change_texture(turned):
    random = np.random.default_rng(11)
    image, mask = random.integers(0, 255, (14, 23)), random.random((14, 23)) < 0.8
    plain, moved = row_of(image, mask), row_of(turned(image), turned(mask))
    direction = {"morph_orientation_deg", "morph_extent"}
    assert {name: moved[name] for name in moved if name not in direction} == pytest.approx(
        {name: plain[name] for name in plain if name not in direction}, rel=1e-9, abs=1e-12
    )


def test_what_lies_outside_the_region_does_not_matter():
    random = np.random.default_rng(3)
    image, mask = random.integers(0, 255, (24, 30)).astype(float), random.random((24, 30)) < 0.6
    mask[0] = mask[:, -1] = True  # touches the border
    other = np.where(mask, image, np.nan)
    kept, framed = row_of(image, mask), row_of(np.pad(other, 3), np.pad(mask, 3))
    assert framed == pytest.approx(kept, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize(
    ("image", "mask", "words"),
    [
        (np.ones((4, 4)), np.zeros((4, 4)), "is empty"),
        (np.ones((4, 4)), np.eye(4) * [1, 0, 0, 0], "one pixel only"),
        (np.array([[1.0, np.nan]]), None, "NaN or infinite"),
        (np.ones((4, 4)), np.ones((4, 5)), "give a mask to fit"),
        (np.ones((4, 4, 3)), None, "grey picture"),
    ],
)
def test_regions_that_cannot_be(image, mask, words):
    with pytest.raises(FeatureError, match=words):
        FeatureRegion.of(image, mask=mask)


@pytest.mark.parametrize("spacing", [(0.0, 0.1), (0.1, -0.1), (np.nan, 0.1), (np.inf, 0.1)])
def test_impossible_spacings(spacing):
    with pytest.raises(FeatureError, match="cannot measure"):
        FeatureRegion.of(np.ones((4, 4)), spacing_mm=spacing)


@pytest.mark.parametrize(
    ("settings", "levels"),
    [
        ({"bin_count": 4}, [[1, 1, 4], [1, 3, 4]]),
        ({"discretisation": "bin_width", "bin_width": 10.0}, [[1, 3, 8], [2, 5, 8]]),
        ({"discretisation": "bin_width", "bin_width": 10.0, "bin_origin": -20.0}, [[3, 5, 10], [4, 7, 10]]),
        ({"discretisation": "bin_width", "bin_width": 10.0, "bin_origin": None}, [[1, 2, 7], [1, 5, 8]]),
    ],
)
def test_levels_by_hand(settings, levels):
    image = np.array([[8.0, 24.0, 77.0], [10.0, 48.0, 79.0]])
    found = discretise(image, np.ones((2, 3), bool), settings=FeatureSettings(**settings))
    assert found.tolist() == levels


@pytest.mark.parametrize(
    ("image", "width", "words"),
    [([[-3.0, 8.0]], 8.0, "begin at -3, below the first bin at 0"), ([[0.0, 1e6]], 8.0, "125001 grey levels")],
)
def test_bins_of_fixed_width_that_do_not_fit(image, width, words):
    region = FeatureRegion.of(image, settings=FeatureSettings(discretisation="bin_width", bin_width=width))
    with pytest.raises(FeatureError, match=words):
        _ = region.levels


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"bin_count": 1}, "bin_count of 2"),
        ({"bin_width": 0.0}, "positive bin_width"),
        ({"bin_count": 8.5}, "bin_count of 2"),
        ({"bin_width": float("inf")}, "positive bin_width"),
        ({"bin_origin": float("nan")}, "finite bin_origin"),
        ({"distance_px": 0}, "distance_px of 1 to 50"),
        ({"distance_px": 1.5}, "distance_px of 1 to 50"),
        ({"distance_px": 1000}, "distance_px of 1 to 50"),
        ({"discretisation": "median"}, "'bin_count' or 'bin_width'"),
    ],
)
def test_settings_that_cannot_be(settings, words):
    with pytest.raises(FeatureError, match=words):
        FeatureSettings(**settings)


def test_the_mode_of_equal_bins_is_the_one_nearest_to_the_mean():
    assert histogram_features(np.array([1.0, 1.0, 4.0, 4.0, 5.0]), n_levels=5)["ih_mode"] == 4.0


def test_pairs_two_pixels_apart():
    right = glcm_matrices(np.array([[1, 2, 3, 1]], np.int32), distance=2)[0]
    assert right.tolist() == [[0, 1, 1], [1, 0, 0], [1, 0, 0]]


def test_runs_in_all_directions():
    levels = np.array([[1, 1, 1], [1, 2, 0], [1, 2, 1]], np.int32)
    lengths = [dict(zip(zip(t.level, t.size, strict=True), t.count, strict=True)) for t in glrlm_tables(levels)]
    right, down, down_right, down_left = lengths
    assert right == {(1, 3): 1, (1, 1): 3, (2, 1): 2}
    assert down == {(1, 3): 1, (1, 1): 3, (2, 2): 1}
    assert down_right == {(1, 1): 6, (2, 1): 2}
    assert down_left == {(1, 2): 1, (1, 1): 4, (2, 1): 2}


def test_zones_touch_at_corners_and_know_their_depth():
    levels = np.ones((5, 5), np.int32)
    levels[2, 2], levels[0, 0], levels[1, 1] = 3, 2, 2
    assert sorted(zip(*(part.tolist() for part in zones(levels)), strict=True)) == [(1, 22, 1), (2, 2, 1), (3, 1, 3)]
