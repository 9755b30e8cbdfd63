from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.errors import MskusError
from mskus.features import gabor_orientation

ANGLES = (-35.0, -20.0, -8.0, 0.0, 5.0, 14.0, 22.0, 35.0)


@pytest.mark.parametrize("aspect", [1.0, 0.7, 1.4])
@pytest.mark.parametrize("angle_deg", ANGLES)
def test_mean_angle_of_lines_in_speckle(oblique_lines, angle_deg, aspect):
    field = gabor_orientation(oblique_lines(angle_deg, aspect=aspect, noise=0.4, seed=3), aspect=aspect)
    assert field.mean_angle_deg() == pytest.approx(angle_deg, abs=0.5)


def test_between_the_bins_without_noise(oblique_lines):
    picture = oblique_lines(12.3, noise=0.0, seed=1)
    assert gabor_orientation(picture).mean_angle_deg() == pytest.approx(12.3, abs=0.15)


def test_dense_map_follows_a_change_of_direction(oblique_lines):
    picture = np.hstack([oblique_lines(20.0, noise=0.6), oblique_lines(-10.0, noise=0.6, seed=1)])
    field = gabor_orientation(picture)
    assert field.angle_deg.shape == field.confidence.shape == picture.shape
    assert field.angle_deg.dtype == field.confidence.dtype == np.float32
    left, right = np.zeros(picture.shape, bool), np.zeros(picture.shape, bool)
    left[:, 60:400], right[:, 560:900] = True, True
    assert field.mean_angle_deg(left) == pytest.approx(20.0, abs=0.7)
    assert field.mean_angle_deg(right) == pytest.approx(-10.0, abs=0.7)


def test_a_bright_aponeurosis_outside_the_mask_has_no_say(oblique_lines):
    picture = oblique_lines(18.0, noise=0.6).copy()
    cv2.line(picture, (0, 40), (479, 20), 255, 9)
    mask = np.zeros(picture.shape, bool)
    mask[55:] = True
    assert gabor_orientation(picture, mask=mask).mean_angle_deg(mask) == pytest.approx(18.0, abs=0.5)


def test_flat_speckle_alone_is_drawn_less_to_the_horizontal(oblique_lines):
    speckle = oblique_lines(0.0, bright=0.0, seed=4)

    def flatness(**options):
        field = gabor_orientation(speckle, **options)
        return np.average(np.cos(np.radians(2 * field.angle_deg)), weights=field.confidence)

    assert flatness(lateral_sigma_px=0.0) > 0.8
    assert flatness() < 0.7


def test_a_flat_picture_has_no_orientation():
    field = gabor_orientation(np.full((64, 96), 80, np.uint8))
    assert field.confidence.max() == 0.0
    assert np.isnan(field.mean_angle_deg())


@pytest.mark.parametrize(
    ("image", "options", "words"),
    [
        (np.zeros((4, 5, 3), np.uint8), {}, "uint8 picture"),
        (np.zeros((40, 50)), {}, "uint8 picture"),
        (np.zeros((40, 50), np.uint8), {"mask": np.ones((40, 49), bool)}, "same size"),
        (np.zeros((40, 50), np.uint8), {"aspect": 0.0}, "as high as wide"),
    ],
)
def test_impossible_input_is_named(image, options, words):
    with pytest.raises(MskusError, match=words):
        gabor_orientation(image, **options)
