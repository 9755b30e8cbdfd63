"""Where the landmarks of an infant hip's standard plane lie: ilium, femur and femoral head, found by plain geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.segment.paths import best_path

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

SIZE_PX = 256
MARKED_ROWS = 16  # some machines burn a ruler into the top rows; it would tell adequate pictures apart
_BAND, _SHADOW = 6, 36  # rows: thickness of a bright bone line, depth of its shadow
_ILIUM, _FEMUR = (4, 72), (176, 252)  # columns


@dataclass(frozen=True, kw_only=True, eq=False)
class BoneLine:
    """A bright line over a shadow: ``(N, 2)`` points ``(x, y)`` and ``(N,)`` strength, 0 (none) to about 1."""

    points: F64
    strength: F64


@dataclass(frozen=True, kw_only=True, eq=False)
class HipLandmarks:
    """What was found, in pixels of the normalised picture of 256 x 256; each is found even where it is not.

    Attributes:
        ilium: the iliac bone on the left.
        femur: the bony edge of the femur on the right.
        head_centre: ``(x, y)`` of the femoral head.
        head_radius: its radius.
        roundness: mean outward gradient on its rim.
    """

    ilium: BoneLine
    femur: BoneLine
    head_centre: tuple[float, float]
    head_radius: float
    roundness: float

    @property
    def level(self) -> float:
        """Row of the ilium."""
        return float(np.median(self.ilium.points[:, 1]))


def find_landmarks(grey: F32) -> HipLandmarks:
    """Landmarks of a picture from :func:`normalised`, left towards the head of the child.

    Bone lines are best paths through brightness times shadow (after Foroughi et al. 2007, SPIE 6513:65130R); the head
    is the circle with the largest mean outward gradient near the ilium's level.
    """
    fine = smoothed(grey)
    bone = _over_shadow(fine)
    ilium = _line(bone, _ILIUM, low=70)
    femur = _line(bone, _FEMUR, low=40)
    centre, radius, roundness = _head(fine, float(np.median(ilium.points[:, 1])))
    return HipLandmarks(ilium=ilium, femur=femur, head_centre=centre, head_radius=radius, roundness=roundness)


def smoothed(grey: F32) -> F32:
    """The picture with less speckle."""
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.5), np.float32)


def normalised(image: NDArray[Any]) -> F32:
    """The picture on 256 x 256 pixels without the rows that may be marked; 5th percentile 0, 99th 1.

    Raises:
        LearnError: if the picture is no grey picture of at least 64 x 64 pixels, holds NaN or is constant.
    """
    picture = np.asarray(image, np.float32)
    if picture.ndim != 2 or min(picture.shape) < 64:
        raise LearnError(f"A grey picture of a hip, at least 64 x 64 pixels, is needed; got shape {picture.shape}.")
    if not np.isfinite(picture).all():
        raise LearnError("The picture of the hip holds NaN or infinite values; replace them first.")
    small = cv2.resize(picture, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA)
    small[:MARKED_ROWS] = small[MARKED_ROWS]
    low, high = np.percentile(small, [5, 99])
    if high <= low:
        raise LearnError("The picture of the hip is constant; there is nothing to judge.")
    return np.asarray(np.clip((small - low) / (high - low), 0.0, 1.5), np.float32)


def _over_shadow(fine: F32) -> F32:
    """Brightness of a band times the darkness of what lies below it."""
    total = np.vstack([np.zeros((1, SIZE_PX), np.float32), np.cumsum(fine, 0)])
    rows = np.arange(SIZE_PX)
    first, last = np.minimum(rows + _BAND, SIZE_PX), np.minimum(rows + _BAND + _SHADOW, SIZE_PX)
    shadow = (total[last] - total[first]) / np.maximum(last - first, 1)[:, None]
    return np.asarray(fine * np.clip(1.0 - shadow / np.maximum(fine, 0.05), 0.0, 1.0), np.float32)


def _line(bone: F32, columns: tuple[int, int], *, low: int, high: int = 190) -> BoneLine:
    """The best bone line between two columns and two rows."""
    part = np.ascontiguousarray(bone[low:high, slice(*columns)])
    path = best_path(np.log(part + np.float32(0.02)), 3, 0.3)
    x = np.arange(part.shape[1])
    points = np.stack([x + columns[0], path + low], axis=1).astype(np.float64)
    return BoneLine(points=points, strength=part[path, x].astype(np.float64))


def _head(fine: F32, level: float) -> tuple[tuple[float, float], float, float]:
    """Centre, radius and roundness of the darkest disc with the brightest rim, over a grid of circles."""
    dx, dy = cv2.Sobel(fine, cv2.CV_32F, 1, 0), cv2.Sobel(fine, cv2.CV_32F, 0, 1)
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    grid = np.meshgrid(np.arange(28, 57, 4), np.arange(110, 166, 6), np.arange(int(level) - 30, int(level) + 41, 6))
    radius, x0, y0 = (axis.ravel()[:, None] for axis in grid)
    x = np.clip(np.rint(x0 + radius * np.cos(turn)).astype(int), 0, SIZE_PX - 1)
    y = np.clip(np.rint(y0 + radius * np.sin(turn)).astype(int), MARKED_ROWS, SIZE_PX - 1)
    # clipped, so that one bright bone does not make a circle
    rim = np.clip(dx[y, x] * np.cos(turn) + dy[y, x] * np.sin(turn), -0.5, 0.5).mean(1)
    best = int(rim.argmax())
    return (float(x0[best, 0]), float(y0[best, 0])), float(radius[best, 0]), float(rim[best])
