"""Artefacts laid over a picture, with the truth of where they are; for tests and benchmarks of their detection."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Truth = NDArray[np.bool_]

MARKS = ("caliper", "dotted", "text", "body mark", "pointer")
_WORDS = ("RF", "VL", "D1 2.31cm", "LEFT", "SUPINE", "MED GASTROC", "TRANS")


def add_shadow(picture: Picture, rng: np.random.Generator, *, loss: float = 0.85) -> tuple[Picture, Truth]:
    """A bright convex surface, and behind it a share ``loss`` of every grey level gone."""
    height, width = picture.shape
    half = rng.uniform(0.08, 0.2) * width
    centre, top = rng.uniform(0.2, 0.8) * width, rng.uniform(0.3, 0.6) * height
    away = (np.arange(width) - centre) / half
    surface = top + 0.25 * half * away**2
    truth = (np.abs(away) < 1)[None, :] & (np.arange(height)[:, None] > surface[None, :] + 4)
    soft = cv2.GaussianBlur(truth.astype(np.float32), (0, 0), sigmaX=width / 150, sigmaY=1.5)
    bone = np.exp(-(((np.arange(height)[:, None] - surface[None, :]) / 2.5) ** 2)) * (np.abs(away) < 1)
    out = np.maximum(picture * (1 - loss * soft), 235 * bone * rng.uniform(0.8, 1.0, (height, width)))
    return out.astype(np.uint8), truth


def add_reverberation(picture: Picture, rng: np.random.Generator, *, level: float = 140.0) -> tuple[Picture, Truth]:
    """A train of equally spaced echoes over part of the width, each fainter than the last."""
    height, width = picture.shape
    half, centre = rng.uniform(0.08, 0.25) * width, rng.uniform(0.25, 0.75) * width
    first, distance = rng.uniform(0.05, 0.3) * height, rng.uniform(0.03, 0.09) * height
    echoes = int(rng.integers(5, 9))
    slope = rng.uniform(-0.05, 0.05)
    depth = np.arange(height)[:, None] - slope * (np.arange(width) - centre)[None, :]
    train = np.zeros((height, width))
    for k in range(echoes):
        train += level * 0.9**k * np.exp(-(((depth - first - k * distance) / (0.12 * distance)) ** 2))
    across = np.abs(np.arange(width) - centre)[None, :] < half
    truth = across & (depth > first - distance / 4) & (depth < first + (echoes - 0.75) * distance)
    return np.clip(picture + train * across, 0, 255).astype(np.uint8), truth


def add_saturation(picture: Picture, rng: np.random.Generator, *, gain: float = 2.5) -> tuple[Picture, Truth]:
    """Gain that is far too high around one depth; true where half of the neighbourhood is clipped."""
    height = len(picture)
    depth = (np.arange(height) - rng.uniform(0.2, 0.8) * height) / (rng.uniform(0.08, 0.2) * height)
    out = np.clip((picture + 30.0) * (1 + gain * np.exp(-(depth**2)))[:, None] - 30.0, 0, 255).astype(np.uint8)
    share = cv2.boxFilter((out >= 250).astype(np.float32), -1, (15, 15))
    return out, share > 0.3


def add_mark(
    picture: Picture, rng: np.random.Generator, *, kind: str = "caliper", ink: int = 230
) -> tuple[Picture, Truth]:
    """One mark as a scanner or a reader burns it in.

    Args:
        picture: ``(H, W)``.
        rng: source of chance for place and size.
        kind: one of ``MARKS``.
        ink: its grey level.

    Returns:
        Picture, and where the ink is.
    """
    height, width = picture.shape
    least = min(height, width)
    cover = np.zeros(picture.shape, np.uint8)
    smooth = cv2.LINE_AA if rng.random() < 0.6 else cv2.LINE_8
    thick = int(rng.integers(1, max(1, round(least / 500)) + 2))
    arm = max(3, int(rng.uniform(0.008, 0.02) * least))
    x, y = int(rng.uniform(0.12, 0.88) * width), int(rng.uniform(0.12, 0.88) * height)
    if kind in ("caliper", "dotted"):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.4) * least
        end = (
            int(np.clip(x + far * np.cos(angle), 15, width - 15)),
            int(np.clip(y + far * np.sin(angle), 15, height - 15)),
        )
        shape = cv2.MARKER_CROSS if rng.random() < 0.5 else cv2.MARKER_TILTED_CROSS
        for at in ((x, y), end):
            cv2.drawMarker(cover, at, 255, shape, 2 * arm, thick, smooth)
        if kind == "dotted":
            for part in np.linspace(0, 1, max(3, int(np.hypot(end[0] - x, end[1] - y) / rng.uniform(5, 10)))):
                dot = (int(x + part * (end[0] - x)), int(y + part * (end[1] - y)))
                cv2.circle(cover, dot, thick - 1, 255, -1, smooth)
    elif kind == "text":
        size = rng.uniform(0.35, 0.7) * max(1.0, least / 600)
        cv2.putText(cover, str(rng.choice(_WORDS)), (min(x, int(0.6 * width)), y), 0, size, 255, thick, smooth)
    elif kind == "body mark":
        radius = max(8, int(0.04 * least))
        cv2.ellipse(cover, (x, y), (radius // 2, radius), 0, 0, 360, 255, thick, smooth)
        cv2.line(cover, (x - radius // 3, y), (x + radius // 3, y), 255, thick, smooth)
    else:
        side = max(8, int(0.025 * least))
        corners = [[x, y], [x, y + side], [x + side // 3, y + 2 * side // 3], [x + 2 * side // 3, y + 2 * side // 3]]
        cv2.polylines(cover, [np.array(corners)], True, 255, 1, smooth)
    share = cover / 255.0
    return np.asarray(picture * (1 - share) + ink * share, np.uint8), cover > 100
