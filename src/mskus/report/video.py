"""The annotated clip as MP4: outlines on every frame, its values in a strip beside it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self

import cv2
import numpy as np

from mskus.errors import ExamError, SaveError
from mskus.report.lettering import fit_text, put_text
from mskus.report.panel import BACKGROUND, BRIGHT, FAINT, VERDICT_COLOURS, FrameValues
from mskus.report.strokes import draw_structure, style_of
from mskus.report.viewport import fit_viewport

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from mskus.findings import Findings, Structure

_DEFAULT_RATE_HZ = 25.0  # playing speed where the clip's own is unknown


class Mp4Writer:
    """Writes RGB frames of one size to an MP4 file (MPEG-4 Part 2, FFmpeg's own encoder: fast and freely licensed).

    Args:
        path: file to write.
        size: ``(width, height)``; an odd side loses its last pixel.
        frame_rate_hz: playing speed.

    Raises:
        SaveError: if the file cannot be written.
    """

    def __init__(self, path: Path, *, size: tuple[int, int], frame_rate_hz: float) -> None:
        import av

        self._size = (size[0] - size[0] % 2, size[1] - size[1] % 2)
        try:
            self._container: Any = av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})
        except OSError as error:
            raise SaveError(f"{path} cannot be written ({error.strerror}); choose another output folder.") from None
        rate = Fraction(min(max(frame_rate_hz, 1.0), 240.0)).limit_denominator(1000)
        self._stream: Any = self._container.add_stream("mpeg4", rate=rate)
        self._stream.width, self._stream.height = self._size
        self._stream.pix_fmt = "yuv420p"
        # a constant quantiser keeps speckle; 118 units are one step of it
        self._stream.options = {"flags": "+qscale", "global_quality": str(4 * 118), "g": "48"}
        self._stream.codec_context.thread_count = 2
        self._count = 0

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Append one ``(H, W, 3)`` RGB or ``(H, W)`` grey frame."""
        import av

        width, height = self._size
        if frame.ndim == 2:
            frame = np.repeat(frame[:, :, None], 3, axis=2)
        planes = cv2.cvtColor(np.ascontiguousarray(frame[:height, :width]), cv2.COLOR_RGB2YUV_I420)
        picture = av.VideoFrame.from_ndarray(np.asarray(planes, np.uint8), format="yuv420p")
        picture.pts = self._count
        self._count += 1
        for packet in self._stream.encode(picture):
            self._container.mux(packet)

    def close(self) -> None:
        """Finish the file."""
        for packet in self._stream.encode():
            self._container.mux(packet)
        self._container.close()

    def __enter__(self) -> Self:
        """The writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file, also after an error in the block."""
        self.close()


def write_annotated_video(findings: Findings, path: Path) -> None:
    """Every frame of the clip with its structures and values, in true proportions, as MP4.

    Frames stream through one at a time. The playing speed is the clip's own, 25 frames/s if that is unknown.

    Args:
        findings: what the exam found, with its clip attached.
        path: the MP4 file to write.

    Raises:
        ExamError: if the findings hold no clip.
        SaveError: if the file cannot be written.
    """
    clip = findings.clip
    if clip is None:
        raise ExamError("These findings hold no picture to draw on; examine the clip again, then ask for the video.")
    by_frame: dict[int, list[Structure]] = {}
    for structure in sorted(findings.structures, key=lambda s: style_of(s.label).order):
        by_frame.setdefault(structure.frame, []).append(structure)
    viewport = fit_viewport(clip, findings.structures, width_px=(480, 960), margin=0.08)
    size_px = int(np.clip(viewport.picture_size[0] / 46, 12, 20))
    columns = _Strip(findings, n_frames=clip.n_frames, size_px=size_px)
    width, height = viewport.size
    height = max(height, columns.height_px)
    size = (width + columns.width_px, height)
    canvas = np.empty((height, size[0], 3), np.uint8)
    canvas[:] = BACKGROUND
    with Mp4Writer(path, size=size, frame_rate_hz=clip.frame_rate_hz or _DEFAULT_RATE_HZ) as writer:
        for index, grey in enumerate(clip.frames()):
            picture = viewport.show(grey if clip.colour is None else clip.colour[index])
            for structure in by_frame.get(index, ()):
                draw_structure(picture, structure, viewport, thin=viewport.picture_size[1] < 600)
            canvas[: picture.shape[0], :width] = picture
            columns.draw(canvas[:, width:], index)
            writer.write(canvas)


class _Strip:
    """The strip of values beside the picture; labels are drawn once, numbers on every frame."""

    def __init__(self, findings: Findings, *, n_frames: int, size_px: int) -> None:
        self._size_px = size_px
        values = FrameValues(findings)
        self._rows = {frame: values.rows(frame) for frame in range(n_frames)}
        self._times = findings.manifest.frame_times_s
        self._colour = VERDICT_COLOURS[findings.quality.verdict]
        self._labels = list(dict.fromkeys(row.text for rows in self._rows.values() for row in rows))
        self.width_px = 17 * size_px
        self._step = round(3.4 * size_px)
        self.height_px = round(3.2 * size_px) + self._step * len(self._labels) + size_px
        self._blank: NDArray[np.uint8] | None = None

    def draw(self, canvas: NDArray[np.uint8], frame: int) -> None:
        """Fill the strip for one frame."""
        if self._blank is None or self._blank.shape != canvas.shape:
            self._blank = self._labelled(canvas.shape)
        canvas[:] = self._blank
        size_px, left = self._size_px, self._size_px
        when = f"frame {frame + 1}"
        if self._times is not None and frame < len(self._times):
            when = f"{self._times[frame]:.2f} s   {when}"
        put_text(canvas, when, at=(left, size_px), size_px=size_px - 1, colour=FAINT)
        rows = {row.text: row for row in self._rows.get(frame, ())}
        for i, label in enumerate(self._labels):
            row = rows.get(label)
            y = round(3.2 * size_px) + i * self._step + round(1.35 * size_px)
            if row is None:
                continue
            used = put_text(canvas, row.value, at=(left, y), size_px=size_px, colour=row.colour, bold=True)
            interval = row.note.split(";")[0].removeprefix("95 %: ") if row.note.startswith("95 %") else ""
            if interval:
                at = (left + used + size_px // 2, y + 1)
                put_text(canvas, f"({interval})", at=at, size_px=size_px - 2, colour=FAINT)

    def _labelled(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        blank = np.empty(shape, np.uint8)
        blank[:] = BACKGROUND
        blank[:, :2] = self._colour
        width = self.width_px - 2 * self._size_px
        for i, label in enumerate(self._labels):
            y = round(3.2 * self._size_px) + i * self._step
            text = fit_text(label, width_px=width, size_px=self._size_px - 1)
            put_text(blank, text, at=(self._size_px, y), size_px=self._size_px - 1, colour=BRIGHT)
        return blank
