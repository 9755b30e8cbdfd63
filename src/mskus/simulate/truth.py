"""The truth of one simulated frame: every measurement from the analytic anatomy, polylines, and dense maps."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.simulate.curve import Curve, FloatArray
from mskus.simulate.kinematics import MuscleState
from mskus.simulate.scanner import Scanner

_STEP_MM = 0.4
_LONGEST_MM = 600.0
SEED_POSITIONS = (0.3, 0.4, 0.5, 0.6, 0.7)
THICKNESS_POSITIONS = tuple(np.arange(5, 100, 5) / 100)


@dataclass(frozen=True)
class _Line:
    """``y = offset + slope * x`` in mm."""

    offset: float
    slope: float

    def __call__(self, x: FloatArray) -> FloatArray:
        return self.offset + self.slope * x

    @property
    def angle_deg(self) -> float:
        return float(np.rad2deg(np.arctan(-self.slope)))


@dataclass(frozen=True, eq=False)
class MuscleTruth:
    """What is true of one frame of a muscle phantom.

    Attributes:
        state: the contracted anatomy.
        scanner: the scanner that made the picture.
        frame_size_px: ``(height, width)`` of the frame (picture, or screen around it).
        origin_px: ``(x, y)`` of the picture's first pixel in the frame.
        lines: visible fascicle fragments, each ``(M, 2)`` in material coordinates.
    """

    state: MuscleState
    scanner: Scanner
    frame_size_px: tuple[int, int]
    origin_px: tuple[int, int] = (0, 0)
    lines: list[FloatArray] = field(default_factory=list)

    # ---------------------------------------------------------------- geometry in mm

    @cached_property
    def span_mm(self) -> tuple[float, float]:
        """Columns in which both inner edges are visible, ``(x0, x1)`` in the picture's mm."""
        x = np.linspace(0.0, (self.scanner.size_px[1] - 1) * self.scanner.mm_per_px_col, 1601)
        seen = self.scanner.inside(x, self.state.superficial(x)) & self.scanner.inside(x, self.state.deep(x))
        runs = np.split(np.flatnonzero(seen), np.flatnonzero(np.diff(np.flatnonzero(seen)) > 1) + 1)
        longest = max(runs, key=len)
        if longest.size < 2:
            return float("nan"), float("nan")
        return float(x[longest[0]]), float(x[longest[-1]])

    def _fit(self, curve: Curve) -> _Line:
        x = np.linspace(*self.span_mm, 401)
        slope, offset = np.polyfit(x, curve(x), 1)
        return _Line(float(offset), float(slope))

    @cached_property
    def _superficial_line(self) -> _Line:
        return self._fit(self.state.superficial)

    @cached_property
    def _deep_line(self) -> _Line:
        return self._fit(self.state.deep)

    def _extended(self, curve: Curve, line: _Line, x: FloatArray) -> FloatArray:
        low, high = self.span_mm
        return np.where((x >= low) & (x <= high), curve(x), line(x))

    def superficial_edge_mm(self, x_mm: FloatArray) -> FloatArray:
        """Depth of the superficial inner edge, extended by its line outside the common span."""
        return self._extended(self.state.superficial, self._superficial_line, x_mm)

    def deep_edge_mm(self, x_mm: FloatArray) -> FloatArray:
        """Depth of the deep inner edge, extended by its line outside the common span."""
        return self._extended(self.state.deep, self._deep_line, x_mm)

    def _relative_depth(self, x: FloatArray, y: FloatArray) -> FloatArray:
        top = self.superficial_edge_mm(x)
        return np.asarray((y - top) / (self.deep_edge_mm(x) - top))

    def _field_deg(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Orientation, extended beyond the span by the nearest column at equal relative depth."""
        v = self._relative_depth(x, y)
        inside = np.clip(x, *self.span_mm)
        top = self.state.superficial(inside)
        return self.state.orientation_deg(inside, top + v * (self.state.deep(inside) - top))

    # ---------------------------------------------------------------- measurements

    @cached_property
    def measurements(self) -> dict[str, float]:
        """Every measurement of the muscle exam by name, in the unit of its name."""
        values = {
            "superficial_aponeurosis_angle_deg": self._superficial_line.angle_deg,
            "deep_aponeurosis_angle_deg": self._deep_line.angle_deg,
        }
        for percent in (25, 50, 75):
            values[f"muscle_thickness_{percent}_mm"] = float(self.thickness_mm(np.array([percent / 100]))[0])
        values["muscle_thickness_mean_mm"] = float(self.thickness_mm(np.array(THICKNESS_POSITIONS)).mean())
        values["fascicle_angle_deg"] = self.fascicle_angle_deg
        superficial = _angle_between(self.fascicle_angle_deg, self._superficial_line.angle_deg)
        values["pennation_angle_superficial_deg"] = superficial
        values["pennation_angle_deep_deg"] = _angle_between(self.fascicle_angle_deg, self._deep_line.angle_deg)
        values["pennation_angle_deg"] = superficial
        length, curvature = self._streamlines(straight=False)
        values["fascicle_length_mm"] = length
        values["fascicle_length_straight_mm"] = self._streamlines(straight=True)[0]
        values["fascicle_length_trigonometric_mm"] = float(
            values["muscle_thickness_50_mm"] / np.sin(np.deg2rad(superficial))
        )
        values["fascicle_curvature_per_m"] = curvature
        values["skin_and_fat_thickness_mm"] = self.fat_thickness_mm
        return values

    def thickness_mm(self, positions: FloatArray) -> FloatArray:
        """Thickness perpendicular to the superficial line at relative ``positions`` (0..1) of the span."""
        low, high = self.span_mm
        x = low + np.asarray(positions, np.float64) * (high - low)
        y = self.state.superficial(x)
        norm = np.hypot(1.0, self._superficial_line.slope)
        step_x, step_y = -self._superficial_line.slope / norm, 1.0 / norm
        near, far = np.zeros_like(x), np.full_like(x, 200.0)
        for _ in range(50):
            middle = (near + far) / 2
            above = y + middle * step_y < self.deep_edge_mm(x + middle * step_x)
            near, far = np.where(above, middle, near), np.where(above, far, middle)
        return (near + far) / 2

    @cached_property
    def fascicle_angle_deg(self) -> float:
        """Mean axial orientation over the central belly (25-75 % of the span, 15-85 % of the depth)."""
        low, high = self.span_mm
        x = np.linspace(low + 0.25 * (high - low), low + 0.75 * (high - low), 61)[None, :]
        v = np.linspace(0.15, 0.85, 41)[:, None]
        top, height = self.state.superficial(x), self.state.deep(x) - self.state.superficial(x)
        angle = np.deg2rad(2 * self.state.orientation_deg(np.broadcast_to(x, (41, 61)), top + v * height))
        weight = np.broadcast_to(height, angle.shape)
        return float(np.rad2deg(np.arctan2((weight * np.sin(angle)).sum(), (weight * np.cos(angle)).sum())) / 2)

    @cached_property
    def fat_thickness_mm(self) -> float:
        """Mean depth of the superficial aponeurosis' outer edge below the picture's upper edge, skin included."""
        x = np.linspace(*self.span_mm, 401)
        return float((self.state.superficial(x) - self.state.anatomy.superficial_thickness_mm).mean())

    def streamlines_mm(self, *, straight: bool = False) -> list[FloatArray]:
        """Fascicles through the five seeds at mid-thickness, each ``(M, 2)`` from superficial to deep edge.

        Raises:
            ValueError: never; a fascicle that meets no edge within 600 mm ends there.
        """
        low, high = self.span_mm
        x = low + np.array(SEED_POSITIONS) * (high - low)
        y = (self.state.superficial(x) + self.state.deep(x)) / 2
        up = self._trace(x, y, towards=-1, straight=straight)
        down = self._trace(x, y, towards=1, straight=straight)
        return [np.concatenate([u[::-1], d[1:]]) for u, d in zip(up, down, strict=True)]

    def _trace(self, x: FloatArray, y: FloatArray, *, towards: int, straight: bool) -> list[FloatArray]:
        """Runge-Kutta 4 along the field until the edge above (-1) or below (+1)."""
        # on screen a fascicle of positive inclination goes up to the right
        sign = float(-towards * self.state.anatomy.direction)

        def move(px: FloatArray, py: FloatArray) -> FloatArray:
            angle = np.full_like(px, self.fascicle_angle_deg) if straight else self._field_deg(px, py)
            angle = np.deg2rad(angle)
            return sign * np.stack([np.cos(angle), -np.sin(angle)])

        point = np.stack([x, y])
        path = [point]
        wall = 0.0 if towards < 0 else 1.0
        for _ in range(int(_LONGEST_MM / _STEP_MM)):
            a = move(*point)
            b = move(*(point + _STEP_MM / 2 * a))
            c = move(*(point + _STEP_MM / 2 * b))
            d = move(*(point + _STEP_MM * c))
            point = point + _STEP_MM / 6 * (a + 2 * b + 2 * c + d)
            path.append(point)
            if bool(np.all(towards * (self._relative_depth(*point) - wall) > 0)):
                break
        points = np.stack(path)
        out = []
        for i in range(x.size):
            beyond = towards * (self._relative_depth(points[:, 0, i], points[:, 1, i]) - wall)
            stop = int(np.argmax(beyond > 0)) if bool((beyond > 0).any()) else len(points) - 1
            part = points[: stop + 1, :, i].copy()
            if beyond[stop] > 0:
                fraction = beyond[stop - 1] / (beyond[stop - 1] - beyond[stop])
                part[stop] = part[stop - 1] + fraction * (part[stop] - part[stop - 1])
            out.append(part)
        return out

    def _streamlines(self, *, straight: bool) -> tuple[float, float]:
        lengths, curvatures = [], []
        for path in self.streamlines_mm(straight=straight):
            step = np.diff(path, axis=0)
            size = np.hypot(step[:, 0], step[:, 1])
            heading = np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
            lengths.append(float(size.sum()))
            curvatures.append(float(np.abs(np.diff(heading)).sum() / size.sum() * 1000.0))
        return float(np.mean(lengths)), float(np.mean(curvatures))

    def record(self) -> dict[str, Any]:
        """As plain data for JSON: contraction, measurements and inner edges (px)."""
        return {
            "contraction": self.state.contraction,
            "measurements": {name: round(value, 4) for name, value in self.measurements.items()},
            "superficial_aponeurosis_px": np.round(self.superficial_px[::8], 2).tolist(),
            "deep_aponeurosis_px": np.round(self.deep_px[::8], 2).tolist(),
        }

    # ---------------------------------------------------------------- pixels

    def to_px(self, x_mm: FloatArray, y_mm: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The picture's mm to the frame's pixels."""
        s = self.scanner
        return x_mm / s.mm_per_px_col + self.origin_px[0], y_mm / s.mm_per_px_row + self.origin_px[1]

    def _polyline(self, curve: Curve) -> FloatArray:
        x = np.linspace(*self.span_mm, 200)
        return np.column_stack(self.to_px(x, curve(x)))

    @cached_property
    def superficial_px(self) -> FloatArray:
        """Inner edge of the superficial aponeurosis over the common span, ``(200, 2)`` frame pixels."""
        return self._polyline(self.state.superficial)

    @cached_property
    def deep_px(self) -> FloatArray:
        """Inner edge of the deep aponeurosis over the common span, ``(200, 2)`` frame pixels."""
        return self._polyline(self.state.deep)

    @cached_property
    def _pixel_mm(self) -> tuple[FloatArray, FloatArray]:
        height, width = self.frame_size_px
        s = self.scanner
        x = (np.arange(width, dtype=np.float64) - self.origin_px[0]) * s.mm_per_px_col
        y = (np.arange(height, dtype=np.float64) - self.origin_px[1]) * s.mm_per_px_row
        return x[None, :], y[:, None]

    @cached_property
    def field(self) -> NDArray[np.bool_]:
        """``(H, W)``: the insonified field."""
        x, y = self._pixel_mm
        return self.scanner.inside(np.broadcast_to(x, self.frame_size_px), np.broadcast_to(y, self.frame_size_px))

    def _band(self, low: FloatArray, high: FloatArray) -> NDArray[np.bool_]:
        _, y = self._pixel_mm
        return np.asarray((y >= low) & (y <= high) & self.field)

    @cached_property
    def superficial_mask(self) -> NDArray[np.bool_]:
        """``(H, W)``: the superficial aponeurosis."""
        edge = self.state.superficial(self._pixel_mm[0])
        return self._band(edge - self.state.anatomy.superficial_thickness_mm, edge)

    @cached_property
    def deep_mask(self) -> NDArray[np.bool_]:
        """``(H, W)``: the deep aponeurosis."""
        edge = self.state.deep(self._pixel_mm[0])
        return self._band(edge, edge + self.state.anatomy.deep_thickness_mm)

    @cached_property
    def other_mask(self) -> NDArray[np.bool_]:
        """``(H, W)``: further aponeuroses below the muscle."""
        a = self.state.anatomy
        out = np.zeros(self.frame_size_px, np.bool_)
        columns = np.linspace(-30.0, self.scanner.width_mm + 30.0, 512)
        for curve, thickness, _ in a.others:
            x, y = self.state.place(columns, 1.0 + np.maximum(curve(columns) - a.deep(columns), 0.0))
            edge = np.interp(self._pixel_mm[0], x, y)
            out |= self._band(edge, edge + thickness)
        return out

    @cached_property
    def belly_mask(self) -> NDArray[np.bool_]:
        """``(H, W)``: between the inner edges."""
        x = self._pixel_mm[0]
        return self._band(self.state.superficial(x), self.state.deep(x))

    @cached_property
    def fat_mask(self) -> NDArray[np.bool_]:
        """``(H, W)``: subcutaneous fat, from the skin to the superficial aponeurosis."""
        a = self.state.anatomy
        edge = self.state.superficial(self._pixel_mm[0]) - a.superficial_thickness_mm
        return self._band(np.full_like(edge, a.skin_mm), edge)

    @cached_property
    def fascicle_mask(self) -> NDArray[np.bool_]:
        """``(H, W)``: the visible fascicle fragments, about 0.4 mm wide (at least 2 px)."""
        import cv2

        canvas = np.zeros(self.frame_size_px, np.uint8)
        width = max(2, round(0.4 / min(self.scanner.mm_per_px_row, self.scanner.mm_per_px_col)))
        if not self.lines:
            return canvas > 0
        points = np.concatenate(self.lines)
        px, py = self.to_px(*self.state.place(points[:, 0], points[:, 1]))
        ends = np.cumsum([len(line) for line in self.lines])[:-1]
        paths = np.split(np.round(np.column_stack([px, py]) * 16).astype(np.int32), ends)
        cv2.polylines(canvas, paths, False, 255, width, cv2.LINE_8, 4)
        return np.asarray((canvas > 0) & self.belly_mask)

    @cached_property
    def orientation_deg(self) -> NDArray[np.float32]:
        """``(H, W)`` orientation of the fascicles in mm geometry, degrees; NaN outside the belly."""
        out = np.full(self.frame_size_px, np.nan, np.float32)
        rows, columns = np.nonzero(self.belly_mask)
        x, y = self._pixel_mm
        out[rows, columns] = self.state.orientation_deg(x[0, columns], y[rows, 0])
        return out

    @cached_property
    def orientation_px_deg(self) -> NDArray[np.float32]:
        """``(H, W)`` orientation as seen on the pixel grid, degrees; differs where pixels are not square."""
        angle = np.deg2rad(self.orientation_deg)
        rise, run = np.sin(angle) / self.scanner.mm_per_px_row, np.cos(angle) / self.scanner.mm_per_px_col
        seen = np.rad2deg(np.arctan2(rise, run))
        return np.asarray(90.0 - np.mod(90.0 - seen, 180.0), np.float32)


def _angle_between(first_deg: float, second_deg: float) -> float:
    """Acute angle between two orientations."""
    return float(abs((first_deg - second_deg + 90.0) % 180.0 - 90.0))
