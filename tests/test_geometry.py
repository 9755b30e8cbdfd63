"""Lines, edges and axial angles against values by hand."""

import numpy as np
import pytest

from mskus.geometry import (
    Edge,
    Line,
    axial_difference_deg,
    axial_mean_deg,
    distance_along,
    pixel_angle_deg,
    polygon_area,
    spacing_angle_deg,
    to_mm,
)


@pytest.mark.parametrize(
    ("spacing", "expected"),
    [((0.1, 0.1), 45.0), ((0.1, 0.2), 63.4349488), ((0.2, 0.1), 26.5650512)],
)
def test_angle_of_a_pixel_diagonal_depends_on_the_spacing(spacing, expected):
    points = to_mm([[0, 10], [10, 0]], spacing)  # rises to the right by one row a column
    assert Line.fit(points).angle_deg == pytest.approx(expected)
    assert float(spacing_angle_deg(45.0, spacing[1] / spacing[0])) == pytest.approx(expected)
    assert float(pixel_angle_deg(expected, spacing[1] / spacing[0])) == pytest.approx(45.0)


@pytest.mark.parametrize(("a", "b", "expected"), [(10, 5, 5), (89, -89, -2), (-89, 89, 2), (0, 90, 90)])
def test_axial_difference(a, b, expected):
    assert axial_difference_deg(a, b) == pytest.approx(expected)


def test_axial_mean_weighs_and_wraps():
    assert axial_mean_deg([80.0, -80.0]) == pytest.approx(90.0)
    assert axial_mean_deg([0.0, 40.0], [1.0, 0.0]) == pytest.approx(0.0)
    assert np.isnan(axial_mean_deg([1.0], [0.0]))


def test_edge_is_interpolated_inside_and_straight_outside():
    edge = Edge.through([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0], [3.0, 1.0]])
    assert edge.y(0.5) == pytest.approx(0.5)
    assert edge.y(10.0) == pytest.approx(edge.line.y(10.0))
    assert edge.line.slope == pytest.approx(0.2)  # by hand: sum dx dy / sum dx^2 = 1 / 5


def test_distance_along_a_tilted_ray():
    flat = Edge.through([[0.0, 10.0], [100.0, 10.0]])
    assert distance_along([0, 0], [0.6, 0.8], flat, reach=50.0) == pytest.approx(12.5)
    assert np.isnan(distance_along([0, 0], [0.0, -1.0], flat, reach=50.0))


def test_polygon_area_in_unequal_spacing():
    assert polygon_area(to_mm([[0, 0], [10, 0], [10, 20], [0, 20]], (0.1, 0.25))) == pytest.approx(5.0)
