"""The belly between two aponeuroses: its edges in mm, and the picture of it on square pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.geometry import Edge
from mskus.segment.aponeuroses import AponeurosisPair
from mskus.segment.bone import bone_surface

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

CROP_WIDTH_PX = 320
_LEAST_HEIGHT_PX = 32
_LEAST_SPAN = 0.25  # of the image width: less of a common span cannot carry a slope
_LEAST_THICKNESS = 0.03  # of the image height


@dataclass(frozen=True, eq=False)
class Belly:
    """Inner edges of one frame in mm from the top left pixel of the image region.

    Attributes:
        superficial: inner (lower) edge of the superficial aponeurosis.
        deep: inner (upper) edge of the deep aponeurosis.
        span_mm: first and last x of the common span.
        fat_mm: mean depth of the superficial aponeurosis' upper edge below the top of the image region.
    """

    superficial: Edge
    deep: Edge
    span_mm: tuple[float, float]
    fat_mm: float


def belly_of(pair: AponeurosisPair, spacing_xy: tuple[float, float], size: tuple[int, int]) -> Belly | None:
    """The belly of a frame, or None where the pair does not enclose one.

    Args:
        pair: aponeuroses in pixels of the image region.
        spacing_xy: mm per column and per row.
        size: ``(height, width)`` of the image region in pixels.
    """
    common = pair.common
    x = pair.superficial.x_px[common]
    if x.size < 3 or x[-1] - x[0] < _LEAST_SPAN * size[1]:
        return None
    top, bottom = pair.superficial.lower_y_px[common], pair.deep.upper_y_px[common]
    if np.median(bottom - top) < _LEAST_THICKNESS * size[0] or (bottom <= top).any():
        return None
    sx, sy = spacing_xy
    superficial, deep = (Edge.through(np.stack([x * sx, y * sy], axis=1)) for y in (top, bottom))
    fat = float(np.mean(pair.superficial.upper_y_px[common]) + 0.5) * sy
    return Belly(superficial, deep, (float(x[0] * sx), float(x[-1] * sx)), max(fat, 0.0))


def bone_below(image: U8, belly: Belly, spacing_xy: tuple[float, float]) -> F64 | None:
    """The bone surface under the belly in pixels of the image region, or None where none is visible."""
    return bone_surface(image, below_y_px=float(belly.deep.points[:, 1].mean()) / spacing_xy[1])


@dataclass(frozen=True)
class CropPlan:
    """Which part of the image region is resampled to square pixels, the same for all frames of a clip.

    Attributes:
        x0_px, y0_px, x1_px, y1_px: box in pixels of the image region, ends excluded.
        width_px, height_px: size of the crop.
        mm_per_px: ``(x, y)`` size of a crop pixel; equal to within the rounding of the height.
        origin_mm: ``(x, y)`` of the crop's top left corner.
    """

    x0_px: int
    y0_px: int
    x1_px: int
    y1_px: int
    width_px: int
    height_px: int
    mm_per_px: tuple[float, float]
    origin_mm: tuple[float, float]

    @classmethod
    def over(cls, bellies: list[Belly], spacing_xy: tuple[float, float], size: tuple[int, int]) -> CropPlan:
        """The box that holds the bellies of all frames, with a margin of a twelfth of its height."""
        sx, sy = spacing_xy
        left, right = min(b.span_mm[0] for b in bellies), max(b.span_mm[1] for b in bellies)
        tops = [float(b.superficial.points[:, 1].min()) for b in bellies]
        bottoms = [float(b.deep.points[:, 1].max()) for b in bellies]
        top, bottom = (
            (np.percentile(tops, 2), np.percentile(bottoms, 98)) if len(bellies) > 20 else (min(tops), max(bottoms))
        )
        margin = (bottom - top) / 12.0
        x0, x1 = max(int(left / sx), 0), min(int(np.ceil(right / sx)) + 1, size[1])
        y0, y1 = max(int((top - margin) / sy), 0), min(int(np.ceil((bottom + margin) / sy)) + 1, size[0])
        width = CROP_WIDTH_PX
        mm_per_px = (x1 - x0) * sx / width
        height = int(np.clip(round((y1 - y0) * sy / mm_per_px), _LEAST_HEIGHT_PX, 2 * width))
        return cls(
            x0, y0, x1, y1, width, height, (mm_per_px, (y1 - y0) * sy / height), ((x0 - 0.5) * sx, (y0 - 0.5) * sy)
        )

    @property
    def aspect(self) -> float:
        """Height over width of a crop pixel: 1 but for the height's rounding and the limits of flat and high crops."""
        return self.mm_per_px[1] / self.mm_per_px[0]

    def cut(self, region_image: U8) -> U8:
        """``(height_px, width_px)`` crop of one frame's image region."""
        box = region_image[self.y0_px : self.y1_px, self.x0_px : self.x1_px]
        shrinks = self.width_px < box.shape[1] or self.height_px < box.shape[0]
        size = (self.width_px, self.height_px)
        return np.asarray(
            cv2.resize(box, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), np.uint8
        )

    def positions_mm(self, step: int = 1) -> tuple[F64, F64]:
        """``(x, y)`` in mm of every ``step``-th crop pixel, each ``(h, w)``."""
        rows, columns = np.mgrid[0 : self.height_px : step, 0 : self.width_px : step]
        (mx, my), (ox, oy) = self.mm_per_px, self.origin_mm
        return (columns + 0.5) * mx + ox, (rows + 0.5) * my + oy
