"""The door: one call that turns a path or an array into a clip."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Calibration, Clip, Region, Source
from mskus.errors import CalibrationError, ReadError
from mskus.reading.colour import colour_only, grey_map_tint, holds_colour
from mskus.reading.depth_changes import depth_changes, split_at_depth_changes
from mskus.reading.frame_choice import choose_frames
from mskus.reading.image_region import ImageRegion, find_image_region
from mskus.reading.recording import Frame, Recording
from mskus.reading.ruler import describe, find_rulers, median_frame, ruler_calibration
from mskus.reading.stack import StreamedFrames, luma_of

IN_MEMORY_BYTES = 256 * 2**20
SAMPLES = 9
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
    clip = _read(
        path_or_array,
        mm_per_px=mm_per_px,
        region=region,
        tick_mm=tick_mm,
        frames=frames,
        pixel_aspect=pixel_aspect,
        frame_rate_hz=frame_rate_hz,
    )
    changes = depth_changes(clip)
    if changes:
        name, at = clip.source.path or "The array", changes[0]
        remedy = (
            f'read one part with --frames ":{at}" or --frames "{at}:"' if frames is None else "choose fewer --frames"
        )
        raise ReadError(
            f"{name} changes depth or zoom at frame {at} of those read, so one scale does not fit all of it; {remedy}."
        )
    return clip


def read_all(path_or_array: str | Path | NDArray[np.generic], **options: Any) -> list[Clip]:
    """As :func:`read`, but a clip whose depth or zoom changes on the way comes back in pieces of one scale each.

    Raises:
        ReadError: as :func:`read`, but never for a change of depth.

    Example:
        >>> len(read_all(np.zeros((4, 60, 80), np.uint8)))
        1
    """
    return split_at_depth_changes(_read(path_or_array, **options))


def _read(
    path_or_array: str | Path | NDArray[np.generic],
    *,
    mm_per_px: float | tuple[float, float] | None = None,
    region: tuple[int, int, int, int] | None = None,
    tick_mm: float | None = None,
    frames: str | slice | None = None,
    pixel_aspect: float | None = None,
    frame_rate_hz: float | None = None,
) -> Clip:
    name, recording, source = _open(path_or_array)
    indices = choose_frames(frames, n_frames=recording.n_frames, name=name)
    notes = list(recording.notes)
    if len(indices) != recording.n_frames:
        notes.append(f"frames {indices.start}:{indices.stop}:{indices.step} of {recording.n_frames} were read")
    luma, samples = _decode(recording, indices=indices, name=name)
    grey = np.stack([luma_of(sample) for sample in samples])
    found = _region(region, recording, grey, name=name, notes=notes)
    return Clip(
        luma=luma,
        colour=_colour(recording, samples, indices=indices, region=found.region, notes=notes),
        calibration=_calibration(mm_per_px, tick_mm, recording, grey, found.region, name=name, notes=notes),
        frame_times_s=_times(recording, indices=indices, frame_rate_hz=frame_rate_hz, notes=notes),
        pixel_aspect=pixel_aspect if pixel_aspect is not None else recording.pixel_aspect,
        region=found.region,
        field=found.field,
        acquisition=MappingProxyType(recording.acquisition),
        source=source,
        notes=tuple(notes),
    )


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


def _decode(
    recording: Recording, *, indices: range, name: str
) -> tuple[NDArray[np.uint8] | StreamedFrames, list[Frame]]:
    """All grey levels in memory if they are few, else a stack that decodes on demand; and some frames as decoded."""
    stack = StreamedFrames(recording, indices=indices, name=name)
    count = len(indices)
    at = {round(float(i)) for i in np.linspace(0, count - 1, min(SAMPLES, count))}
    if int(np.prod(stack.shape, dtype=np.int64)) > IN_MEMORY_BYTES:
        return stack, [frame for _, frame in stack.decoded(sorted(at))]
    luma = np.empty(stack.shape, np.uint8)
    samples: list[Frame] = []
    for i, frame in stack.decoded(range(count)):
        luma[i] = luma_of(frame)
        if i in at:
            samples.append(frame.copy())
    return luma, samples


def _region(
    given: tuple[int, int, int, int] | None,
    recording: Recording,
    grey: NDArray[np.uint8],
    *,
    name: str,
    notes: list[str],
) -> ImageRegion:
    """The user's region, else the one found inside what the file states, else the one found in the picture."""
    if given is not None:
        x, y, w, h = (int(v) for v in given)
        if w < 1 or h < 1 or x < 0 or y < 0 or x + w > recording.width or y + h > recording.height:
            raise ReadError(
                f"region {x},{y},{w},{h} does not lie in the {recording.width} x {recording.height} picture of {name}; "
                "give x,y,w,h in pixels from the top left corner."
            )
        notes.append(f"image region {x},{y},{w},{h} given by the user")
        return ImageRegion(region=Region(x, y, w, h))
    stated = recording.region
    found = find_image_region(grey, within=stated)
    if stated is not None and found.region.w * found.region.h < 0.4 * stated.w * stated.h:
        return ImageRegion(region=stated)
    if found.how:
        notes.append(found.how)
    return found


