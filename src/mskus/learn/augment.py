"""Ultrasound augmentation: what another scanner, setting, probe or hand would have changed in the picture.

Geometry moves picture and masks by one affine map (and turns angles); intensity changes the picture only. Speckle is
multiplicative and correlated, as after envelope detection (Goodman 2007); depth gain is a smooth curve over depth.
"""

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
        scale_x=float(fit_x * zoom_x * (-1.0 if rng.random() < 0.5 else 1.0)),
        scale_y=float(fit_y * zoom_y),
        rotation_deg=float(rng.uniform(-rotation_deg, rotation_deg)),
        shear=float(rng.uniform(-shear, shear)),
    )


def _smooth_noise(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Image:
    coarse = rng.standard_normal(cells).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def speckle(image: Image, rng: np.random.Generator, *, strength: float) -> Image:
    """Multiply by correlated noise of that standard deviation; grains are wider than high, as a beam makes them."""
    h, w = image.shape
    noise = _smooth_noise(rng, (h, w), (max(2, int(h / rng.uniform(1.2, 3))), max(2, int(w / rng.uniform(1.5, 5)))))
    return image * (1.0 + strength * noise)


def depth_gain(image: Image, rng: np.random.Generator, *, strength: float) -> Image:
    """Multiply by a smooth curve over depth, as the slide controls of a scanner do."""
    knots = rng.normal(0.0, strength, 5).astype(np.float32)
    curve = cv2.resize(knots[:, None], (1, image.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(image * np.exp(curve), np.float32)


def dynamic_range(image: Image, rng: np.random.Generator) -> Image:
    """Gamma, gain and offset: another log compression and brightness."""
    gamma = np.exp(rng.uniform(-0.5, 0.5))
    return np.asarray(np.clip(image, 0, None) ** gamma * rng.uniform(0.75, 1.3) + rng.uniform(-0.08, 0.08), np.float32)


def shadow(image: Image, rng: np.random.Generator) -> Image:
    """Darken a slanted band below a random depth: an air gap or a reflector above."""
    h, w = image.shape
    rows, columns = np.mgrid[0:h, 0:w].astype(np.float32)
    middle = rng.uniform(0, w) + (rows - h / 2) * rng.uniform(-0.2, 0.2)
    width = rng.uniform(0.02, 0.12) * w
    start = rng.uniform(-0.3, 0.6) * h
    dark = np.exp(-(((columns - middle) / width) ** 2)) / (1.0 + np.exp(-(rows - start) / (0.03 * h)))
    return np.asarray(image * (1.0 - rng.uniform(0.3, 0.95) * dark), np.float32)


def blur(image: Image, rng: np.random.Generator) -> Image:
    """Another resolution: Gaussian blur, mostly across the beam."""
    return np.asarray(
        cv2.GaussianBlur(image, (0, 0), sigmaX=float(rng.uniform(0.3, 1.8)), sigmaY=float(rng.uniform(0.3, 1.0))),
        np.float32,
    )


def screen_furniture(image: Image, rng: np.random.Generator) -> Image:
    """Black or grey borders and burned-in text, as left inside by an imperfect crop."""
    h, w = image.shape
    out = image.copy()
    grey = 0.0 if rng.random() < 0.6 else float(rng.uniform(0.0, 0.3))
    if rng.random() < 0.5:
        band = int(rng.uniform(0.01, 0.12) * w)
        side = np.s_[:, :band] if rng.random() < 0.5 else np.s_[:, w - band :]
        out[side] = grey
    if rng.random() < 0.3:
        out[h - int(rng.uniform(0.01, 0.1) * h) :] = grey
    if rng.random() < 0.4:
        text = "".join(rng.choice(list("0123456789.cmMHzLR"), 6))
        at = (int(rng.uniform(0, 0.85) * w), int(rng.uniform(0.05, 1.0) * h))
        ink = np.zeros((h, w), np.uint8)
        cv2.putText(ink, text, at, cv2.FONT_HERSHEY_SIMPLEX, float(rng.uniform(0.25, 0.5)), 255, 1)
        out = np.maximum(out, ink.astype(np.float32) / 255.0)
    return out


def augment_intensity(image: Image, rng: np.random.Generator, *, often: float = 1.0) -> Image:
    """A random choice of the changes above on a picture in [0, 1]; returns [0, 1].

    Args:
        image: ``(H, W)`` in [0, 1].
        rng: the source of randomness.
        often: scales the chance of every change.
    """
    if rng.random() < 0.5 * often:
        image = blur(image, rng)
    if rng.random() < 0.8 * often:
        image = dynamic_range(image, rng)
    if rng.random() < 0.6 * often:
        image = depth_gain(image, rng, strength=0.35)
    if rng.random() < 0.6 * often:
        image = speckle(image, rng, strength=float(rng.uniform(0.05, 0.35)))
    if rng.random() < 0.25 * often:
        image = shadow(image, rng)
    if rng.random() < 0.25 * often:
        image = np.asarray(image + rng.normal(0, rng.uniform(0.01, 0.06), image.shape), np.float32)
    if rng.random() < 0.3 * often:
        image = screen_furniture(image, rng)
    return np.clip(image, 0.0, 1.0).astype(np.float32)
