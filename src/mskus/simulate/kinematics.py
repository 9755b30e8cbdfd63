"""A muscle at one state of contraction: where its matter is, how its fascicles run."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from mskus.simulate.curve import Curve, FloatArray
from mskus.simulate.muscle import MuscleAnatomy

PIVOT = 0.25  # relative depth that stays under the probe: the skin holds the superficial side


@dataclass(frozen=True)
class MuscleState:
    r"""An anatomy contracted by ``contraction`` (0 rest, 1 full).

    Matter of the belly is named by ``(X, V)``: its lateral position at rest and its relative depth between the inner
    edges. A contraction slides the edges against each other (the parallelogram model of a pennate muscle, after
    Gans & Bock 1965): ``x = X + S (V - 1/4)``, ``y = s(x) + V h(x)``, with ``S = direction * shear * contraction``,
    superficial edge ``s`` and vertical thickness ``h``. So the thickness hardly changes, while fascicles shorten
    and steepen.
    """

    anatomy: MuscleAnatomy
    contraction: float = 0.0

    @property
    def slide_mm(self) -> float:
        """``S``: signed lateral slide of the deep edge against the superficial one."""
        return self.anatomy.direction * self.anatomy.shear_mm * self.contraction

    @property
    def superficial(self) -> Curve:
        """Inner edge of the superficial aponeurosis."""
        return self.anatomy.superficial

    @property
    def deep(self) -> Curve:
        """Inner edge of the deep aponeurosis, thickened and turned by the contraction."""
        a, c = self.anatomy, self.contraction
        return replace(
            a.deep,
            depth_mm=a.deep.depth_mm + c * a.thickening * a.thickness_mm,
            angle_deg=a.deep.angle_deg + c * a.deep_rotation_deg,
        )

    def resting_angle_deg(self, x_mm: ArrayLike, v: ArrayLike) -> FloatArray:
        """Orientation of the fascicles at rest, at matter ``(X, V)``; constant beyond the edges and sides."""
        a = self.anatomy
        u = np.clip((np.asarray(x_mm, np.float64) - a.superficial.centre_x_mm) / a.half_mm, -1.2, 1.2)
        depth = np.clip(np.asarray(v, np.float64), 0.0, 1.0)
        return np.asarray(a.fascicle_angle_deg + a.direction * (a.bend_deg * (depth - 0.5) + a.fan_deg * u))

    def orientation_deg(self, x_mm: ArrayLike, y_mm: ArrayLike) -> FloatArray:
        """Orientation of the fascicles at ``(x, y)``: degrees counter-clockwise as seen on screen, mm geometry."""
        x, y = np.asarray(x_mm, np.float64), np.asarray(y_mm, np.float64)
        deep = self.deep
        top, height = self.superficial(x), deep(x) - self.superficial(x)
        v = np.clip((y - top) / height, 0.0, 1.0)
        if self.contraction == 0.0:
            return _axial(self.resting_angle_deg(x, v))
        rest_x = x - self.slide_mm * (v - PIVOT)
        theta = np.deg2rad(self.resting_angle_deg(rest_x, v))
        # direction at rest, in matter's coordinates: dX = cos, dV = (dy - (s' + V h') dX) / h
        a = self.anatomy
        rest_slope = (1 - v) * a.superficial.slope(rest_x) + v * a.deep.slope(rest_x)
        rest_height = a.deep(rest_x) - a.superficial(rest_x)
        d_v = (-np.sin(theta) - rest_slope * np.cos(theta)) / rest_height
        d_x = np.cos(theta) + self.slide_mm * d_v
        slope = (1 - v) * self.superficial.slope(x) + v * deep.slope(x)
        d_y = slope * d_x + height * d_v
        return _axial(np.rad2deg(np.arctan2(-d_y, d_x)))

    def place(self, x_mm: ArrayLike, v: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Where the matter ``(X, V)`` lies now, ``(x, y)`` in mm.

        ``V < 0`` is above the belly (``V = -1`` the skin's surface), ``V > 1`` is ``V - 1`` mm below it.
        """
        rest, depth = np.asarray(x_mm, np.float64), np.asarray(v, np.float64)
        above, below = np.clip(depth, -1.0, 0.0), np.clip(depth - 1.0, 0.0, None)
        inside = np.clip(depth, 0.0, 1.0)
        # the skin stays under the probe; what lies below is dragged along, less and less with depth
        x = rest + self.slide_mm * (inside - PIVOT) * (1 + above) * np.exp(-below / 20.0)
        top = self.superficial(x)
        y = top * (1 + above) + inside * (self.deep(x) - top) + below
        return x, y


def _axial(angle_deg: FloatArray) -> FloatArray:
    """An orientation in (-90, 90]."""
    return np.asarray(90.0 - np.mod(90.0 - angle_deg, 180.0))
