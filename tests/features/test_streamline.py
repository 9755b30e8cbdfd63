from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import MskusError
from mskus.features import OrientationField, trace_streamline


def constant_field(angle_deg, *, aspect=1.0, shape=(100, 200)):
    return OrientationField(np.full(shape, angle_deg, np.float32), np.ones(shape, np.float32), aspect)


def circle_field(centre_xy, *, aspect=1.0, shape=(200, 300)):
    """Directions of circles about a centre, in millimetre geometry."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(float)
    x, y = columns - centre_xy[0], (rows - centre_xy[1]) * aspect
    angle = np.degrees(np.arctan2(x, y))
    angle = np.where(angle > 90, angle - 180, np.where(angle <= -90, angle + 180, angle))
    return OrientationField(angle.astype(np.float32), np.ones(shape, np.float32), aspect)


@pytest.mark.parametrize("aspect", [1.0, 0.5, 1.6])
def test_straight_line_between_two_edges_beyond_the_picture(aspect):
    # 60 px of height = 60 * aspect columns; at 20 degrees the length is that over sin 20, far wider than the picture.
    edges = ([(0, 20), (199, 20)], [(0, 80), (199, 80)])
    line = trace_streamline(constant_field(20.0, aspect=aspect), (100, 50), until=edges)
    assert line.reached == (True, True)
    assert line.length() == pytest.approx(60 * aspect / np.sin(np.radians(20)), rel=1e-6)
    assert line.points[0, 1] == pytest.approx(80)
    assert line.points[-1, 1] == pytest.approx(20)
    assert line.length(0.1) == pytest.approx(0.1 * line.length())
    assert line.curvature_per_m(0.1) == pytest.approx(0.0, abs=1e-6)


def test_edges_go_straight_on_beyond_their_ends():
    edges = ([(80, 28), (120, 30)], [(80, 70), (120, 70)])
    line = trace_streamline(constant_field(5.0), (100, 50), until=edges)
    x, y = line.points[-1]
    assert x > 200
    assert y == pytest.approx(30 + 0.05 * (x - 120), abs=1e-6)


@pytest.mark.parametrize("aspect", [1.0, 0.5])
def test_circle_keeps_its_radius_and_curvature(aspect):
    field = circle_field((150.0, 600.0), aspect=aspect)
    line = trace_streamline(field, (150.0, 100.0))
    radius = np.hypot(line.points[:, 0] - 150.0, (line.points[:, 1] - 600.0) * aspect)
    assert radius == pytest.approx(np.full(len(radius), 500.0 * aspect), rel=1e-4)
    # At 0.1 mm a column the radius is 50 mm (25 mm at half height): 20 (40) per metre.
    assert line.curvature_per_m(0.1) == pytest.approx(20.0 / aspect, rel=0.01)


def test_an_edge_never_met_is_said():
    edges = ([(0, 20), (199, 20)], [(0, 80), (199, 80)])
    line = trace_streamline(constant_field(0.0), (100, 50), until=edges, longest_px=150)
    assert line.reached == (False, False)


def test_without_edges_the_line_ends_at_the_border():
    line = trace_streamline(constant_field(0.0), (100, 50))
    assert line.points[:, 0].min() == pytest.approx(0.0, abs=1.0)
    assert line.points[:, 0].max() == pytest.approx(199.0, abs=1.0)


@pytest.mark.parametrize("edge", [[(0, 1)], [(3, 1), (3, 2)], [(5, 1), (2, 1)]])
def test_impossible_edges_are_named(edge):
    with pytest.raises(MskusError, match="x ascending"):
        trace_streamline(constant_field(0.0), (100, 50), until=(edge, edge))
