"""The direction field and its streamlines against circles and straight lines."""

import numpy as np
import pytest

from mskus.features.fascicle_field import FascicleField, direction_density, dominant_angle_deg, fit_surface, surface
from mskus.geometry import Edge


def flat_field(coefficients, *, thickness=20.0, width=40.0):
    upper, lower = (Edge.through([[0.0, y], [width, y]]) for y in (10.0, 10.0 + thickness))
    return FascicleField(upper, lower, (0.0, width), np.asarray(coefficients, float))


@pytest.mark.parametrize("angle", [8.0, 20.0, -25.0])
def test_straight_fascicles_are_thickness_over_sine(angle):
    field = flat_field([angle, 0, 0, 0, 0, 0])
    for straight in (False, True):
        for line in field.streamlines(straight=straight):
            assert line.length_mm == pytest.approx(20.0 / abs(np.sin(np.deg2rad(angle))), rel=1e-6)
            assert line.curvature_per_m == pytest.approx(0.0, abs=1e-6)


def test_curved_fascicles_have_the_length_and_curvature_of_the_field():
    # angle falls evenly with depth: 20 - 5 v degrees, so dy = sin(angle) ds integrates in closed form
    field = flat_field([20.0, 0, -5.0, 0, 0, 0])
    a, b = np.deg2rad(25.0), np.deg2rad(15.0)
    per_depth = (a - b) / 20.0
    expected = abs(np.log(np.tan(a / 2)) - np.log(np.tan(b / 2))) / per_depth  # integral of dy / sin(angle(y))
    line = field.streamlines()[2]
    assert line.length_mm == pytest.approx(expected, rel=2e-3)
    assert line.curvature_per_m == pytest.approx(1000 * (a - b) / expected, rel=0.03)


def test_mean_angle_is_over_the_central_belly():
    assert flat_field([10, 6, 0, 0, 0, 0]).mean_angle_deg() == pytest.approx(10.0, abs=1e-6)


def test_fit_recovers_a_surface_under_outliers():
    rng = np.random.default_rng(0)
    u, v = rng.uniform(-1, 1, (2, 800))
    truth = np.array([18.0, 3.0, -2.0, 0.0, 0.0, 0.0])
    angle = surface(u, v) @ truth + rng.normal(0, 1, 800)
    angle[::5] = rng.uniform(0, 60, 160)
    found, spread = fit_surface(u, v, angle, np.ones(800))
    assert np.abs(found - truth)[:3].max() < 0.4
    assert 0.8 < spread < 2.0


def test_dominant_angle_is_not_pulled_by_lines_along_the_aponeurosis():
    rng = np.random.default_rng(1)
    angles = np.concatenate([rng.normal(0.5, 0.7, 900), rng.normal(17.0, 2.0, 500)])
    density = direction_density(angles, np.ones(1400), axis_deg=0.0)
    assert density.sum() == pytest.approx(1.0)
    assert dominant_angle_deg(density, axis_deg=0.0) == pytest.approx(17.0, abs=0.5)
    nothing = direction_density(np.array([80.0]), np.ones(1), axis_deg=0.0)
    assert np.isnan(dominant_angle_deg(nothing, axis_deg=0.0))
