"""Appearance: what another scanner, setting or patient would have changed in the picture; masks stay as they are.

Speckle is multiplicative and correlated, as after envelope detection (Goodman 2007); depth gain is a smooth curve over
depth; a reverberation is the picture of a strong reflector again at twice its depth, fainter.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


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


def reverberation(image: Image, rng: np.random.Generator) -> Image:
    """Add the picture again at twice its depth, fainter and smeared: sound that went to a reflector twice."""
    h, w = image.shape
    lateral = rng.uniform(0.2, 1.0) * np.exp(-(((np.arange(w) / w - rng.uniform(0, 1)) / rng.uniform(0.15, 0.5)) ** 2))
    twice_as_deep = np.array([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]])
    echo = np.asarray(cv2.warpAffine(image, twice_as_deep, (w, h), flags=cv2.INTER_LINEAR), np.float32)
    bright = np.clip(echo - np.float32(np.quantile(image, 0.7)), 0, None)
    return np.asarray(image + bright * lateral.astype(np.float32)[None, :] * rng.uniform(0.2, 0.8), np.float32)


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
