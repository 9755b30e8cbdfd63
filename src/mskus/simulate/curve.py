"""A smooth curve ``y(x)`` in mm: the inner edge of an aponeurosis or the surface of a bone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Depth ``y`` (mm, downwards) of a curve over the lateral position ``x`` (mm): tilt, bow and ripples.

    Attributes:
        centre_x_mm: where the tilt turns and the bow has its apex.
        depth_mm: depth at the centre.
        angle_deg: tilt, positive when the curve rises to the right as seen on screen.
        bow_mm: how much deeper the curve lies ``half_mm`` away from the centre.
        half_mm: the distance that ``bow_mm`` refers to.
        ripples: ``(amplitude_mm, wavelength_mm, phase_rad)`` of added sines.

    Example:
        >>> line = Curve(centre_x_mm=25.0, depth_mm=10.0, angle_deg=45.0)
        >>> float(line(30.0).round(6))
        5.0
    """

    centre_x_mm: float
    depth_mm: float
    angle_deg: float = 0.0
    bow_mm: float = 0.0
    half_mm: float = 25.0
    ripples: tuple[tuple[float, float, float], ...] = ()

    def __call__(self, x_mm: ArrayLike) -> FloatArray:
        """Depth in mm at ``x_mm`` (any shape)."""
        x = np.asarray(x_mm, np.float64) - self.centre_x_mm
        y = self.depth_mm - np.tan(np.deg2rad(self.angle_deg)) * x + self.bow_mm * (x / self.half_mm) ** 2
        for amplitude, wavelength, phase in self.ripples:
            y = y + amplitude * np.sin(2 * np.pi * x / wavelength + phase)
        return np.asarray(y, np.float64)

    def slope(self, x_mm: ArrayLike) -> FloatArray:
        """``dy/dx`` at ``x_mm`` (any shape)."""
        x = np.asarray(x_mm, np.float64) - self.centre_x_mm
        dy = np.full_like(x, -np.tan(np.deg2rad(self.angle_deg))) + 2 * self.bow_mm * x / self.half_mm**2
        for amplitude, wavelength, phase in self.ripples:
            k = 2 * np.pi / wavelength
            dy = dy + amplitude * k * np.cos(k * x + phase)
        return np.asarray(dy, np.float64)


class SampledCurve:
    """A curve read from a fine table: many points at a tenth of the price, off by at most a few micrometres."""

    def __init__(self, curve: Curve, *, low_mm: float, high_mm: float, nodes: int = 8192) -> None:
        self.low = low_mm
        self.scale = (nodes - 1) / (high_mm - low_mm)
        self.values = curve(np.linspace(low_mm, high_mm, nodes))

    def __call__(self, x_mm: FloatArray) -> FloatArray:
        """Depth in mm; beyond the table its last value."""
        at = ((x_mm - self.low) * self.scale + 0.5).astype(np.int32)
        return self.values[np.clip(at, 0, self.values.size - 1)]
