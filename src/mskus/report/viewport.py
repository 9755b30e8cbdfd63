"""From frame pixels to the drawn picture: crop, true proportions, and a margin for what runs out of the frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mskus.findings import Circle, Mask, Point, Polyline, Segments, Structure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from mskus.clip import Clip, Region

_BACKGROUND = (13, 17, 23)


@dataclass(frozen=True, kw_only=True)
class Viewport:
    """An affine map (scale and shift) from frame pixels to canvas pixels.

    Attributes:
        region: the part of the frame that is shown.
        scale: canvas pixels per frame pixel, ``(x, y)``; unequal where the frame's pixels are not square.
        margin_px: canvas pixels left and right of the picture, for lines that leave it.
        mm_per_px: millimetres per canvas pixel, None without calibration.
    """

    region: Region
    scale: tuple[float, float]
    margin_px: tuple[int, int] = (0, 0)
    mm_per_px: float | None = None

    @property
    def picture_size(self) -> tuple[int, int]:
        """``(width, height)`` of the picture on the canvas, margins not counted."""
        return round(self.region.w * self.scale[0]), round(self.region.h * self.scale[1])

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)`` of the canvas, margins counted."""
        width, height = self.picture_size
        return width + sum(self.margin_px), height

    def to_canvas(self, points: ArrayLike) -> NDArray[np.float64]:
        """``(N, 2)`` frame points as canvas points; pixel centres at whole numbers on both sides."""
        scale = np.array(self.scale)
        origin = np.array([self.region.x, self.region.y], float)
        shifted = (np.asarray(points, float).reshape(-1, 2) - origin + 0.5) * scale - 0.5
        return np.asarray(shifted + np.array([self.margin_px[0], 0.0]))

    def show(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The frame's region as an RGB canvas, margins dark.

        Args:
            frame: ``(H, W)`` grey or ``(H, W, 3)`` RGB.
        """
        part = frame[self.region.slices]
        width, height = self.picture_size
        if part.shape[:2] != (height, width):
            enlarge = min(self.scale) >= 1.0
            method = cv2.INTER_CUBIC if enlarge else cv2.INTER_AREA
            part = np.asarray(cv2.resize(part, (width, height), interpolation=method), np.uint8)
        if part.ndim == 2:
            part = np.asarray(cv2.cvtColor(part, cv2.COLOR_GRAY2RGB), np.uint8)
        if self.margin_px == (0, 0):
            return np.ascontiguousarray(part)
        left, right = self.margin_px
        return np.asarray(cv2.copyMakeBorder(part, 0, 0, left, right, cv2.BORDER_CONSTANT, value=_BACKGROUND))


def fit_viewport(
    clip: Clip,
    structures: Iterable[Structure] = (),
    *,
    width_px: tuple[int, int] = (760, 1400),
    margin: float = 0.25,
) -> Viewport:
    """A viewport that shows the clip's image region in true proportions, with room for lines that leave it.

    Args:
        clip: its image region is shown; its aspect (or square pixels) gives the proportions.
        structures: drawn things; margins grow to hold them.
        width_px: least and greatest width of the picture. A smaller frame is enlarged by a whole or half factor; a
            picture is never higher than 0.8 of the greatest width.
        margin: greatest margin on each side, as a part of the picture's width.

    Returns:
        The viewport.
    """
    region = clip.image_region
    aspect = clip.aspect or 1.0
    stretch = (1.0, aspect) if aspect >= 1.0 else (1.0 / aspect, 1.0)
    if max(stretch) < 1.01:
        stretch = (1.0, 1.0)
    natural = region.w * stretch[0]
    zoom = 1.0
    if natural < width_px[0]:
        zoom = min(np.ceil(2.0 * width_px[0] / natural) / 2.0, 4.0)
    elif natural > width_px[1]:
        zoom = width_px[1] / natural
    zoom = min(zoom, 0.8 * width_px[1] / (region.h * stretch[1]))
    scale = (zoom * stretch[0], zoom * stretch[1])
    x = np.concatenate([np.empty(0), *(outline(s)[:, 0] for s in structures)])
    x = x[np.isfinite(x)]
    limit = margin * region.w * scale[0]
    left, right = 0.0, 0.0
    if x.size:
        left = min(max((region.x - float(x.min())) * scale[0] + 8, 0.0), limit)
        right = min(max((float(x.max()) - region.x - region.w + 1) * scale[0] + 8, 0.0), limit)
        left, right = (0.0 if side < 12 else side for side in (left, right))
    mm = clip.calibration.mm_per_px_col / scale[0] if clip.calibration is not None else None
    return Viewport(region=region, scale=scale, margin_px=(round(left), round(right)), mm_per_px=mm)


def outline(structure: Structure) -> NDArray[np.float64]:
    """Points that the structure's drawing will pass through, ``(N, 2)`` in frame pixels; empty for a mask."""
    match structure.geometry:
        case Polyline(points=points):
            return np.array(points, float).reshape(-1, 2)
        case Segments(lines=lines):
            return np.array(lines, float).reshape(-1, 2)
        case Circle(centre=(x, y), radius=r):
            return np.array([[x - r, y - r], [x + r, y + r]])
        case Point(at=at):
            return np.array([at], float)
        case Mask():
            return np.empty((0, 2))
