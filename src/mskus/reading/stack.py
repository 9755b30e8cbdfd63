"""Frames decoded when asked for, so that a clip of ten thousand frames never lies in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import MskusError, ReadError
from mskus.reading.recording import Frame, Recording

KEPT_FRAMES = 16


def luma_of(frame: Frame) -> NDArray[np.uint8]:
    """Grey levels of a frame: ITU-R BT.601 luma of RGB, or the grey frame itself.

    Example:
        >>> luma_of(np.full((1, 1, 3), 200, np.uint8)).tolist()
        [[200]]
    """
    if frame.ndim == 2:
        return np.ascontiguousarray(frame)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY), np.uint8)


class StreamedFrames:
    """Grey frames of a recording, decoded in order or one at a time; the last few are kept.

    Reading in order costs one decoding of each frame; a jump costs what the decoder needs to get there.

    Args:
        recording: where the frames come from.
        indices: which of its frames this stack holds.
        name: the input, for errors.
    """

    def __init__(self, recording: Recording, *, indices: range, name: str) -> None:
        self._recording = recording
        self._indices = indices
        self._name = name
        self._kept: OrderedDict[int, NDArray[np.uint8]] = OrderedDict()
        self._running: Iterator[Frame] | None = None
        self._next = -1
        self._lock = Lock()

    @property
    def shape(self) -> tuple[int, int, int]:
        """``(T, H, W)``."""
        return len(self._indices), self._recording.height, self._recording.width

    def __len__(self) -> int:
        """Number of frames."""
        return len(self._indices)

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        """Frame ``index`` as ``(H, W)`` uint8.

        Raises:
            IndexError: if there is no such frame.
            ReadError: if it cannot be decoded.
        """
        if index < 0:
            index += len(self._indices)
        if not 0 <= index < len(self._indices):
            raise IndexError(f"frame {index} of a clip of {len(self._indices)}")
        with self._lock:
            if index in self._kept:
                return self._kept[index]
            if self._running is None or index != self._next:
                self._running = self._decode(self._indices[index:])
            frame = next(self._running)
            self._next = index + 1
            self._kept[index] = frame
            if len(self._kept) > KEPT_FRAMES:
                self._kept.popitem(last=False)
            return frame

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """All frames in order, each decoded once."""
        return self._decode(self._indices)

    def part(self, start: int, stop: int) -> StreamedFrames:
        """Frames ``start .. stop - 1`` as a stack of their own."""
        return StreamedFrames(self._recording, indices=self._indices[start:stop], name=self._name)

    def decoded(self, at: Sequence[int]) -> Iterator[tuple[int, Frame]]:
        """``(index, frame)`` as the decoder gives it (grey or RGB) for ascending indices of this stack.

        Raises:
            ReadError: if the file ends or breaks before.
        """
        count = 0
        try:
            for frame in self._recording.decode([self._indices[i] for i in at]):
                yield at[count], frame
                count += 1
        except MskusError:
            raise
        except Exception as fault:
            reason = " ".join(str(fault).split())[:120].rstrip(".") or type(fault).__name__
            raise ReadError(f"{self._name} is damaged after frame {count} ({reason}); export it again.") from fault
        if count < len(at):
            raise ReadError(f"{self._name} ends after {count} of {len(at)} frames; export it again.")

    def _decode(self, indices: range) -> Iterator[NDArray[np.uint8]]:
        for _, frame in StreamedFrames(self._recording, indices=indices, name=self._name).decoded(range(len(indices))):
            luma = luma_of(frame)
            luma.setflags(write=False)
            yield luma
