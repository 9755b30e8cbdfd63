"""Thickness, pennation and length by hand, in square and in unequal pixels."""

import numpy as np
import pytest

from mskus.exams.muscle.architecture import measure_edges, measure_fascicles, thickness_lines
from mskus.features.fascicle_field import FascicleField
from mskus.geometry import Edge, to_mm


def edges(spacing, *, tilt_deg, thickness_mm, width_mm=40.0):
    """Two parallel edges, made in pixels of that spacing and brought back to mm."""
    x_px = np.linspace(0, width_mm / spacing[0], 33)
    slope = -np.tan(np.deg2rad(tilt_deg))
    found = []
    for offset in (8.0, 8.0 + thickness_mm / np.cos(np.deg2rad(tilt_deg))):
        y_px = (offset + slope * x_px * spacing[0]) / spacing[1]
        found.append(Edge.through(to_mm(np.stack([x_px, y_px], axis=1), spacing)))
    return found


@pytest.mark.parametrize("spacing", [(0.1, 0.1), (0.05, 0.12)])
@pytest.mark.parametrize("tilt", [0.0, -7.0, 12.0])
def test_parallel_muscle(spacing, tilt):
    upper, lower = edges(spacing, tilt_deg=tilt, thickness_mm=18.0)
    values = measure_edges(upper, lower, (0.0, 40.0))
    for name in (
        "muscle_thickness_25_mm",
        "muscle_thickness_50_mm",
        "muscle_thickness_75_mm",
        "muscle_thickness_mean_mm",
    ):
        assert values[name] == pytest.approx(18.0, abs=1e-3)
    assert values["superficial_aponeurosis_angle_deg"] == pytest.approx(tilt, abs=1e-6)
    field = FascicleField(upper, lower, (0.0, 40.0), np.array([tilt + 21.0, 0, 0, 0, 0, 0]))
    found, lines = measure_fascicles(field, 18.0)
    expected = 18.0 / np.sin(np.deg2rad(21.0))
    assert found["pennation_angle_deg"] == pytest.approx(21.0)
    assert found["pennation_angle_deep_deg"] == pytest.approx(21.0)
    for name in ("fascicle_length_mm", "fascicle_length_straight_mm", "fascicle_length_trigonometric_mm"):
        assert found[name] == pytest.approx(expected, rel=1e-4)
    assert len(lines) == 5


def test_a_wedge_is_thicker_at_its_thick_end():
    upper = Edge.through([[0.0, 10.0], [40.0, 10.0]])
    lower = Edge.through([[0.0, 20.0], [40.0, 30.0]])
    values = measure_edges(upper, lower, (0.0, 40.0))
    assert [values[f"muscle_thickness_{p}_mm"] for p in (25, 50, 75)] == pytest.approx([12.5, 15.0, 17.5])
    starts = thickness_lines(upper, lower, (0.0, 40.0), np.array([50.0]))
    assert starts[0].tolist() == [[20.0, 10.0], [20.0, 25.0]]
