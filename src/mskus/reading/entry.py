"""The door: one call that turns a path or an array into a clip."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Calibration, Clip, Region, Source
from mskus.errors import ReadError
from mskus.reading.frame_choice import choose_frames
from mskus.reading.recording import Recording
from mskus.reading.stack import StreamedFrames

IN_MEMORY_BYTES = 256 * 2**20
_CHUNK = 1 << 20


def read(
    path_or_array: str | Path | NDArray[np.generic],
    *,
    mm_per_px: float | tuple[float, float] | None = None,
    region: tuple[int, int, int, int] | None = None,
    tick_mm: float | None = None,
    frames: str | slice | None = None,
    pixel_aspect: float | None = None,
    frame_rate_hz: float | None = None,
) -> Clip:
    """Read a DICOM file, picture, video, folder of numbered pictures, or array.

    What the file is, is told by its content and not by its name.

    Args:
        path_or_array: the input; arrays are ``(T, H, W)``, ``(H, W)``, ``(T, H, W, 3)`` or ``(H, W, 3)``.
        mm_per_px: the scale in mm, one number or ``(row, column)``; goes before what the file states.
        region: the B-mode image as ``(x, y, w, h)`` in pixels; goes before what is found.
        tick_mm: what one tick of the ruler beside the image means in mm.
        frames: which frames, ``"start:stop:step"`` or a slice.
        pixel_aspect: height over width of a pixel, where no scale is known.
        frame_rate_hz: frames per second; goes before what the file states.

    Returns:
        The clip. Above 256 MiB of grey levels its frames are decoded when asked for.

    Raises:
        ReadError: in one sentence: which file, what is wrong, what to do.
        CalibrationError: if a scale given is impossible.

    Example:
        >>> clip = read(np.zeros((4, 60, 80), np.uint8), mm_per_px=0.1, frame_rate_hz=50)
        >>> clip.shape, clip.calibration.source, clip.frame_rate_hz
        ((4, 60, 80), 'user', 50.0)
    """
    name, recording, source = _open(path_or_array)
    indices = choose_frames(frames, n_frames=recording.n_frames, name=name)
    notes = list(recording.notes)
    if len(indices) != recording.n_frames:
        notes.append(f"frames {indices.start}:{indices.stop}:{indices.step} of {recording.n_frames} were read")
    luma = _luma(recording, indices=indices, name=name)
    found_region = _region(region, recording, name=name, notes=notes)
    return Clip(
        luma=luma,
        calibration=_calibration(mm_per_px, recording, notes=notes),
        frame_times_s=_times(recording, indices=indices, frame_rate_hz=frame_rate_hz, notes=notes),
        pixel_aspect=pixel_aspect if pixel_aspect is not None else recording.pixel_aspect,
        region=found_region,
        acquisition=MappingProxyType(recording.acquisition),
        source=source,
        notes=tuple(notes),
    )


def read_all(path_or_array: str | Path | NDArray[np.generic], **options: Any) -> list[Clip]:
    """As :func:`read`, but a clip whose depth or zoom changes on the way comes back in pieces of one scale each."""
    return [read(path_or_array, **options)]


def _open(path_or_array: str | Path | NDArray[np.generic]) -> tuple[str, Recording, Source]:
    if isinstance(path_or_array, (str, Path)):
        from mskus.reading.formats import open_path

        path = Path(path_or_array)
        recording, files = open_path(path)
        return str(path), recording, Source(path=str(path), sha256=_sha256(files))
    from mskus.reading.arrays import open_array

    array = np.asarray(path_or_array)
    recording = open_array(array)
    digest = hashlib.sha256(f"{array.shape}{array.dtype.str}".encode())
    digest.update(np.ascontiguousarray(array).data)
    return "The array", recording, Source(sha256=digest.hexdigest())


def _luma(recording: Recording, *, indices: range, name: str) -> NDArray[np.uint8] | StreamedFrames:
    """All grey levels in memory if they are few, else a stack that decodes on demand."""
    stack = StreamedFrames(recording, indices=indices, name=name)
    if int(np.prod(stack.shape, dtype=np.int64)) > IN_MEMORY_BYTES:
        return stack
    luma = np.empty(stack.shape, np.uint8)
    for i, frame in enumerate(stack):
        luma[i] = frame
    return luma


def _region(
    given: tuple[int, int, int, int] | None, recording: Recording, *, name: str, notes: list[str]
) -> Region | None:
    if given is None:
        return recording.region
    x, y, w, h = (int(v) for v in given)
    if w < 1 or h < 1 or x < 0 or y < 0 or x + w > recording.width or y + h > recording.height:
        raise ReadError(
            f"region {x},{y},{w},{h} does not lie in the {recording.width} x {recording.height} picture of {name}; "
            "give x,y,w,h in pixels from the top left corner."
        )
    notes.append(f"image region {x},{y},{w},{h} given by the user")
    return Region(x, y, w, h)


def _calibration(
    given: float | tuple[float, float] | None, recording: Recording, *, notes: list[str]
) -> Calibration | None:
    stated = recording.calibration
    if given is None:
        return stated
    row, col = (float(given), float(given)) if isinstance(given, (int, float)) else (float(given[0]), float(given[1]))
    text = f"{row:g} x {col:g} mm per pixel (row x column) given by the user"
    if stated is not None and max(abs(row / stated.mm_per_px_row - 1), abs(col / stated.mm_per_px_col - 1)) > 0.01:
        text += f", against {stated.mm_per_px_row:.5g} x {stated.mm_per_px_col:.5g} stated in the file"
    notes.append(text)
    return Calibration(mm_per_px_row=row, mm_per_px_col=col, source="user", note=text)


def _times(
    recording: Recording, *, indices: range, frame_rate_hz: float | None, notes: list[str]
) -> NDArray[np.float64] | None:
    if frame_rate_hz is not None:
        if not np.isfinite(frame_rate_hz) or frame_rate_hz <= 0:
            raise ReadError(f"frame_rate_hz = {frame_rate_hz:g} is not a frame rate; give frames per second.")
        notes.append(f"frame rate {frame_rate_hz:g} frames/s given by the user")
        return np.asarray(np.arange(len(indices)) * (indices.step / frame_rate_hz), np.float64)
    if recording.frame_times_s is None:
        return None
    times: NDArray[np.float64] = recording.frame_times_s[indices.start : indices.stop : indices.step]
    return np.asarray(times - times[0], np.float64)


def _sha256(files: list[Path]) -> str:
    """SHA-256 of the files' bytes one after another, streamed."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()
