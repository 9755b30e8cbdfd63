"""A smooth field of fascicle direction in the belly, and the streamlines that follow it.

The direction at relative position u (-1 to 1 along the common span) and relative depth v (-1 at the superficial, 1 at
the deep inner edge) is a robust second-order surface through the local directions; outside the belly it is held
constant. A streamline follows it from mid-thickness to both inner edges (midpoint rule), as in tractography of muscle
fascicles (Heemskerk et al., NMR Biomed. 23:294, 2010, in 3-D; Lichtwark et al., J. Biomech. 40:157, 2007, for the
ultrasound plane).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mskus.geometry import Edge, axial_mean_deg

F64 = NDArray[np.float64]

SEEDS = (0.3, 0.4, 0.5, 0.6, 0.7)
_STEP_MM = 0.5
_REACH_MM = 400.0
_DOUBTFUL_DEG = 7.0


@njit(cache=True, nogil=True)
def _edge_y(x: float, grid: F64, x0: float, step: float) -> float:
    """Height of an edge resampled to an even grid, straight beyond its ends."""
    at = (x - x0) / step
    i = int(np.floor(at))
    i = min(max(i, 0), grid.size - 2)
    return float(grid[i] + (at - i) * (grid[i + 1] - grid[i]))


@njit(cache=True, nogil=True)
def _direction(x: float, y: float, upper: F64, lower: F64, frame: F64, coefficients: F64) -> float:
    """Field angle in radians at a point; ``frame`` is (grid x0, grid step, span centre, span half-width)."""
    top = _edge_y(x, upper, frame[0], frame[1])
    bottom = _edge_y(x, lower, frame[0], frame[1])
    u = min(max((x - frame[2]) / frame[3], -1.0), 1.0)
    v = min(max(2.0 * (y - top) / max(bottom - top, 1e-3) - 1.0, -1.0), 1.0)
    c = coefficients
    return float(c[0] + c[1] * u + c[2] * v + c[3] * u * v + c[4] * u * u + c[5] * v * v)


@njit(cache=True, nogil=True)
def _march(
    seed: F64, sign: float, upper: F64, lower: F64, frame: F64, c: F64, straight: bool, step: float, reach: float
) -> F64:
    """Points from the seed to the first edge crossed, the crossing last; NaN last where none is met within reach."""
    n = int(reach / step) + 2
    points = np.empty((n, 2))
    points[0] = seed
    x, y = seed[0], seed[1]
    fixed = _direction(x, y, upper, lower, frame, c)
    for i in range(1, n):
        a = fixed if straight else _direction(x, y, upper, lower, frame, c)
        if not straight:
            a = _direction(x + 0.5 * sign * step * np.cos(a), y - 0.5 * sign * step * np.sin(a), upper, lower, frame, c)
        nx, ny = x + sign * step * np.cos(a), y - sign * step * np.sin(a)
        above = _edge_y(nx, upper, frame[0], frame[1]) - ny
        below = ny - _edge_y(nx, lower, frame[0], frame[1])
        if above > 0.0 or below > 0.0:
            before = (
                (_edge_y(x, upper, frame[0], frame[1]) - y)
                if above > 0.0
                else (y - _edge_y(x, lower, frame[0], frame[1]))
            )
            after = above if above > 0.0 else below
            part = before / min(before - after, -1e-12)
            points[i, 0], points[i, 1] = x + part * (nx - x), y + part * (ny - y)
            return points[: i + 1]
        points[i, 0], points[i, 1] = nx, ny
        x, y = nx, ny
    points[n - 1] = np.nan
    return points


@dataclass(frozen=True, eq=False)
class Streamline:
    """A fascicle from the superficial to the deep inner edge, in mm.

    Attributes:
        points: ``(N, 2)`` in mm from one edge to the other.
        length_mm: arc length.
        curvature_per_m: mean absolute curvature, the turn of direction over the arc length.
    """

    points: F64
    length_mm: float
    curvature_per_m: float


@dataclass(frozen=True, eq=False)
class FascicleField:
    """Fascicle direction between two inner edges, in mm.

    Attributes:
        superficial: inner edge of the superficial aponeurosis.
        deep: inner edge of the deep aponeurosis.
        span_mm: first and last x of the common span.
        coefficients_deg: ``(6,)`` of 1, u, v, uv, u^2, v^2.
        spread_deg: robust spread of the local directions about the field.
    """

    superficial: Edge
    deep: Edge
    span_mm: tuple[float, float]
    coefficients_deg: F64
    spread_deg: float = 0.0

    def relative(self, x_mm: F64, y_mm: F64) -> tuple[F64, F64]:
        """Position ``(u, v)`` of points in mm."""
        x0, x1 = self.span_mm
        top, bottom = self.superficial.y(x_mm), self.deep.y(x_mm)
        u = (2.0 * x_mm - x0 - x1) / (x1 - x0)
        v = 2.0 * (y_mm - top) / np.maximum(bottom - top, 1e-3) - 1.0
        return u, v

    def angle_deg(self, x_mm: F64, y_mm: F64) -> F64:
        """Direction at points in mm."""
        u, v = (np.clip(a, -1.0, 1.0) for a in self.relative(x_mm, y_mm))
        return surface(u, v) @ self.coefficients_deg

    def mean_angle_deg(self) -> float:
        """Mean direction over the central belly: 25-75 % of the span, 15-85 % of the thickness."""
        u, v = np.meshgrid(np.linspace(-0.5, 0.5, 11), np.linspace(-0.7, 0.7, 11))
        return axial_mean_deg(surface(u.ravel(), v.ravel()) @ self.coefficients_deg)

    def streamlines(self, *, straight: bool = False) -> list[Streamline]:
        """Fascicles through mid-thickness at 30, 40, 50, 60 and 70 % of the span.

        Args:
            straight: follow the mean direction instead of the field.

        Returns:
            One a seed; length and curvature are NaN where an edge is not met within 400 mm.
        """
        x0, x1 = self.span_mm
        margin = _REACH_MM
        step = (x1 - x0) / 64.0
        grid_x = np.arange(x0 - margin, x1 + margin + step, step)
        upper, lower = self.superficial.y(grid_x), self.deep.y(grid_x)
        frame = np.array([grid_x[0], step, 0.5 * (x0 + x1), 0.5 * (x1 - x0)])
        coefficients = np.deg2rad(self.coefficients_deg)
        if straight:
            coefficients = np.array([np.deg2rad(self.mean_angle_deg()), 0.0, 0.0, 0.0, 0.0, 0.0])
        lines = []
        for part in SEEDS:
            x = x0 + part * (x1 - x0)
            seed = np.array([x, 0.5 * (float(self.superficial.y(x)) + float(self.deep.y(x)))])
            arms = [
                _march(seed, sign, upper, lower, frame, coefficients, straight, _STEP_MM, _REACH_MM)
                for sign in (-1.0, 1.0)
            ]
            lines.append(_streamline(np.vstack([arms[0][::-1], arms[1][1:]])))
        return lines


def _streamline(points: F64) -> Streamline:
    if not np.isfinite(points).all():
        return Streamline(points, float("nan"), float("nan"))
    pieces = np.diff(points, axis=0)
    lengths = np.hypot(*pieces.T)
    real = lengths > 1e-6
    heading = np.unwrap(np.arctan2(-pieces[real, 1], pieces[real, 0]))
    total = float(lengths.sum())
    turn = float(np.abs(np.diff(heading)).sum()) if heading.size > 1 else 0.0
    return Streamline(points, total, 1000.0 * turn / total if total > 0 else float("nan"))


def surface(u: F64, v: F64) -> F64:
    """``(N, 6)`` terms of the second-order surface."""
    return np.stack([np.ones_like(u), u, v, u * v, u * u, v * v], axis=-1)


def fit_surface(u: F64, v: F64, angle_deg: F64, weight: F64, *, turns: int = 4) -> tuple[F64, float]:
    """Robust surface through local directions near their dominant one.

    Iterated weighted least squares with Tukey's biweight; the terms of slope and bend are held by a ridge, so that
    few or crowded samples give a constant field.

    Args:
        u: ``(N,)`` relative position along the span.
        v: ``(N,)`` relative depth.
        angle_deg: ``(N,)`` directions, already within 90 degrees of each other.
        weight: ``(N,)`` confidence.
        turns: of the reweighting.

    Returns:
        ``(6,)`` coefficients in degrees and the robust spread of the residuals in degrees.
    """
    design = surface(u, v)
    ridge = np.diag([0.0, 0.02, 0.02, 0.05, 0.05, 0.05])
    trust = weight / weight.sum()
    coefficients = np.zeros(6)
    spread = 0.0
    for _ in range(turns):
        weighted = design * trust[:, None]
        coefficients = np.linalg.solve(design.T @ weighted + ridge * trust.sum(), weighted.T @ angle_deg)
        residual = np.abs(angle_deg - design @ coefficients)
        order = np.argsort(residual)
        share = np.cumsum(weight[order])
        spread = 1.4826 * float(residual[order][np.searchsorted(share, 0.5 * share[-1])])
        trust = weight * np.clip(1.0 - (residual / (4.685 * max(spread, 0.5))) ** 2, 0.0, None) ** 2
        trust = trust / trust.sum()
    return coefficients, spread


def inserting(coefficients_deg: F64, *, axis_deg: float, share: float = 0.4) -> F64:
    """Slope and bend of a field reduced until its fascicles can insert on both aponeuroses everywhere.

    Args:
        coefficients_deg: ``(6,)`` of the surface.
        axis_deg: mean direction of the two aponeuroses.
        share: of the mean turn from the axis that must be left at every place.

    Returns:
        ``(6,)`` with the last five terms multiplied by one factor from 0 to 1.

    >>> inserting(np.array([10.0, 12.0, 0, 0, 0, 0]), axis_deg=0.0, share=0.4).tolist()
    [10.0, 6.0, 0.0, 0.0, 0.0, 0.0]
    """
    u, v = (a.ravel() for a in np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9)))
    mean = coefficients_deg[0] - axis_deg
    change = (surface(u, v)[:, 1:] @ coefficients_deg[1:]) * np.sign(mean)
    least = float(change.min())
    room = (1.0 - share) * abs(mean)
    factor = 1.0 if least >= -room else room / -least
    return np.concatenate([coefficients_deg[:1], factor * coefficients_deg[1:]])


_STEEPEST_DEG, _LEAST_DEG, _KERNEL_DEG = 50.0, 2.0, 4.0
_BINS_DEG = np.arange(-_STEEPEST_DEG, _STEEPEST_DEG + 1.0)


def direction_density(angle_deg: F64, weight: F64, *, axis_deg: float) -> F64:
    """How the weight lies over the turns that a fascicle can have, -50 to 50 degrees from the aponeuroses.

    Args:
        angle_deg: ``(N,)`` local directions.
        weight: ``(N,)`` confidence.
        axis_deg: mean direction of the two aponeuroses.

    Returns:
        ``(100,)`` for turns of -49.5, -48.5 ... 49.5 degrees, smoothed by a kernel of 4 degrees, of sum 1; zeros where
        no weight lies in the range. Turns under 2 degrees do not count, turns of a few degrees count less: lines nearly
        along the aponeuroses are mostly their echoes and the beam's grain.
    """
    turn = (angle_deg - axis_deg + 90.0) % 180.0 - 90.0
    usable = np.abs(turn) >= _LEAST_DEG
    doubt = 1.0 - np.exp(-0.5 * (turn / _DOUBTFUL_DEG) ** 2)
    histogram, _ = np.histogram(turn[usable], bins=_BINS_DEG, weights=(weight * doubt)[usable])
    reach = np.arange(-12, 13)
    density = np.convolve(histogram, np.exp(-0.5 * (reach / _KERNEL_DEG) ** 2), mode="same")
    total = float(density.sum())
    return np.asarray(density / total if total > 0 else density)


def dominant_angle_deg(density: F64, *, axis_deg: float) -> float:
    """The direction of the highest density, between the bins by a parabola; NaN where there is none."""
    if density.max() <= 0:
        return float("nan")
    k = int(np.clip(np.argmax(density), 1, density.size - 2))
    left, mid, right = density[k - 1 : k + 2]
    bend = left - 2.0 * mid + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return axis_deg + float(_BINS_DEG[k]) + 0.5 + float(np.clip(shift, -1.0, 1.0))
