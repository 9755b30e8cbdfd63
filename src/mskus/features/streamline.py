"""Streamlines of an orientation field: the course of a fascicle, also beyond the picture's border."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from mskus.errors import MskusError
from mskus.features.orientation import OrientationField

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Streamline:
    """A line that follows the field through its seed.

    Attributes:
        points: ``(N, 2)`` pixels, from its left end to its right end.
        reached: whether the left and the right end lie on an edge (False: the longest way met none).
        aspect: pixel height over width.
    """

    points: F64
    reached: tuple[bool, bool]
    aspect: float = 1.0

    def length(self, mm_per_px_col: float = 1.0) -> float:
        """Arc length in mm, or in column widths by default."""
        return float(np.hypot(*np.diff(self._square(mm_per_px_col), axis=0).T).sum())

    def curvature_per_m(self, mm_per_px_col: float) -> float:
        """Mean absolute curvature: the turn of direction along the line over its length, in 1/m."""
        pieces = np.diff(self._square(mm_per_px_col), axis=0)
        pieces = pieces[np.hypot(*pieces.T) > 1e-9]
        total = float(np.hypot(*pieces.T).sum())
        if len(pieces) < 2 or total == 0.0:
            return 0.0
        heading = np.unwrap(np.arctan2(pieces[:, 1], pieces[:, 0]))
        return 1000.0 * float(np.abs(np.diff(heading)).sum()) / total

    def _square(self, mm_per_px_col: float) -> F64:
        return np.asarray(self.points * np.array([mm_per_px_col, mm_per_px_col * self.aspect]), float)


def trace_streamline(
    field: OrientationField,
    seed_xy: ArrayLike,
    *,
    step_px: float = 1.0,
    until: tuple[ArrayLike, ArrayLike] | None = None,
    longest_px: float | None = None,
) -> Streamline:
    """Follow the field both ways from a seed (fourth-order Runge-Kutta).

    The doubled angle is interpolated bilinearly; beyond the border the direction at the nearest border pixel is kept.
    Give a smoothed field (:meth:`OrientationField.smoothed`): the line does what the field says.

    Args:
        field: orientations in millimetre geometry; its aspect turns them into steps on the pixel grid.
        seed_xy: ``(x, y)`` in pixels.
        step_px: length of a step in columns.
        until: two edges (such as the inner edges of the aponeuroses), each ``(N, 2)`` pixels with x ascending, at which
            the line ends; each goes straight on beyond its ends in the direction of its least-squares line. None: the
            picture's border.
        longest_px: longest way from the seed to either end; ten times the width by default.

    Returns:
        The line, ending exactly on the edges where they were reached.

    Raises:
        MskusError: if an edge has fewer than two points or its x do not ascend, or step_px is not positive.
    """
    if not step_px > 0.0:
        raise MskusError(f"A streamline needs a positive step; got {step_px:g} pixels.")
    width = field.angle_deg.shape[1]
    start = np.asarray(seed_xy, float)
    reach = 10.0 * width if longest_px is None else longest_px
    edges = None if until is None else [_edge(points) for points in until]
    c, s = field.doubled()
    arms, reached = [], []
    for heading in (-1.0, 1.0):
        way = _march(c, s, field.aspect, start, heading, step_px, int(reach / step_px) + 1, edges is None)
        met = edges is None
        if edges is not None:
            way, met = _cut(way, edges)
        arms.append(way)
        reached.append(met)
    return Streamline(np.vstack([arms[0][::-1], arms[1][1:]]), (reached[0], reached[1]), field.aspect)


def _edge(points: ArrayLike) -> tuple[F64, float]:
    line = np.asarray(points, float)
    if line.ndim != 2 or line.shape[0] < 2 or line.shape[1] != 2 or not (np.diff(line[:, 0]) > 0).all():
        raise MskusError("An edge that ends a streamline needs at least two (x, y) points with x ascending.")
    return line, float(np.polyfit(line[:, 0], line[:, 1], 1)[0])


def _edge_y(edge: tuple[F64, float], x: F64) -> F64:
    line, slope = edge
    beyond = np.minimum(x - line[0, 0], 0.0) + np.maximum(x - line[-1, 0], 0.0)
    return np.asarray(np.interp(x, line[:, 0], line[:, 1]) + slope * beyond, float)


def _cut(way: F64, edges: list[tuple[F64, float]]) -> tuple[F64, bool]:
    """The way up to its first crossing of any edge."""
    first, meeting = len(way), None
    for edge in edges:
        gap = way[:, 1] - _edge_y(edge, way[:, 0])
        crossed = np.flatnonzero(np.sign(gap[1:]) != np.sign(gap[:-1]))
        if crossed.size and crossed[0] < first:
            first = int(crossed[0])
            meeting = way[first] + gap[first] / (gap[first] - gap[first + 1]) * (way[first + 1] - way[first])
    if meeting is None:
        return way, False
    return np.vstack([way[: first + 1], meeting]), True


@njit(cache=True)
def _heading(
    c: NDArray[np.float32], s: NDArray[np.float32], aspect: float, x: float, y: float, dx: float, dy: float
) -> tuple[float, float]:
    """Step of one column width along the field at (x, y), turned to go on in the direction (dx, dy)."""
    height, width = c.shape
    x, y = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
    i, j = min(int(y), max(height - 2, 0)), min(int(x), max(width - 2, 0))
    k, m = min(i + 1, height - 1), min(j + 1, width - 1)
    v, u = y - i, x - j
    cc = (1 - v) * ((1 - u) * c[i, j] + u * c[i, m]) + v * ((1 - u) * c[k, j] + u * c[k, m])
    ss = (1 - v) * ((1 - u) * s[i, j] + u * s[i, m]) + v * ((1 - u) * s[k, j] + u * s[k, m])
    angle = 0.5 * np.arctan2(ss, cc)
    ax, ay = np.cos(angle), -np.sin(angle) / aspect
    if ax * dx + aspect * aspect * ay * dy < 0.0:
        return -ax, -ay
    return ax, ay


@njit(cache=True)
def _march(
    c: NDArray[np.float32],
    s: NDArray[np.float32],
    aspect: float,
    start: F64,
    heading: float,
    step: float,
    n: int,
    inside_only: bool,
) -> F64:
    """``(N, 2)`` points from the start; leaves the picture only if allowed."""
    height, width = c.shape
    way = np.empty((n + 1, 2))
    x, y = start[0], start[1]
    way[0, 0], way[0, 1] = x, y
    dx, dy = heading, 0.0
    for i in range(1, n + 1):
        ax, ay = _heading(c, s, aspect, x, y, dx, dy)
        bx, by = _heading(c, s, aspect, x + 0.5 * step * ax, y + 0.5 * step * ay, ax, ay)
        ex, ey = _heading(c, s, aspect, x + 0.5 * step * bx, y + 0.5 * step * by, bx, by)
        fx, fy = _heading(c, s, aspect, x + step * ex, y + step * ey, ex, ey)
        dx, dy = (ax + 2 * bx + 2 * ex + fx) / 6.0, (ay + 2 * by + 2 * ey + fy) / 6.0
        x, y = x + step * dx, y + step * dy
        if inside_only and not (0.0 <= x <= width - 1.0 and 0.0 <= y <= height - 1.0):
            return way[:i]
        way[i, 0], way[i, 1] = x, y
    return way
