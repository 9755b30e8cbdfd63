"""The door: arrays, pictures and videos become the clip that they hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

import mskus
from mskus.errors import CalibrationError, ReadError


def ramp(height: int = 48, width: int = 64, shift: int = 0) -> np.ndarray:
    """A picture whose value at (x, y) is 2 x + y + shift."""
    y, x = np.mgrid[:height, :width]
    return (2 * x + y + shift).astype(np.uint8)


def write_video(path: Path, frames: np.ndarray, *, codec: str, pix_fmt: str, rate: int = 25) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pix_fmt
        for frame in frames:
            rgb = frame if frame.ndim == 3 else np.repeat(frame[..., None], 3, axis=2)
            for packet in stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((48, 64), (1, 48, 64)),
        ((7, 48, 64), (7, 48, 64)),
        ((48, 64, 3), (1, 48, 64)),
        ((7, 48, 64, 3), (7, 48, 64)),
    ],
)
def test_array_shapes(shape: tuple[int, ...], expected: tuple[int, int, int]) -> None:
    assert mskus.read(np.full(shape, 90, np.uint8)).shape == expected


@pytest.mark.parametrize(
    ("array", "first"),
    [
        (np.full((8, 8), 4095, np.uint16), 255),  # full 12-bit range
        (np.full((8, 8), 2048, np.uint16), 128),
        (np.full((8, 8), 0.5, np.float64), 128),
        (np.full((8, 8), 200.0, np.float32), 200),
        (np.ones((8, 8), bool), 255),
        (np.full((8, 8, 3), (255, 0, 0), np.uint8), 76),  # BT.601 luma of red: 0.299 * 255
    ],
)
def test_array_numbers_become_grey_levels(array: np.ndarray, first: int) -> None:
    assert int(mskus.read(array).frame(0)[0, 0]) == first


@pytest.mark.parametrize(
    "array",
    [np.zeros((0, 8)), np.zeros(5), np.zeros((2, 3, 4, 5)), np.full((4, 4), np.nan), np.array([["a"]])],
)
def test_arrays_that_are_no_clip(array: np.ndarray) -> None:
    with pytest.raises(ReadError):
        mskus.read(array)


@pytest.mark.parametrize(("suffix", "tolerance"), [(".png", 0), (".tif", 0), (".bmp", 0), (".jpg", 6)])
def test_pictures(tmp_path: Path, suffix: str, tolerance: int) -> None:
    path = tmp_path / f"one{suffix}"
    Image.fromarray(ramp()).save(path, quality=95)
    clip = mskus.read(path)
    assert clip.shape == (1, 48, 64)
    assert np.abs(clip.frame(0).astype(int) - ramp()).max() <= tolerance
    assert clip.source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert clip.frame_times_s is None


def test_tiff_of_several_pages_is_a_clip(tmp_path: Path) -> None:
    pages = [Image.fromarray(ramp(shift=10 * i)) for i in range(4)]
    pages[0].save(tmp_path / "stack.tif", save_all=True, append_images=pages[1:])
    clip = mskus.read(tmp_path / "stack.tif")
    assert [int(f[0, 0]) for f in clip.frames()] == [0, 10, 20, 30]


def test_sixteen_bit_picture_says_how_it_was_scaled(tmp_path: Path) -> None:
    Image.fromarray(np.full((16, 16), 1023, np.uint16)).save(tmp_path / "deep.png")
    clip = mskus.read(tmp_path / "deep.png")
    assert int(clip.frame(0)[0, 0]) == 255
    assert any("10-bit range 0 to 1023" in note for note in clip.notes)


@pytest.mark.parametrize(
    ("suffix", "codec", "pix_fmt", "tolerance"),
    [(".avi", "ffv1", "gray", 0), (".avi", "mjpeg", "yuvj420p", 6), (".mp4", "mpeg4", "yuv420p", 8)],
)
def test_videos(tmp_path: Path, suffix: str, codec: str, pix_fmt: str, tolerance: float) -> None:
    frames = np.stack([ramp(shift=i) for i in range(50)])
    path = write_video(tmp_path / f"clip{suffix}", frames, codec=codec, pix_fmt=pix_fmt)
    clip = mskus.read(path)
    assert clip.shape == (50, 48, 64)
    assert clip.frame_rate_hz == pytest.approx(25, rel=1e-6)
    assert np.abs(clip.luma[:].astype(int) - frames).mean() <= tolerance
    late = mskus.read(path, frames="40:50:3")
    assert np.array_equal(late.luma, clip.luma[40:50:3])
    assert late.frame_times_s.tolist() == pytest.approx([0, 0.12, 0.24, 0.36])


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("2:8:3", [2, 5]), (":3", [0, 1, 2]), ("7:", [7, 8, 9]), ("-1", [9]), ("4", [4]), (slice(1, 3), [1, 2])],
)
def test_choice_of_frames(choice: str | slice, expected: list[int]) -> None:
    array = np.arange(10, dtype=np.uint8)[:, None, None] * np.ones((1, 8, 8), np.uint8)
    assert mskus.read(array, frames=choice).luma[:, 0, 0].tolist() == expected


@pytest.mark.parametrize("choice", ["a:b", "20:", "5:2", "::-1", "1:2:0"])
def test_choice_that_leaves_nothing(choice: str) -> None:
    with pytest.raises(ReadError, match="frames"):
        mskus.read(np.zeros((10, 8, 8), np.uint8), frames=choice)


def test_scale_region_and_rate_from_the_user() -> None:
    clip = mskus.read(np.zeros((3, 40, 60), np.uint8), mm_per_px=(0.1, 0.2), region=(5, 6, 20, 30), frame_rate_hz=50)
    assert clip.calibration is not None
    assert (clip.calibration.mm_per_px_row, clip.calibration.mm_per_px_col) == (0.1, 0.2)
    assert clip.calibration.source == "user"
    assert (clip.image_region.x, clip.image_region.y, clip.image_region.w, clip.image_region.h) == (5, 6, 20, 30)
    assert clip.frame_times_s.tolist() == [0.0, 0.02, 0.04]


@pytest.mark.parametrize("region", [(0, 0, 61, 10), (-1, 0, 5, 5), (0, 0, 0, 5)])
def test_region_outside_the_picture(region: tuple[int, int, int, int]) -> None:
    with pytest.raises(ReadError, match="region"):
        mskus.read(np.zeros((40, 60), np.uint8), region=region)


@pytest.mark.parametrize("scale", [0.0, -0.1, float("nan"), 50.0])
def test_impossible_scale(scale: float) -> None:
    with pytest.raises(CalibrationError):
        mskus.read(np.zeros((40, 60), np.uint8), mm_per_px=scale)


def test_scale_in_the_header_of_an_imagej_tiff(tmp_path: Path) -> None:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    tags = ImageFileDirectory_v2()
    tags[270] = "ImageJ=1.54f\nunit=cm\n"
    tags[282], tags[283] = 80.0, 100.0  # pixels per centimetre across and down
    Image.fromarray(ramp()).save(tmp_path / "scaled.tif", tiffinfo=tags)
    scale = mskus.read(tmp_path / "scaled.tif").calibration
    assert scale is not None
    assert (scale.mm_per_px_row, scale.mm_per_px_col) == (pytest.approx(0.1), pytest.approx(0.125))
    assert scale.source == "file_header"


def test_dots_per_inch_are_no_scale(tmp_path: Path) -> None:
    Image.fromarray(ramp()).save(tmp_path / "print.tif", dpi=(300, 300))
    Image.fromarray(ramp()).save(tmp_path / "print.png", dpi=(96, 96))
    assert mskus.read(tmp_path / "print.tif").calibration is None
    assert mskus.read(tmp_path / "print.png").calibration is None


def test_a_long_clip_is_streamed_and_gives_the_same_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = np.stack([ramp(shift=i) for i in range(60)])
    path = write_video(tmp_path / "long.avi", frames, codec="ffv1", pix_fmt="gray")
    monkeypatch.setattr("mskus.reading.entry.IN_MEMORY_BYTES", 1000)
    clip = mskus.read(path, frames="10:60:5")
    assert not isinstance(clip.luma, np.ndarray)
    assert clip.shape == (10, 48, 64)
    assert [int(f[0, 0]) for f in clip.frames()] == list(range(10, 60, 5))
    assert [int(clip.frame(i)[0, 0]) for i in (9, 0, 4, 5, 3)] == [55, 10, 30, 35, 25]
    with pytest.raises(IndexError):
        clip.frame(10)
