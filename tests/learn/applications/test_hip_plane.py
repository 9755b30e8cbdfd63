"""Descriptions of a hip on drawn pictures and on the public set; the classifier's road."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.learn.applications.hip_landmarks import find_landmarks, normalised
from mskus.learn.applications.hip_plane import (
    edge_histograms,
    fit_hip_plane,
    hip_table,
    landmark_features,
    share_among_first,
)
from mskus.learn.manifest import read_manifest


def drawn(*, tilt_deg=0.0, ilium=True, lower_limb=True, head=True, scale=1):
    """A hip of strokes on soft tissue: ilium at row 120, roof at 60 deg, head, lower limb."""
    image = np.full((256, 256), 90, np.uint8)
    image[120:] = 25
    image += np.random.default_rng(0).integers(0, 8, image.shape, dtype=np.uint8)
    if ilium:
        rise = int(80 * np.tan(np.deg2rad(tilt_deg)))
        polygon = np.array([[0, 120], [80, 120 - rise], [80, 255], [0, 255]])
        cv2.fillPoly(image, [polygon], 12)
        cv2.line(image, (0, 120), (80, 120 - rise), 250, 5)
        cv2.line(image, (80, 120), (102, 158), 230, 5)
    if head:
        cv2.circle(image, (135, 125), 40, 120, 6)
        cv2.circle(image, (135, 125), 37, 20, -1)
    if lower_limb:
        cv2.circle(image, (140, 190), 8, 220, -1)
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def test_a_level_ilium_is_found_where_it_lies():
    found = landmark_features(drawn())
    assert found["hip_ilium_level"] == pytest.approx(120 / 256, abs=0.02)
    assert found["hip_ilium_angle"] < 2.0
    assert found["hip_ilium_roughness"] < 1.5


def test_a_tilted_ilium_has_its_angle():
    assert landmark_features(drawn(tilt_deg=15.0))["hip_ilium_angle"] == pytest.approx(15.0, abs=3.0)


@pytest.mark.parametrize(
    ("missing", "name"),
    [("ilium", "hip_ilium_strength"), ("lower_limb", "hip_lower_limb"), ("head", "hip_head_roundness")],
)
def test_a_landmark_that_is_missing_lowers_its_number(missing, name):
    whole, part = landmark_features(drawn()), landmark_features(drawn(**{missing: False}))
    assert part[name] < 0.7 * whole[name]


def test_the_roofs_angle_is_found():
    assert landmark_features(drawn(head=False))["hip_roof_angle"] == pytest.approx(60.0, abs=10.0)


def test_landmarks_lie_where_they_were_drawn():
    found = find_landmarks(normalised(drawn()))
    assert found.level == pytest.approx(120, abs=4)
    assert np.hypot(found.head_centre[0] - 135, found.head_centre[1] - 125) < 9
    assert found.head_radius == pytest.approx(38, abs=6)


@pytest.mark.parametrize("describe", [landmark_features, edge_histograms])
def test_gain_and_size_hardly_matter(describe):
    image = drawn()
    plain, other = describe(image), describe((0.6 * drawn(scale=2)).astype(np.uint8))
    for name, value in plain.items():
        if not name.endswith(("_angle", "_radius", "_level")):
            assert other[name] == pytest.approx(value, abs=0.16), name


@pytest.mark.parametrize("describe", [landmark_features, edge_histograms])
def test_burned_in_ruler_is_not_seen(describe):
    marked = drawn()
    marked[2:6, 20:240:40] = 255
    assert describe(marked) == pytest.approx(describe(drawn()), abs=1e-3)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.full((256, 256), 9.0), "constant"),
        (np.full((256, 256), np.nan), "NaN"),
        (np.zeros((20, 256)), "at least 64 x 64"),
        (np.zeros((256, 256, 3)), "grey picture"),
    ],
)
def test_impossible_pictures_are_refused(image, words):
    with pytest.raises(LearnError, match=words):
        landmark_features(image)


def test_share_among_the_first_by_hand():
    judged = SimpleNamespace(
        y=np.array([0, 1, 2, 2]),
        patients=np.array(["a", "b", "c", "d"]),
        by_repeat=np.array([[[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]]),
    )
    assert share_among_first(judged, 1).value == 0.5
    assert share_among_first(judged, 2).value == 0.75
    assert share_among_first(judged, 3).value == 1.0


@pytest.fixture(scope="module")
def hips(request):
    folder = request.getfixturevalue("mskus_data") / "hip" / "standard_plane"
    return read_manifest(folder / "manifest.csv")


def test_unknown_description_is_named(hips):
    with pytest.raises(LearnError, match="no description 'shape'"):
        hip_table(hips, descriptions=("shape",))


def test_public_set_is_better_than_chance_and_the_model_comes_back(hips, tmp_path):
    from mskus.learn.classical import load_model, predict_table

    result = fit_hip_plane(hips, descriptions=("landmarks",), repeats=1, positive="1")
    assert set(result.columns) == set(landmark_features(drawn()))
    assert result.scores["AUC"].low > 0.55
    result.save(tmp_path / "plane")
    table = hip_table(hips[:4])
    again = predict_table(load_model(tmp_path / "plane"), table)
    assert again["probability_1"].to_numpy() == pytest.approx(predict_table(result.model, table)["probability_1"])
