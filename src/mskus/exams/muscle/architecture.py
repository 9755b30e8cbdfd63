"""Muscle architecture of one frame, from two inner edges and a field of fascicle direction, all in mm.

Definitions as in Blazevich et al., J. Anat. 209:289, 2006 and Kwah et al., J. Appl. Physiol. 114:761, 2013; each is
written out in the documentation, page "Muscle architecture".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.features.fascicle_field import FascicleField, Streamline
from mskus.geometry import Edge, axial_difference_deg, distance_along

F64 = NDArray[np.float64]

THICKNESS = ("muscle_thickness_25_mm", "muscle_thickness_50_mm", "muscle_thickness_75_mm", "muscle_thickness_mean_mm")
APONEUROSIS_ANGLES = ("superficial_aponeurosis_angle_deg", "deep_aponeurosis_angle_deg")
FASCICLES = (
    "fascicle_angle_deg",
    "pennation_angle_deg",
    "pennation_angle_deep_deg",
    "fascicle_length_mm",
    "fascicle_length_straight_mm",
    "fascicle_length_trigonometric_mm",
    "fascicle_curvature_per_m",
)
_PLACES = np.concatenate(([25.0, 50.0, 75.0], np.arange(5.0, 96.0, 5.0)))


def thickness_lines(superficial: Edge, deep: Edge, span_mm: tuple[float, float], places: F64 = _PLACES) -> F64:
    """Start and end of the thickness lines.

    Perpendicular to the straight line of the superficial inner edge, from that edge to the deep inner edge.

    Args:
        superficial: inner edge in mm.
        deep: inner edge in mm.
        span_mm: first and last x of the common span.
        places: ``(P,)`` per cent of the span.

    Returns:
        ``(P, 2, 2)`` points in mm; the end is NaN where the deep edge is not met.
    """
    inward = superficial.line.inward
    x = span_mm[0] + places / 100.0 * (span_mm[1] - span_mm[0])
    starts = np.stack([x, superficial.y(x)], axis=1)
    reach = 4.0 * float(np.max(deep.y(x) - starts[:, 1]).clip(5.0))
    lengths = np.array([distance_along(s, inward, deep, reach=reach, step=reach / 200.0) for s in starts])
    return np.stack([starts, starts + lengths[:, None] * inward], axis=1)


def measure_edges(superficial: Edge, deep: Edge, span_mm: tuple[float, float]) -> dict[str, float]:
    """Thickness at 25, 50, 75 % and mean, and the angles of both aponeuroses."""
    lines = thickness_lines(superficial, deep, span_mm)
    lengths = np.hypot(*(lines[:, 1] - lines[:, 0]).T)
    values = dict(zip(THICKNESS[:3], map(float, lengths[:3]), strict=True))
    values[THICKNESS[3]] = float(np.mean(lengths[3:]))
    values["superficial_aponeurosis_angle_deg"] = superficial.line.angle_deg
    values["deep_aponeurosis_angle_deg"] = deep.line.angle_deg
    return values


def measure_fascicles(field: FascicleField, thickness_50_mm: float) -> tuple[dict[str, float], list[Streamline]]:
    """Fascicle angle, pennation, lengths and curvature, with the curved streamlines they rest on."""
    angle = field.mean_angle_deg()
    pennation = abs(axial_difference_deg(angle, field.superficial.line.angle_deg))
    curved, straight = field.streamlines(), field.streamlines(straight=True)
    values = {
        "fascicle_angle_deg": angle,
        "pennation_angle_deg": pennation,
        "pennation_angle_deep_deg": abs(axial_difference_deg(angle, field.deep.line.angle_deg)),
        "fascicle_length_mm": float(np.mean([s.length_mm for s in curved])),
        "fascicle_length_straight_mm": float(np.mean([s.length_mm for s in straight])),
        "fascicle_length_trigonometric_mm": thickness_50_mm / max(float(np.sin(np.deg2rad(pennation))), 1e-6),
        "fascicle_curvature_per_m": float(np.mean([s.curvature_per_m for s in curved])),
    }
    return values, curved
