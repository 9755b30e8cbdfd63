"""Drawn frames of a nerve beside a vessel: speckled tissue, a dark disc with a bright wall, a bright honeycomb."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.learn.applications.nerve.windows import WindowSettings, label_windows

NERVE, VESSEL = 1, 2


def drawn_frame(seed, *, size=(110, 150), vessel=True):
    """``(H, W)`` uint8 and its class numbers; the nerve lies up and left of the vessel."""
    rng = np.random.default_rng(seed)
    x, y = int(rng.integers(80, 115)), int(rng.integers(55, 80))
    mask = np.zeros(size, np.uint8)
    level = np.full(size, 90.0, np.float32)
    if vessel:
        cv2.circle(level, (x, y), 15, 190.0, 3)
        cv2.circle(level, (x, y), 13, 12.0, -1)
        cv2.circle(mask, (x, y), 14, VESSEL, -1)
    cv2.ellipse(level, (x - 35, y - 12), (18, 11), 0, 0, 360, 200.0, -1)
    for dx, dy in ((-8, 0), (0, -4), (0, 4), (8, 0)):
        cv2.circle(level, (x - 35 + dx, y - 12 + dy), 2, 70.0, -1)
    cv2.ellipse(mask, (x - 35, y - 12), (18, 11), 0, 0, 360, NERVE, -1)
    speckle = cv2.GaussianBlur(rng.normal(0.0, 40.0, size).astype(np.float32), (0, 0), 1.2)
    return np.clip(level + speckle, 6, 255).astype(np.uint8), mask


@pytest.fixture(scope="session")
def small_windows():
    """Settings that are quick: half the width, three families."""
    return WindowSettings(width_px=128, step_px=4, windows_px=(9, 15), families=("grey", "mbp", "place"))


@pytest.fixture(scope="session")
def phantoms():
    """Sixteen drawn frames with their masks."""
    return [drawn_frame(seed) for seed in range(16)]


@pytest.fixture(scope="session")
def examples(phantoms, small_windows):
    """The frames described, each a group of its own."""
    return [
        label_windows(frame, mask, group=str(n), classes=(NERVE, VESSEL), settings=small_windows)
        for n, (frame, mask) in enumerate(phantoms)
    ]
