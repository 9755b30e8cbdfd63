"""A change of depth or zoom is found; motion, contraction and gain are not taken for one."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import mskus
from mskus.clip import Clip
from mskus.errors import ReadError
from mskus.reading.depth_changes import depth_changes, split_at_depth_changes


def tissue(seed: int = 0) -> np.ndarray:
    """Layers and streaks, as in a muscle."""
    rng = np.random.default_rng(seed)
    out = cv2.GaussianBlur(rng.rayleigh(60, (240, 300)), (0, 0), 2) * 0.5
    for _ in range(25):
        x, y = rng.integers(0, 300), rng.integers(20, 240)
        cv2.line(out, (int(x), int(y)), (int(x) + 90, int(y) - 25), 170.0, 2)
    for y in (30, 180):
        cv2.line(out, (0, y), (299, y + int(rng.integers(-15, 15))), 230.0, 6)
    return np.clip(out, 0, 255).astype(np.float32)


def clip_of(scales: list[float], gains: list[float] | None = None) -> np.ndarray:
    base, rng, frames = tissue(), np.random.default_rng(1), []
    for i, scale in enumerate(scales):
        matrix = np.array([[scale, 0, 149.5 * (1 - scale) + 0.6 * i], [0, scale, 0]])
        frame = cv2.warpAffine(base, matrix, (300, 240)) * (gains[i] if gains else 1)
        frames.append(np.clip(frame + rng.normal(0, 5, frame.shape), 0, 255).astype(np.uint8))
    return np.stack(frames)


@pytest.mark.parametrize("scale", [0.6, 0.8, 1.25, 1.6])
def test_change_of_depth_in_a_cropped_clip(scale: float) -> None:
    frames = clip_of([1.0] * 9 + [scale] * 8)
    assert depth_changes(Clip(luma=frames)) == [9]
    with pytest.raises(ReadError, match="depth or zoom at frame 9"):
        mskus.read(frames)
    assert [piece.n_frames for piece in mskus.reading.read_all(frames)] == [9, 8]


@pytest.mark.parametrize(
    "frames",
    [
        clip_of([1.0] * 16),
        clip_of([1 + 0.015 * i for i in range(16)]),  # slow compression, as in a contraction
        clip_of([1.0] * 16, gains=[1.0] * 8 + [0.45] * 8),  # gain turned down
        np.concatenate([clip_of([1.0] * 8), np.stack([tissue(9)] * 8).astype(np.uint8)]),  # probe put elsewhere
    ],
    ids=["motion", "contraction", "gain", "elsewhere"],
)
def test_no_false_alarm(frames: np.ndarray) -> None:
    assert depth_changes(Clip(luma=frames)) == []


def screens(spacings: list[int], *, still: bool) -> np.ndarray:
    frames = clip_of([1.0] * len(spacings))
    out = np.zeros((len(spacings), 320, 420), np.uint8)
    out[:, 40:280, 40:340] = frames[:1] if still else frames
    for n, spacing in enumerate(spacings):
        for y in range(40, 281, spacing):
            out[n, y - 1 : y + 2, 370:378] = 190
    return out


def test_ruler_says_that_depth_changed() -> None:
    frames = screens([24] * 6 + [40] * 6, still=False)
    frames[6:, 40:280, 40:340] = np.stack([tissue(5)] * 6).astype(np.uint8)
    assert depth_changes(Clip(luma=frames)) == [6]


def test_ruler_says_that_nothing_changed() -> None:
    frames = screens([24] * 12, still=False)
    frames[6:, 40:280, 40:340] = clip_of([1.4] * 6)  # it looks enlarged, but the ruler stands
    assert depth_changes(Clip(luma=frames)) == []


def test_pieces_carry_the_users_scale_only() -> None:
    frames = clip_of([1.0] * 9 + [1.6] * 8)
    user = mskus.Calibration(mm_per_px_row=0.1, mm_per_px_col=0.1, source="user")
    stated = mskus.Calibration(mm_per_px_row=0.1, mm_per_px_col=0.1, source="dicom_region")
    assert all(p.calibration == user for p in split_at_depth_changes(Clip(luma=frames, calibration=user)))
    assert all(p.calibration is None for p in split_at_depth_changes(Clip(luma=frames, calibration=stated)))


@pytest.mark.parametrize("sequence", ["jumping", "range"])
def test_real_contraction_is_no_change(mskus_data: Path, sequence: str) -> None:
    folder = mskus_data / "muscle/architecture_readings/images/gastrocnemius_lateralis"
    files = sorted(folder.glob(f"{sequence}*.png"))[:16]
    frames = np.stack([np.asarray(cv2.imread(str(f), cv2.IMREAD_GRAYSCALE), np.uint8) for f in files])
    assert depth_changes(Clip(luma=frames)) == []
