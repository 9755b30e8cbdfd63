"""Size and form of a closed outline, from the polygon itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from mskus.errors import FeatureError
from mskus.geometry import polygon_area, polyline_length

F64 = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class OutlineShape:
    """Measures of an outline in the unit of its points.

    Attributes:
        area: enclosed.
        perimeter: length of the closed line.
        long_diameter: long axis (greatest Feret diameter) of the ellipse with the outline's area moments.
        short_diameter: its short axis (least Feret diameter).
        centroid: ``(x, y)`` centre of the area.
    """

    area: float
    perimeter: float
    long_diameter: float
    short_diameter: float
    centroid: tuple[float, float]

    @property
    def circularity(self) -> float:
        """``4 pi A / P^2``: 1 for a circle, less for anything else (Cox 1927, J Paleontol 1:179)."""
        return 4.0 * np.pi * self.area / self.perimeter**2


def outline_shape(points: ArrayLike) -> OutlineShape:
    r"""Area, perimeter, diameters and centre of a closed polygon.

    Moments are integrals over the enclosed area, by Green's theorem sums over the sides. The ellipse of the same
    second central moments has axes :math:`4\sqrt{\lambda}` with the eigenvalues :math:`\lambda` of their matrix over
    the area; for an ellipse these are its greatest and least Feret diameters.

    Args:
        points: ``(N, 2)`` corners (x, y) in mm (or in pixels known to be square), not closed.

    Raises:
        FeatureError: if there are fewer than three corners, one is not finite, or they enclose nothing.

    Source:
        Steger 1996, On the calculation of arbitrary moments of polygons, TU München FGBV-96-05.

    Example:
        >>> box = outline_shape([(0, 0), (4, 0), (4, 2), (0, 2)])
        >>> box.area, box.perimeter, box.centroid
        (8.0, 12.0, (2.0, 1.0))
    """
    corners = np.asarray(points, float)
    if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3 or not np.isfinite(corners).all():
        raise FeatureError("An outline needs three finite corners (x, y) or more.")
    origin = corners.mean(axis=0)
    here = corners - origin
    after = np.roll(here, -1, axis=0)
    cross = here[:, 0] * after[:, 1] - after[:, 0] * here[:, 1]
    doubled = float(cross.sum())
    if abs(doubled) < 1e-12:
        raise FeatureError("The outline encloses no area; its corners lie on one line.")
    centre = ((here + after) * cross[:, None]).sum(axis=0) / (3.0 * doubled)
    moments = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            products = 2 * here[:, i] * here[:, j] + here[:, i] * after[:, j] + after[:, i] * here[:, j]
            moments[i, j] = (cross * (products + 2 * after[:, i] * after[:, j])).sum() / (12.0 * doubled)
    moments -= np.outer(centre, centre)
    least, most = np.sqrt(np.maximum(np.linalg.eigvalsh(moments), 0.0))
    x, y = centre + origin
    return OutlineShape(
        area=polygon_area(corners),
        perimeter=polyline_length(np.vstack([corners, corners[:1]])),
        long_diameter=4.0 * float(most),
        short_diameter=4.0 * float(least),
        centroid=(float(x), float(y)),
    )


def outline_gap(first: ArrayLike, second: ArrayLike) -> float:
    """Least distance between two closed outlines in the unit of their points; 0 if they touch or overlap.

    Args:
        first: ``(N, 2)``.
        second: ``(M, 2)``.

    Example:
        >>> box = np.array([(0, 0), (2, 0), (2, 2), (0, 2)])
        >>> outline_gap(box, box + (5, 0)), outline_gap(box, box + (1, 1))
        (3.0, 0.0)
    """
    a, b = (np.ascontiguousarray(points, float) for points in (first, second))
    return float(np.sqrt(min(_squared_gap(a, b), _squared_gap(b, a))))


@njit(cache=True)
def _squared_gap(points: F64, outline: F64) -> float:
    """Least squared distance of points from the region inside an outline; 0 if one lies in it."""
    least = np.inf
    for i in range(len(points)):
        x, y = points[i]
        inside = False
        for j in range(len(outline)):
            x0, y0 = outline[j - 1]
            x1, y1 = outline[j]
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
                inside = not inside
            dx, dy = x1 - x0, y1 - y0
            length = dx * dx + dy * dy
            along = 0.0 if length == 0.0 else min(max(((x - x0) * dx + (y - y0) * dy) / length, 0.0), 1.0)
            least = min(least, (x0 + along * dx - x) ** 2 + (y0 + along * dy - y) ** 2)
        if inside:
            return 0.0
    return least
