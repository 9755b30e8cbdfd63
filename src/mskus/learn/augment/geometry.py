"""Geometry of augmentation: another zoom, probe angle or hand, moving picture, masks and angles by one affine map."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """An affine map of the picture about its centre, from source pixels to output pixels.

    Attributes:
        size: ``(width, height)`` of the output.
        scale_x: output pixels per source pixel along x (negative: flipped left to right).
        scale_y: the same along y.
        rotation_deg: counter-clockwise as seen on screen, applied after scaling.
        shear: shift along y per output pixel along x, as a tilted probe does; positive lowers the right side.
        centre: source point ``(x, y)`` that lands in the middle of the output.
    """

    size: tuple[int, int]
    centre: tuple[float, float]
    scale_x: float = 1.0
    scale_y: float = 1.0
    rotation_deg: float = 0.0
    shear: float = 0.0

    @property
    def linear(self) -> NDArray[np.float64]:
        """``(2, 2)`` linear part in pixel coordinates (y downwards)."""
        t = np.deg2rad(self.rotation_deg)
        # y points down, so a turn counter-clockwise on screen has the signs below
        turn = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
        slant = np.array([[1.0, 0.0], [self.shear, 1.0]])
        return np.asarray(turn @ slant @ np.diag([self.scale_x, self.scale_y]), np.float64)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """``(2, 3)`` map for :func:`cv2.warpAffine`."""
        linear = self.linear
        middle = (np.array(self.size, float) - 1.0) / 2.0
        return np.hstack([linear, (middle - linear @ np.array(self.centre))[:, None]])

    def warp(self, array: NDArray[np.uint8], *, border: float = 0.0) -> NDArray[np.uint8]:
        """``array`` (H, W) or (H, W, C) in the output's pixels, bilinear; outside it is ``border``."""
        value = (border,) * 4
        warped = cv2.warpAffine(array, self.matrix, self.size, flags=cv2.INTER_LINEAR, borderValue=value)
        return np.asarray(warped, np.uint8)

    def warp_nearest(self, array: Image, *, outside: float = 0.0) -> Image:
        """``array`` (H, W) in the output's pixels by nearest neighbour: for values that must not be mixed."""
        warped = cv2.warpAffine(array, self.matrix, self.size, flags=cv2.INTER_NEAREST, borderValue=(outside,) * 4)
        return np.asarray(warped, np.float32)

    def turn_angle(self, angle_deg: NDArray[np.float32] | float) -> NDArray[np.float64]:
        """Orientation of a line after the map, degrees in (-90, 90], positive = rising to the right.

        Example:
            >>> float(Geometry(size=(9, 9), centre=(4, 4), scale_x=-1.0).turn_angle(20.0))
            -20.0
        """
        t = np.deg2rad(np.asarray(angle_deg, np.float64))
        linear = self.linear
        dx = linear[0, 0] * np.cos(t) - linear[0, 1] * np.sin(t)
        dy = linear[1, 0] * np.cos(t) - linear[1, 1] * np.sin(t)
        turned = np.rad2deg(np.arctan2(-dy, dx))
        return np.asarray(np.round(90.0 - np.mod(90.0 - turned, 180.0), 9))


def random_geometry(
    rng: np.random.Generator,
    *,
    source: tuple[int, int],
    size: tuple[int, int],
    zoom: tuple[float, float] = (0.85, 1.35),
    stretch: float = 1.2,
    shift: float = 0.08,
    rotation_deg: float = 6.0,
    shear: float = 0.08,
    flip: bool = True,
) -> Geometry:
    """A random map from a ``source`` (width, height) picture to ``size``: zoom, stretch, flip, turn, slant, shift.

    Zooming in chooses the visible part anywhere in the picture; zooming out leaves a border.
    """
    fit_x, fit_y = size[0] / source[0], size[1] / source[1]
    factor = np.exp(rng.uniform(np.log(zoom[0]), np.log(zoom[1])))
    aspect = np.exp(rng.uniform(-np.log(stretch), np.log(stretch)))
    zoom_x, zoom_y = factor * np.sqrt(aspect), factor / np.sqrt(aspect)
    slack_x = max(0.0, 1.0 - 1.0 / zoom_x) / 2.0 + shift
    slack_y = max(0.0, 1.0 - 1.0 / zoom_y) / 2.0 + shift
    return Geometry(
        size=size,
        centre=(
            source[0] * (0.5 + rng.uniform(-slack_x, slack_x)) - 0.5,
            source[1] * (0.5 + rng.uniform(-slack_y, slack_y)) - 0.5,
        ),
        scale_x=float(fit_x * zoom_x * (-1.0 if rng.random() < 0.5 and flip else 1.0)),
        scale_y=float(fit_y * zoom_y),
        rotation_deg=float(rng.uniform(-rotation_deg, rotation_deg)),
        shear=float(rng.uniform(-shear, shear)),
    )
