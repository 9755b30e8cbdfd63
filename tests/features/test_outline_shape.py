"""Outlines measured: shapes of which every value is known."""

import numpy as np
import pytest

from mskus.errors import FeatureError
from mskus.features.outline_shape import outline_gap, outline_shape

T = np.linspace(0.0, 2.0 * np.pi, 720, endpoint=False)


def ellipse(long_mm, short_mm, angle_deg, centre):
    turn = np.deg2rad(angle_deg)
    x, y = long_mm / 2 * np.cos(T), short_mm / 2 * np.sin(T)
    return np.stack([x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)], axis=1) + centre


@pytest.mark.parametrize("clockwise", [True, False])
@pytest.mark.parametrize(("long_mm", "short_mm", "angle_deg"), [(6.0, 4.0, 0.0), (9.0, 3.0, 35.0), (5.0, 5.0, 0.0)])
def test_an_ellipse_has_its_own_diameters_area_and_centre(long_mm, short_mm, angle_deg, clockwise):
    points = ellipse(long_mm, short_mm, angle_deg, (20.0, 12.0))
    found = outline_shape(points if clockwise else points[::-1])
    assert found.area == pytest.approx(np.pi * long_mm * short_mm / 4.0, rel=1e-4)
    assert found.long_diameter == pytest.approx(long_mm, rel=1e-4)
    assert found.short_diameter == pytest.approx(short_mm, rel=1e-4)
    assert found.centroid == pytest.approx((20.0, 12.0))


def test_a_circle_is_circular_and_a_square_less_so():
    assert outline_shape(ellipse(4.0, 4.0, 0.0, (0.0, 0.0))).circularity == pytest.approx(1.0, abs=1e-4)
    assert outline_shape([(0, 0), (2, 0), (2, 2), (0, 2)]).circularity == pytest.approx(np.pi / 4.0)


def test_a_rectangle_by_hand():
    found = outline_shape([(1, 1), (7, 1), (7, 3), (1, 3)])
    assert (found.area, found.perimeter, found.centroid) == (12.0, 16.0, (4.0, 2.0))
    # variance of a uniform side a is a^2 / 12, the diameter four standard deviations
    assert found.long_diameter == pytest.approx(4.0 * 6.0 / np.sqrt(12.0))
    assert found.short_diameter == pytest.approx(4.0 * 2.0 / np.sqrt(12.0))


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ([(0, 0), (1, 1)], "three finite corners"),
        ([(0, 0), (1, np.nan), (2, 0)], "three finite corners"),
        ([(0, 0), (1, 1), (2, 2)], "encloses no area"),
        ([(3, 3), (3, 3), (3, 3)], "encloses no area"),
    ],
)
def test_what_is_no_outline_is_named(points, sentence):
    with pytest.raises(FeatureError, match=sentence):
        outline_shape(points)


@pytest.mark.parametrize(
    ("shift", "gap"), [((5.0, 0.0), 3.0), ((5.0, 6.0), 5.0), ((1.0, 1.0), 0.0), ((2.0, 0.0), 0.0), ((0.0, 0.0), 0.0)]
)
def test_the_gap_of_two_boxes(shift, gap):
    box = np.array([(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)])
    assert outline_gap(box, box + shift) == pytest.approx(gap)
    assert outline_gap(box + shift, box) == pytest.approx(gap)


def test_an_outline_within_another_has_no_gap():
    assert outline_gap(ellipse(8.0, 8.0, 0.0, (0, 0)), ellipse(2.0, 2.0, 0.0, (1, 0))) == 0.0