def _colour(
    recording: Recording, samples: list[Frame], *, indices: range, region: Region, notes: list[str]
) -> NDArray[np.uint8] | None:
    """Frames with only the colour that the scanner drew, or None where it drew none."""
    if not recording.has_colour:
        return None
    tint = grey_map_tint(samples, region=region)
    if float(np.abs(tint).max()) > 6:
        notes.append("the grey map is tinted; grey levels are its luma")
    if not holds_colour(samples, region=region, tint=tint):
        return None
    shape = (len(indices), recording.height, recording.width, 3)
    if int(np.prod(shape, dtype=np.int64)) > 3 * IN_MEMORY_BYTES:
        notes.append("the image holds colour, which is not kept for a clip of this length; read fewer frames for it")
        return None
    notes.append("colour drawn by the scanner is kept apart from the grey levels")
    colour = np.empty(shape, np.uint8)
    for i, frame in enumerate(recording.decode(indices)):
        colour[i] = colour_only(frame, region=region, tint=tint)
    colour.setflags(write=False)
    return colour


def _calibration(
    given: float | tuple[float, float] | None,
    tick_mm: float | None,
    recording: Recording,
    grey: NDArray[np.uint8],
    region: Region,
    *,
    name: str,
    notes: list[str],
) -> Calibration | None:
    """The user's scale, else the user's tick, else what the file states; ruler ticks alone are only reported."""
    stated = recording.calibration
    if given is not None:
        row, col = (
            (float(given), float(given)) if isinstance(given, (int, float)) else (float(given[0]), float(given[1]))
        )
        text = f"{row:g} x {col:g} mm per pixel (row x column) given by the user"
        chosen = Calibration(mm_per_px_row=row, mm_per_px_col=col, source="user", note=text)
    elif tick_mm is not None:
        try:
            chosen = ruler_calibration(find_rulers(median_frame(grey), region=region), tick_mm=tick_mm)
        except CalibrationError as fault:
            raise CalibrationError(f"{name}: {fault}") from fault
        text = chosen.note
    else:
        if stated is None:
            for ruler in find_rulers(median_frame(grey), region=region)[:2]:
                notes.append(f"{describe(ruler)} found ({ruler.axis}); say --tick-mm to scale by the long ones")
        return stated
    if stated is not None and max(
        abs(chosen.mm_per_px_row / stated.mm_per_px_row - 1), abs(chosen.mm_per_px_col / stated.mm_per_px_col - 1)
    ) > max(0.01, 3 * chosen.relative_error):
        text += f", against {stated.mm_per_px_row:.5g} x {stated.mm_per_px_col:.5g} mm per pixel stated in the file"
    notes.append(text)
    return chosen


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
