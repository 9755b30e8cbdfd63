"""Matter and space are each other's inverse, and the field is the image of the field at rest."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.simulate import random_muscle
from mskus.simulate.curve import Curve, SampledCurve
from mskus.simulate.kinematics import MuscleState
from mskus.simulate.mapping import to_material, to_space


def test_curve_by_hand():
    curve = Curve(centre_x_mm=10.0, depth_mm=5.0, angle_deg=45.0, bow_mm=2.0, half_mm=10.0)
    assert curve(10.0) == pytest.approx(5.0)
    assert curve(20.0) == pytest.approx(5.0 - 10.0 + 2.0)  # rises to the right by 10, bow adds 2
    assert curve.slope(20.0) == pytest.approx(-1.0 + 0.4)


@pytest.mark.parametrize("contraction", [0.0, 0.4, 1.0])
def test_compiled_map_equals_the_formula(contraction):
    anatomy = random_muscle(np.random.default_rng(11), width_mm=45.0, depth_mm=55.0)
    state = MuscleState(anatomy, contraction)
    rng = np.random.default_rng(0)
    rest = rng.uniform(-5, 50, 500).astype(np.float32)
    v = rng.uniform(-1, 6, 500).astype(np.float32)
    x, y = to_space(state, x_mm=rest, v=v)
    expected_x, expected_y = state.place(rest, v)
    assert x == pytest.approx(expected_x, abs=1e-4)
    assert y == pytest.approx(expected_y, abs=0.01)


def test_material_is_the_inverse_at_rest():
    anatomy = random_muscle(np.random.default_rng(2), width_mm=45.0, depth_mm=55.0)
    x = np.linspace(0.0, 45.0, 400)
    y = np.linspace(0.5, 54.0, 400)[::-1].copy()
    tables = {
        "top": SampledCurve(anatomy.superficial, low_mm=-1.0, high_mm=46.0),
        "bottom": SampledCurve(anatomy.deep, low_mm=-1.0, high_mm=46.0),
    }
    v = to_material(x, y_mm=y, **tables)
    back_x, back_y = MuscleState(anatomy).place(x, v)
    assert back_x == pytest.approx(x)
    assert back_y == pytest.approx(y, abs=0.01)


@pytest.mark.parametrize("seed", [1, 5, 9])
def test_contracted_field_is_the_image_of_the_resting_field(seed):
    """Carry a short step along the resting field through the contraction: its direction is the new field's."""
    anatomy = random_muscle(np.random.default_rng(seed), width_mm=45.0, depth_mm=55.0)
    rest, now = MuscleState(anatomy), MuscleState(anatomy, 0.8)
    x, v = np.linspace(8.0, 37.0, 30), np.linspace(0.05, 0.95, 30)
    px, py = rest.place(x, v)
    angle = np.deg2rad(rest.orientation_deg(px, py))
    ends = []
    for sign in (-0.5, 0.5):
        qx, qy = px + sign * 1e-3 * np.cos(angle), py - sign * 1e-3 * np.sin(angle)
        top = anatomy.superficial(qx)
        ends.append(now.place(qx, (qy - top) / (anatomy.deep(qx) - top)))
    (x0, y0), (x1, y1) = ends
    carried = np.rad2deg(np.arctan(-(y1 - y0) / (x1 - x0)))
    assert now.orientation_deg(*now.place(x, v)) == pytest.approx(carried, abs=0.01)
