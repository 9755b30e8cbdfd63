"""Plane geometry in millimetres: lines, edges, axial angles, crossings.

Points are ``(x, y)`` with y downwards. Angles are in degrees, counter-clockwise as seen on the screen (positive rises
to the right); the angle of a line is axial, in (-90, 90]. Convert to mm first, with :func:`to_mm`, then measure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def to_mm(points_px: ArrayLike, spacing_xy: tuple[float, float]) -> Array:
    """Pixels to millimetres: ``(N, 2)`` times ``(mm per column, mm per row)``.

    >>> to_mm([[10, 10]], (0.2, 0.1)).tolist()
    [[2.0, 1.0]]
    """
    return np.asarray(points_px, float) * np.asarray(spacing_xy, float)


def axial(angle_deg: float) -> float:
    """Fold an angle into (-90, 90].

    >>> axial(170.0), axial(-90.0)
    (-10.0, 90.0)
    """
    folded = (float(angle_deg) + 90.0) % 180.0 - 90.0
    return 90.0 if folded == -90.0 else folded


def axial_difference_deg(a_deg: float, b_deg: float) -> float:
    """Smallest signed turn from line b to line a, in (-90, 90]."""
    return axial(a_deg - b_deg)


def axial_mean_deg(angles_deg: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Weighted mean of line directions by doubled angles (Mardia & Jupp, Directional Statistics, 2000, sec. 9.2).

    Returns NaN where no weight is left.

    >>> round(axial_mean_deg([89, -89]), 6)
    90.0
    """
    doubled = np.deg2rad(2.0 * np.asarray(angles_deg, float))
    weight = np.ones_like(doubled) if weights is None else np.asarray(weights, float)
    if weight.sum() <= 0:
        return float("nan")
    mean = np.arctan2((weight * np.sin(doubled)).sum(), (weight * np.cos(doubled)).sum())
    return axial(float(np.rad2deg(mean)) / 2.0)


def spacing_angle_deg(angle_px_deg: ArrayLike, aspect: float) -> Array:
    """Angles seen on the pixel grid to true angles; ``aspect`` is pixel height over pixel width.

    >>> round(float(spacing_angle_deg(45.0, 2.0)), 3)
    63.435
    """
    angle = np.deg2rad(np.asarray(angle_px_deg, float))
    return np.rad2deg(np.arctan2(aspect * np.sin(angle), np.cos(angle)))


def pixel_angle_deg(angle_deg: ArrayLike, aspect: float) -> Array:
    """The inverse of :func:`spacing_angle_deg`."""
    return spacing_angle_deg(angle_deg, 1.0 / aspect)


def polyline_length(points: ArrayLike) -> float:
    """Sum of the lengths of the pieces, in the points' own unit.

    >>> polyline_length([[0, 0], [3, 4], [3, 5]])
    6.0
    """
    return float(np.hypot(*np.diff(np.asarray(points, float), axis=0).T).sum())


def polygon_area(points: ArrayLike) -> float:
    """Area by the shoelace formula, in the square of the points' unit.

    >>> polygon_area([[0, 0], [2, 0], [2, 3], [0, 3]])
    6.0
    """
    x, y = np.asarray(points, float).T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2.0)


@dataclass(frozen=True)
class Line:
    """``y = intercept + slope * x`` with y downwards."""

    slope: float
    intercept: float

    @classmethod
    def fit(cls, points: ArrayLike) -> Line:
        """Least-squares line through ``(N, 2)`` points, N at least 2."""
        x, y = np.asarray(points, float).T
        dx = x - x.mean()
        spread = float(dx @ dx)
        slope = float(dx @ (y - y.mean())) / spread if spread > 0 else 0.0
        return cls(slope, float(y.mean() - slope * x.mean()))

    def y(self, x: ArrayLike) -> Array:
        """Height of the line at x."""
        return self.intercept + self.slope * np.asarray(x, float)

    @property
    def angle_deg(self) -> float:
        """Positive where the line rises to the right.

        >>> Line(-1.0, 0.0).angle_deg
        45.0
        """
        return float(np.rad2deg(np.arctan(-self.slope)))

    @property
    def inward(self) -> Array:
        """Unit normal that points down into the picture."""
        return np.array([-self.slope, 1.0]) / np.hypot(1.0, self.slope)


@dataclass(frozen=True, eq=False)
class Edge:
    """An aponeurosis' inner edge in mm: x ascending, with its straight line for what lies outside its span.

    Attributes:
        points: ``(N, 2)`` in mm, x strictly ascending, N at least 2.
        line: least-squares line over the points.
    """

    points: Array
    line: Line

    @classmethod
    def through(cls, points_mm: ArrayLike) -> Edge:
        """Edge through ``(N, 2)`` points in mm with x ascending."""
        points = np.asarray(points_mm, float)
        return cls(points, Line.fit(points))

    def y(self, x: ArrayLike) -> Array:
        """Height at x: interpolated inside the span, along the straight line outside."""
        at = np.asarray(x, float)
        inside = (at >= self.points[0, 0]) & (at <= self.points[-1, 0])
        return np.where(inside, np.interp(at, self.points[:, 0], self.points[:, 1]), self.line.y(at))

    @property
    def span(self) -> tuple[float, float]:
        """First and last x in mm."""
        return float(self.points[0, 0]), float(self.points[-1, 0])


def distance_along(start: ArrayLike, direction: ArrayLike, edge: Edge, *, reach: float, step: float = 0.25) -> float:
    """Distance in mm from ``start`` along the unit ``direction`` to the first crossing with ``edge``.

    Args:
        start: ``(2,)`` in mm.
        direction: ``(2,)`` unit vector.
        edge: the edge to reach.
        reach: how far to look, in mm.
        step: sampling along the ray in mm; the crossing itself is found by interpolation.

    Returns:
        The distance, or NaN if the edge is not met within ``reach``.
    """
    travel = np.arange(0.0, reach + step, step)
    along = np.asarray(start, float) + travel[:, None] * np.asarray(direction, float)
    gap = edge.y(along[:, 0]) - along[:, 1]
    changed = np.flatnonzero(np.sign(gap[1:]) != np.sign(gap[:-1]))
    if changed.size == 0:
        return float("nan")
    i = int(changed[0])
    fraction = gap[i] / (gap[i] - gap[i + 1])
    return float(travel[i] + fraction * step)
