"""One nerve or vessel of one frame measured: from its outline and the picture to named values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mskus.exams.nerve.sighting import Sighting
from mskus.exams.plane import Plane
from mskus.features.hypoechoic import hypoechoic_fraction
from mskus.features.outline_shape import OutlineShape, outline_gap, outline_shape
from mskus.features.polygon import polygon_mask
from mskus.geometry import to_mm

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

AREA = "cross_sectional_area_mm2"
SIZES = (AREA, "perimeter_mm", "circularity", "long_diameter_mm", "short_diameter_mm")
DEPTHS = ("depth_mm", "depth_upper_edge_mm")
ECHO = ("echo_intensity_mean", "hypoechoic_fraction")
GAP = "vessel_distance_mm"
SURE = "confidence"
NAMES = {"nerve": (*SIZES, *DEPTHS, *ECHO, GAP, SURE), "vessel": (*SIZES, *DEPTHS, SURE)}
NOT_SEEN = "it was not seen in this frame"
TOO_SMALL = "the outline holds too few pixels"
NO_VESSEL = "no vessel was found in this frame"
_LEAST_PX = 30  # fewer grey levels have no threshold of their own


@dataclass(frozen=True, eq=False)
class ThingResult:
    """Values of one thing in one frame; lengths in mm of the plane.

    Attributes:
        sighting: its outline.
        values: name to value.
        withheld: name to reason.
    """

    sighting: Sighting
    values: dict[str, float] = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)


def measure(kind: str, sighting: Sighting, image: U8, plane: Plane, *, vessels: Sequence[Sighting] = ()) -> ThingResult:
    """All values of a nerve or a vessel, each with a number or a reason.

    Args:
        kind: ``nerve`` or ``vessel``.
        sighting: outline in pixels of ``image``.
        image: ``(H, W)`` uint8, the plane's region of the frame.
        plane: scale and reason for refusal.
        vessels: those of the same frame, for the distance of a nerve to the nearest.
    """
    points_mm = to_mm(sighting.points, plane.spacing_xy)
    shape = outline_shape(points_mm)
    values = sizes_of(shape) | depths_of(shape, points_mm, plane)
    withheld: dict[str, str] = {}
    if sighting.gap_frames:
        withheld[SURE] = NOT_SEEN
    else:
        values[SURE] = sighting.confidence
    if kind == "nerve":
        if sighting.gap_frames:
            withheld |= dict.fromkeys(ECHO, NOT_SEEN)
        else:
            levels = levels_inside(sighting.points, image)
            if levels.size < _LEAST_PX:
                withheld |= dict.fromkeys(ECHO, TOO_SMALL)
            else:
                values |= {ECHO[0]: float(levels.mean()), ECHO[1]: hypoechoic_fraction(levels)}
        if vessels:
            values[GAP] = min(outline_gap(points_mm, to_mm(v.points, plane.spacing_xy)) for v in vessels)
        else:
            withheld[GAP] = NO_VESSEL
    if plane.refusal:
        # a number of pixels needs no aspect, nor do grey levels
        gone = [name for name in values if name not in (AREA, SURE, *ECHO)]
        values = {name: value for name, value in values.items() if name not in gone}
        withheld |= dict.fromkeys(gone, plane.refusal)
    return ThingResult(sighting, values, withheld)


def sizes_of(shape: OutlineShape) -> dict[str, float]:
    """Values of :data:`SIZES` in mm."""
    return {
        AREA: shape.area,
        "perimeter_mm": shape.perimeter,
        "circularity": shape.circularity,
        "long_diameter_mm": shape.long_diameter,
        "short_diameter_mm": shape.short_diameter,
    }


def depths_of(shape: OutlineShape, points_mm: F64, plane: Plane) -> dict[str, float]:
    """Distance of the centre and of the uppermost point below the picture's upper border, where the skin is."""
    border = 0.5 * plane.spacing_xy[1]  # of the first row of pixels
    return {
        "depth_mm": shape.centroid[1] + border,
        "depth_upper_edge_mm": max(float(points_mm[:, 1].min()) + border, 0.0),
    }


def levels_inside(points: F64, image: U8) -> U8:
    """Grey levels of the pixels whose centres lie inside an outline, ``(N,)``."""
    x0, y0 = np.maximum(np.floor(points.min(axis=0)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(points.max(axis=0)).astype(int) + 1, (image.shape[1], image.shape[0]))
    part = image[y0:y1, x0:x1]
    return part[polygon_mask(points - (x0, y0), shape=part.shape)]
