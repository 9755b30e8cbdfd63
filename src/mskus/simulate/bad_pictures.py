"""Pictures that no exam can rest on, drawn from what goes wrong at the scanner; for tests of verdict and abstention."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def lifted_probe(
    rng: np.random.Generator, shape: tuple[int, int] = (480, 640), *, noise: float = 6.0, rings: int = 7
) -> NDArray[np.uint8]:
    """A probe in air: rings at the top that fade with depth, a little uneven along the row, over deep-gain noise.

    Args:
        rng: source of chance.
        shape: ``(H, W)``.
        noise: grey levels of the noise at the bottom.
        rings: number of reverberation rings.

    Returns:
        ``(H, W)`` uint8.
    """
    height, width = shape
    depth = np.linspace(0, 1, height)[:, None]
    along = np.linspace(0, 1, width)[None, :]
    uneven = 1 + 0.1 * np.sin(2 * np.pi * (along * rng.uniform(0.5, 2) + rng.uniform()))
    spacing = rng.uniform(0.02, 0.04)
    picture = np.zeros(shape)
    for ring in range(1, rings + 1):
        echo = np.exp(-(((depth - ring * spacing) / 0.004) ** 2))
        picture += 220 * np.exp(-0.6 * (ring - 1)) * echo * uneven
    grain = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), 1.0)
    picture += noise * (0.3 + depth) * np.abs(grain / grain.std())
    return np.clip(picture, 0, 255).astype(np.uint8)


def white_noise(rng: np.random.Generator, shape: tuple[int, int] = (480, 640)) -> NDArray[np.uint8]:
    """Snow, ``(H, W)`` uint8."""
    return rng.integers(0, 256, shape, np.uint8)


def scan_converted_noise(
    rng: np.random.Generator, shape: tuple[int, int] = (480, 640), *, grain_px: float = 1.5, level: float = 25.0
) -> NDArray[np.uint8]:
    """Electronic noise as a scanner shows it: grain of the scan converter, growing with depth-gain.

    Args:
        rng: source of chance.
        shape: ``(H, W)``.
        grain_px: standard deviation of the grain in pixels.
        level: mean grey level in the upper part.

    Returns:
        ``(H, W)`` uint8.
    """
    grain = np.abs(cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), grain_px))
    gain = np.linspace(0.5, 2.0, shape[0])[:, None]
    picture = level * gain * grain / grain.mean()
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def reverberation(rng: np.random.Generator, shape: tuple[int, int] = (480, 640)) -> NDArray[np.uint8]:
    """Horizontal bands down to the bottom and nothing else, as in a gel pad over air; ``(H, W)`` uint8."""
    bands = 120 * np.abs(np.sin(np.arange(shape[0]) / 11.0))
    picture = bands[:, None] + rng.normal(0, 4, shape)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)
