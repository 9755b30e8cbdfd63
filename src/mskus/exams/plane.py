"""What a pixel means in this clip: the image region, the spacing and the unit of lengths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mskus.clip import Clip, Region

NO_ASPECT = (
    "the pixels' aspect is unknown; give the scale (--mm-per-px, --tick-mm) or state square pixels (--pixel-aspect 1)"
)

_ASSUMED_WIDTH_MM = 50.0  # only sets the step of streamlines; lengths are stated in pixels


@dataclass(frozen=True)
class Plane:
    """The scale in which an exam measures.

    Attributes:
        region: image region of the frame.
        spacing_xy: length of one column and one row in mm; without a calibration as if the picture were 50 mm wide.
        unit: UCUM code of lengths, ``mm`` or ``[px]`` (column widths).
        stated_per_mm: lengths measured with ``spacing_xy`` times this are in ``unit``.
        relative_error: standard error of the scale as a fraction.
        refusal: why nothing can be measured, or empty.
    """

    region: Region
    spacing_xy: tuple[float, float]
    unit: str
    relative_error: float
    stated_per_mm: float = 1.0
    refusal: str = ""

    @classmethod
    def of(cls, clip: Clip) -> Plane:
        """The plane of a clip: calibrated, or of known aspect, or refused."""
        region = clip.image_region
        if clip.calibration is not None:
            return cls(region, clip.calibration.mm_per_px, "mm", clip.calibration.relative_error)
        column = _ASSUMED_WIDTH_MM / region.w
        if clip.pixel_aspect is not None:
            return cls(region, (column, column * clip.pixel_aspect), "[px]", 0.0, 1.0 / column)
        return cls(region, (column, column), "[px]", 0.0, 1.0 / column, NO_ASPECT)

    @property
    def size(self) -> tuple[int, int]:
        """``(height, width)`` of the region in pixels."""
        return self.region.h, self.region.w

    def to_frame_px(self, points_mm: ArrayLike) -> tuple[tuple[float, float], ...]:
        """Points in mm to frame pixels, rounded to a hundredth."""
        offset = (self.region.x, self.region.y)
        points = np.asarray(points_mm, float) / self.spacing_xy + offset
        return tuple((round(float(x), 2), round(float(y), 2)) for x, y in points)
