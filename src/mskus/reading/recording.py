"""The recording: what a decoder hands over before it becomes a clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Calibration, Region

Frame = NDArray[np.uint8]
Decode = Callable[[Sequence[int]], Iterator[Frame]]


@dataclass(kw_only=True)
class Recording:
    """Frames that can be decoded, and everything that the file says about them.

    Attributes:
        kind: what the file is, in words for an error: ``"DICOM file"``, ``"PNG picture"`` ...
        n_frames: number of frames.
        height: rows of a frame.
        width: columns of a frame.
        has_colour: whether :attr:`decode` yields ``(H, W, 3)`` RGB frames instead of ``(H, W)`` grey ones.
        decode: yields the frames with the given indices (ascending), uint8.
        frame_times_s: ``(T,)`` seconds, or None.
        calibration: the scale that the file states, or None.
        pixel_aspect: height over width of a pixel where only that is known.
        region: the image region that the file states, or None.
        acquisition: tags.
        notes: provenance lines.
    """

    kind: str
    n_frames: int
    height: int
    width: int
    has_colour: bool
    decode: Decode
    frame_times_s: NDArray[np.float64] | None = None
    calibration: Calibration | None = None
    pixel_aspect: float | None = None
    region: Region | None = None
    acquisition: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
