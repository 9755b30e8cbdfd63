"""Video (MP4, AVI, WMV, MOV, MKV, GIF) by PyAV as a recording."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from mskus.errors import ReadError
from mskus.reading.recording import Frame, Recording

_GREY_FORMATS = ("gray", "gray8")
_MAX_SIDE = 16384
# a jump below this many frames is not worth a seek
_SEEK_FROM = 32


@dataclass(frozen=True)
class _Index:
    """Presentation times of the frames, ascending, and which of them decoding can start at."""

    pts: NDArray[np.int64] | None
    keys: NDArray[np.int64]
    n_frames: int


def open_video(source: Path | bytes, *, kind: str = "video") -> Recording:
    """A recording of the first video stream.

    Frames are counted by walking the packets, not by trusting the header; times are the packets' own.

    Raises:
        ReadError: if there is no video stream or no frame in it.
    """
    name = str(source) if isinstance(source, Path) else f"The {kind}"
    with _open(source) as container:
        if not container.streams.video:
            raise ReadError(f"{name} holds no video; give a clip with a picture track.")
        stream = container.streams.video[0]
        height, width = stream.codec_context.height, stream.codec_context.width
        is_rgb = stream.codec_context.pix_fmt not in _GREY_FORMATS
        codec = stream.codec_context.name
        rate = float(stream.average_rate) if stream.average_rate else None
        aspect = stream.sample_aspect_ratio
        tick = float(stream.time_base) if stream.time_base else None
        index = _walk(container, stream)
    if not index.n_frames or not height or not width or max(height, width) > _MAX_SIDE:
        raise ReadError(f"{name} holds no frame that can be shown; it is damaged or unfinished: export it again.")

    notes = [f"{codec} video, {index.n_frames} frames"]
    times: NDArray[np.float64] | None = None
    if index.pts is not None and tick is not None and index.n_frames > 1:
        times = (index.pts - index.pts[0]) * tick
        notes.append("frame times from the video's own time stamps")
    elif rate:
        times = np.arange(index.n_frames) / rate
        notes.append(f"frame times from the video's nominal {rate:g} frames/s")
    pixel_aspect = float(aspect.denominator / aspect.numerator) if aspect else 1.0
    if pixel_aspect == 1.0:
        notes.append("square pixels: the video states no other sample aspect ratio")
    else:
        notes.append(f"the video states pixels {pixel_aspect:.4g} times as high as wide")

    def decode(indices: Sequence[int]) -> Iterator[Frame]:
        return _decode(source, index, indices, (height, width), "rgb24" if is_rgb else "gray")

    return Recording(
        kind=kind,
        n_frames=index.n_frames,
        height=height,
        width=width,
        has_colour=is_rgb,
        decode=decode,
        frame_times_s=times if index.n_frames > 1 else None,
        pixel_aspect=pixel_aspect,
        notes=notes,
    )


def _open(source: Path | bytes) -> Any:
    if isinstance(source, Path):
        return av.open(str(source), mode="r", metadata_errors="ignore")
    # a stream of a few frames is too short for the kind to be guessed
    for kind in (None, "mpegts", "h264", "hevc", "mpegvideo"):
        try:
            return av.open(io.BytesIO(source), mode="r", format=kind, metadata_errors="ignore")
        except av.FFmpegError as fault:
            refused = fault
    raise refused


def _walk(container: Any, stream: Any) -> _Index:
    """Count the frames from the packets; fall back to decoding where packets carry no times."""
    pts: list[int] = []
    keys: list[int] = []
    n_packets = 0
    for packet in container.demux(stream):
        if packet.size == 0 or packet.is_corrupt or packet.is_discard:
            continue
        n_packets += 1
        if packet.pts is not None:
            pts.append(packet.pts)
            if packet.is_keyframe:
                keys.append(packet.pts)
    if len(pts) == n_packets and len(set(pts)) == n_packets and n_packets:
        return _Index(np.sort(np.array(pts, np.int64)), np.sort(np.array(keys, np.int64)), n_packets)
    return _Index(None, np.empty(0, np.int64), n_packets)


def _decode(
    source: Path | bytes, index: _Index, indices: Sequence[int], size: tuple[int, int], pixel_format: str
) -> Iterator[Frame]:
    """Frames by index; starts at the last key frame before the first of them."""
    if not len(indices):
        return
    start = None
    if index.pts is not None and indices[0] > _SEEK_FROM:
        before = index.keys[index.keys <= index.pts[indices[0]]]
        start = int(before[-1]) if len(before) and before[-1] > index.pts[0] else None
    wanted = iter(indices)
    target = next(wanted)
    for at, frame in _numbered(source, index, start, target):
        if at < target:
            continue
        pixels = frame.to_ndarray(format=pixel_format)
        if pixels.shape[:2] != size:
            raise ReadError(
                f"frame {at} is {pixels.shape[1]} x {pixels.shape[0]} pixels but the video began with "
                f"{size[1]} x {size[0]}; cut it where the size changes"
            )
        yield pixels
        following = next(wanted, None)
        if following is None:
            return
        target = following


def _numbered(source: Path | bytes, index: _Index, start: int | None, target: int) -> Iterator[tuple[int, Any]]:
    """Decoded frames with their index, from the key frame at time ``start`` or from the beginning.

    Some containers seek to a later frame than asked for; then it begins at the beginning.
    """
    with _open(source) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        at: int | None = 0
        if start is not None:
            container.seek(start, stream=stream, backward=True)
            at = None
        for frame in container.decode(stream):
            if at is None:
                assert index.pts is not None
                at = int(np.searchsorted(index.pts, frame.pts)) if frame.pts is not None else target + 1
                if at > target or index.pts[at] != frame.pts:
                    break
            yield at, frame
            at += 1
        else:
            if at is not None:
                return
    yield from _numbered(source, index, None, target)
