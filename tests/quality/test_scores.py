from __future__ import annotations

import numpy as np
import pytest

from mskus.quality import assess, assess_frame


def tissue(rng: np.random.Generator, shape: tuple[int, int] = (240, 320)) -> np.ndarray:
    """Blotches ten pixels wide: coherent along rows, about 30 levels strong."""
    import cv2

    grain = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), 10.0)
    return np.clip(80 + 30 * grain / grain.std(), 0, 255).astype(np.uint8)


def test_levels_by_hand() -> None:
    frame = np.zeros((100, 100), np.uint8)
    frame[:, :50] = 100
    frame[:10] = 255  # a tenth saturated; of the rest half is black
    quality = assess_frame(frame)
    assert quality.mean_level == pytest.approx(0.1 * 255 + 0.45 * 100)
    assert quality.saturated_fraction == pytest.approx(0.10)
    assert quality.black_fraction == pytest.approx(0.45)
    assert quality.highlight_level == 255


def test_rows_that_are_uniform_are_all_band() -> None:
    frame = np.repeat((np.arange(128, dtype=np.uint8) % 16 * 10)[:, None], 128, axis=1)
    quality = assess_frame(frame)
    assert quality.band_fraction == pytest.approx(1.0, abs=1e-3)
    assert quality.texture_levels == 0.0


def test_columns_that_are_uniform_are_all_texture() -> None:
    columns = 100 + 50 * np.sin(2 * np.pi * np.arange(128) / 128)
    quality = assess_frame(np.repeat(columns[None], 128, axis=0).astype(np.uint8))
    assert quality.band_fraction == pytest.approx(0.0, abs=1e-3)
    assert quality.texture_levels == pytest.approx(50 / np.sqrt(2), rel=0.02)
    assert quality.texture_correlation > 0.98
    assert quality.signal_depth_fraction == 1.0


def test_noise_is_not_coherent(rng: np.random.Generator) -> None:
    assert assess_frame(rng.integers(0, 256, (480, 640), np.uint8)).texture_correlation < 0.1


@pytest.mark.parametrize("depth", [0.3, 0.5, 0.8])
def test_signal_depth_ends_where_tissue_ends(rng: np.random.Generator, depth: float) -> None:
    frame = tissue(rng)
    end = int(depth * frame.shape[0])
    frame[end:] = rng.integers(0, 12, frame[end:].shape, np.uint8)
    assert assess_frame(frame).signal_depth_fraction == pytest.approx(depth, abs=0.05)


@pytest.mark.parametrize("dark", [0.0, 0.25, 0.5, 0.75])
def test_shadowed_columns_are_counted(rng: np.random.Generator, dark: float) -> None:
    frame = tissue(rng)
    frame[:, : int(dark * frame.shape[1])] //= 16
    assert assess_frame(frame).shadowed_fraction == pytest.approx(dark, abs=0.03)


def test_outside_of_the_field_nothing_counts(rng: np.random.Generator) -> None:
    frame = tissue(rng)
    field = np.ones(frame.shape, bool)
    field[:, :100] = False
    outside = frame.copy()
    outside[:, :100] = 255
    with_field = assess_frame(outside, field=field)
    assert with_field.saturated_fraction == assess_frame(frame[:, 100:]).saturated_fraction
    assert with_field.texture_levels == pytest.approx(assess_frame(frame, field=field).texture_levels, abs=0.5)
    assert assess_frame(outside).saturated_fraction > 0.3


def test_a_blurred_picture_is_less_sharp(rng: np.random.Generator) -> None:
    import cv2

    frame = rng.integers(0, 256, (256, 256), np.uint8)
    assert assess_frame(cv2.GaussianBlur(frame, (0, 0), 6.0)).sharpness < 0.2 * assess_frame(frame).sharpness


def test_a_clip_has_one_score_a_frame(rng: np.random.Generator) -> None:
    clip = np.stack([np.full((64, 64), level, np.uint8) for level in (10, 20, 30)])
    assert [quality.mean_level for quality in assess(clip)] == [10.0, 20.0, 30.0]
    assert [quality.mean_level for quality in assess(clip[1])] == [20.0]


@pytest.mark.parametrize(
    ("frame", "field"),
    [
        (np.zeros((4, 4), np.float64), None),
        (np.zeros((2, 4, 4), np.uint8), None),
        (np.zeros((4, 4), np.uint8), np.ones((4, 5), bool)),
    ],
)
def test_what_is_no_frame_is_refused(frame: np.ndarray, field: np.ndarray | None) -> None:
    with pytest.raises(ValueError, match="must have the frame's shape|A frame is"):
        assess_frame(frame, field=field)
