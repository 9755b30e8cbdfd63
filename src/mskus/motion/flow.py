"""Motion of the belly from one frame to the next: tracked points and the affine map that most of them share."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import MskusError

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

_WORKING_WIDTH_PX = 320
_POINTS = (16, 8)
_WINDOW_PX = 21
_LEAST_POINTS = 12
_IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True, eq=False)
class BellyMotion:
    """How the tissue moved between two frames.

    Attributes:
        affine: ``(2, 3)``: a point (x, y) of the earlier frame lies at ``affine @ (x, y, 1)`` of the later (pixels).
        quality: 0 (nothing could be tracked; the affine is the identity) to 1: share of points that follow the affine,
            times the correlation of the two frames after it.
        residual_px: median distance of the tracked points from where the affine puts them.
    """

    affine: F64
    quality: float
    residual_px: float

    def move(self, points_px: ArrayLike) -> F64:
        """Where ``(N, 2)`` points of the earlier frame lie in the later one."""
        return np.asarray(np.asarray(points_px, float) @ self.affine[:, :2].T + self.affine[:, 2], float)

    def rotation_of_line_deg(self, angle_deg: float, *, aspect: float = 1.0) -> float:
        """How far a line at ``angle_deg`` turns, positive counter-clockwise as seen.

        Args:
            angle_deg: direction in millimetre geometry.
            aspect: pixel height over width.

        Example:
            >>> shear = BellyMotion(np.array([[1.0, 0.0, 0.0], [-0.1, 1.0, 0.0]]), 1.0, 0.0)
            >>> round(shear.rotation_of_line_deg(0.0), 3), round(shear.rotation_of_line_deg(90.0), 3)
            (5.711, 0.0)
        """
        radians = np.radians(angle_deg)
        before = np.array([np.cos(radians), -np.sin(radians) / aspect])
        after = self.affine[:, :2] @ before
        turned = np.degrees(np.arctan2(-after[1] * aspect, after[0])) - angle_deg
        return float((turned + 90.0) % 180.0 - 90.0)

    def stretch_of_segment(self, segment_px: ArrayLike, *, aspect: float = 1.0) -> float:
        """Length of a segment ``((x0, y0), (x1, y1))`` after the motion over its length before.

        Example:
            >>> motion = BellyMotion(np.array([[1.02, 0.0, 3.0], [0.0, 1.0, 0.0]]), 1.0, 0.0)
            >>> round(motion.stretch_of_segment([(0, 0), (10, 0)]), 3)
            1.02
        """
        ends = np.asarray(segment_px, float)
        scale = np.array([1.0, aspect])
        before, after = (ends[1] - ends[0]) * scale, np.diff(self.move(ends), axis=0)[0] * scale
        return float(np.hypot(*after) / np.hypot(*before))


def belly_motion(
    previous: U8, current: U8, region: NDArray[np.bool_] | tuple[int, int, int, int] | None = None
) -> BellyMotion:
    """Affine motion of the tissue in a region between two frames.

    A grid of points is tracked by the pyramidal Lucas-Kanade method at reduced size; the affine map is fitted by
    iterated least squares with Tukey's weights, so that points on still artefacts or lost in decorrelated speckle have
    no say.

    Args:
        previous: ``(H, W)`` uint8, the earlier frame.
        current: ``(H, W)`` uint8, the later one.
        region: ``(H, W)`` bool mask, or a box ``(x0, y0, x1, y1)`` in pixels (ends excluded), or None for all.

    Returns:
        The motion; quality 0 and the identity where fewer than 12 points can be tracked.

    Raises:
        MskusError: if the frames or the mask differ in size.

    Source:
        Bouguet 2001 (pyramidal Lucas-Kanade); Farris & Lichtwark 2016, Comput. Methods Programs Biomed. 128:111 (affine
        flow on muscle); Huber & Ronchetti, Robust Statistics (2009).
    """
    if previous.shape != current.shape:
        raise MskusError(f"Motion needs two frames of one size; got {previous.shape} and {current.shape}.")
    mask, (x0, y0, x1, y1) = _box(region, previous.shape)
    if x1 - x0 < 32 or y1 - y0 < 16:
        return BellyMotion(_IDENTITY.copy(), 0.0, float("nan"))
    scale = min(1.0, _WORKING_WIDTH_PX / (x1 - x0))
    size = (round((x1 - x0) * scale), max(16, round((y1 - y0) * scale)))
    first, second = (_shrunk(frame[y0:y1, x0:x1], size) for frame in (previous, current))
    factor = np.array([size[0] / (x1 - x0), size[1] / (y1 - y0)])

    start = _grid(size)
    if mask is not None:
        inside = (start + 0.5) / factor + (x0, y0) - 0.5
        columns, rows = np.clip(np.rint(inside).astype(int), 0, [mask.shape[1] - 1, mask.shape[0] - 1]).T
        start = start[mask[rows, columns]]
    if len(start) < _LEAST_POINTS:
        return BellyMotion(_IDENTITY.copy(), 0.0, float("nan"))
    end, status, _ = cv2.calcOpticalFlowPyrLK(
        first,
        second,
        start.astype(np.float32)[:, None],
        np.empty((len(start), 1, 2), np.float32),
        winSize=(_WINDOW_PX, _WINDOW_PX),
        maxLevel=2,
        criteria=(cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.005),
        minEigThreshold=1e-4,
    )
    tracked = status.ravel() == 1
    if np.count_nonzero(tracked) < _LEAST_POINTS:
        return BellyMotion(_IDENTITY.copy(), 0.0, float("nan"))
    before = (start[tracked] + 0.5) / factor + (x0, y0) - 0.5
    after = (end[tracked, 0].astype(float) + 0.5) / factor + (x0, y0) - 0.5
    affine, share, residual = _robust_affine(before, after)
    alike = _likeness(first, second, affine, factor, (x0, y0))
    return BellyMotion(affine, float(np.clip(share * len(before) / len(start) * alike, 0.0, 1.0)), residual)


def _box(
    region: NDArray[np.bool_] | tuple[int, int, int, int] | None, shape: tuple[int, ...]
) -> tuple[NDArray[np.bool_] | None, tuple[int, int, int, int]]:
    """The mask, if any, and its bounding box within the frame."""
    height, width = shape
    if region is None:
        return None, (0, 0, width, height)
    if isinstance(region, np.ndarray):
        if region.shape != shape:
            raise MskusError(f"The region's mask is {region.shape} but the frames {shape}; give one of the same size.")
        rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
        if rows.size == 0:
            return region, (0, 0, 0, 0)
        return region, (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    x0, y0, x1, y1 = region
    return None, (max(x0, 0), max(y0, 0), min(x1, width), min(y1, height))


def _shrunk(frame: U8, size: tuple[int, int]) -> U8:
    if (frame.shape[1], frame.shape[0]) == size:
        return np.ascontiguousarray(frame)
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def _grid(size: tuple[int, int]) -> F64:
    """Evenly spread points clear of the border, ``(N, 2)``."""
    margin = _WINDOW_PX / 3.0
    x = np.linspace(margin, size[0] - 1 - margin, _POINTS[0])
    y = np.linspace(margin, size[1] - 1 - margin, _POINTS[1])
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _robust_affine(before: F64, after: F64, *, turns: int = 6) -> tuple[F64, float, float]:
    """Affine map by iterated least squares; the share of points that follow it and their median distance from it."""
    # Centred and scaled, so that the normal equations are well conditioned.
    centre, spread = before.mean(0), float(np.abs(before - before.mean(0)).max()) or 1.0
    design = np.column_stack([(before - centre) / spread, np.ones(len(before))])
    shift = after - before
    solution = np.array([np.zeros(2), np.zeros(2), np.median(shift, axis=0)])
    distance = np.hypot(*(shift - design @ solution).T)
    for turn in range(turns):
        # Widely open at first: true shear must not be taken for outliers of a shift.
        width = 4.685 * max(1.4826 * float(np.median(distance)), 0.02) * (3.0 if turn == 0 else 1.0)
        weight = np.clip(1.0 - (distance / width) ** 2, 0.0, None) ** 2
        weighted = design * weight[:, None]
        solution = np.linalg.solve(design.T @ weighted + 1e-9 * np.eye(3), weighted.T @ shift)
        distance = np.hypot(*(shift - design @ solution).T)
    follows = distance < max(4.0 * float(np.median(distance)), 0.5)
    linear = np.eye(2) + solution[:2].T / spread
    offset = solution[2] - (linear - np.eye(2)) @ centre
    return np.column_stack([linear, offset]), float(follows.mean()), float(np.median(distance))


def _likeness(first: U8, second: U8, affine: F64, factor: F64, origin: tuple[int, int]) -> float:
    """Correlation of the earlier frame, moved, with the later one, at working size; 0 if negative."""
    to_frame = np.array([1.0 / factor[0], 1.0 / factor[1]])
    base = 0.5 * to_frame - 0.5 + np.asarray(origin, float)
    linear = affine[:, :2] * to_frame / to_frame[:, None]
    offset = (affine[:, :2] @ base + affine[:, 2] - base) / to_frame
    size = (first.shape[1], first.shape[0])
    moved = cv2.warpAffine(first, np.column_stack([linear, offset]), size, borderMode=cv2.BORDER_REPLICATE)
    a, b = (
        cv2.resize(p, (size[0] // 2, size[1] // 2), interpolation=cv2.INTER_AREA).astype(np.float32)
        for p in (moved, second)
    )
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return max(float((a * b).sum()) / norm, 0.0) if norm > 0 else 0.0
