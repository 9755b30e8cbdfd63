"""The fascicle fragments that can be seen: straight bright lines in the belly that agree with the direction field."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.exams.muscle.belly import CropPlan
from mskus.exams.muscle.fascicles import inside_belly
from mskus.exams.muscle.frame_result import FrameResult
from mskus.exams.plane import Plane
from mskus.features.hough_fascicles import hough_fascicles
from mskus.findings import Segments, Structure

U8 = NDArray[np.uint8]

_AGREES_DEG = 10.0


def fascicle_fragments(image: U8, result: FrameResult, plan: CropPlan, plane: Plane, *, frame: int) -> list[Structure]:
    """One structure with all fragments of a frame, or none.

    Args:
        image: ``(H, W)`` uint8 image region.
        result: of this frame; without a direction field nothing is found.
        plan: the crop of square pixels.
        plane: the clip's scale.
        frame: index that the structure carries.
    """
    if result.belly is None or result.sight is None or not result.streamlines:
        return []
    inside, _, _ = inside_belly(result.belly, plan, step=1)
    lines = hough_fascicles(plan.cut(image), mask=inside)
    field = result.sight.field(result.belly)
    ends_mm = (lines.segments.reshape(-1, 2, 2) + 0.5) * plan.mm_per_px + plan.origin_mm
    middle = ends_mm.mean(axis=1)
    off = (lines.angles_deg - field.angle_deg(middle[:, 0], middle[:, 1]) + 90.0) % 180.0 - 90.0
    kept = ends_mm[np.abs(off) <= _AGREES_DEG]
    if len(kept) == 0:
        return []
    points = [plane.to_frame_px(ends) for ends in kept]
    return [
        Structure(
            id=f"fascicle_fragments@{frame}",
            label="fascicle_fragment",
            frame=frame,
            geometry=Segments(lines=tuple((*a, *b) for a, b in points)),
            confidence=float(np.clip(lines.weights.mean(), 0.0, 1.0)),
            method="Frangi vesselness and Hough lines that agree with the direction field",
        )
    ]
