"""The clip: what the scanner recorded, with its scale and where that scale came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from types import MappingProxyType
from typing import Any, Literal, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mskus.errors import CalibrationError, ReadError

CalibrationSource = Literal["dicom_region", "dicom_pixel_spacing", "ruler_ticks", "user", "simulation", "file_header"]


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Millimetres per pixel for rows and columns, with provenance.

    Attributes:
        mm_per_px_row: height of one pixel in mm (distance between two neighbouring rows).
        mm_per_px_col: width of one pixel in mm (distance between two neighbouring columns).
        source: where the scale came from.
        relative_error: standard error of the scale as a fraction of it (0.01 is one per cent).
        note: one line of provenance for the reader, e.g. ``"US region 0, PhysicalDeltaX 0.0086 cm"``.

    Raises:
        CalibrationError: if a spacing is not a finite positive number or lies outside 1 micrometre to 10 mm.

    Example:
        >>> Calibration(mm_per_px_row=0.1, mm_per_px_col=0.2, source="user").is_isotropic
        False
    """

    mm_per_px_row: float
    mm_per_px_col: float
    source: CalibrationSource
    relative_error: float = 0.0
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("mm_per_px_row", "mm_per_px_col"):
            value = float(getattr(self, name))
            if not np.isfinite(value) or not 1e-3 <= value <= 10.0:
                raise CalibrationError(
                    f"{name} = {value:g} mm is not a possible ultrasound pixel; give a value between 0.001 and 10."
                )
        if not 0.0 <= self.relative_error < 1.0:
            raise CalibrationError(f"relative_error = {self.relative_error:g} is not a fraction between 0 and 1.")

    @property
    def is_isotropic(self) -> bool:
        """Whether pixels are square to within half a per cent."""
        return abs(self.mm_per_px_row / self.mm_per_px_col - 1.0) < 5e-3

    @property
    def mm_per_px(self) -> tuple[float, float]:
        """``(x, y)`` spacing in mm, in the order of points."""
        return self.mm_per_px_col, self.mm_per_px_row


@dataclass(frozen=True)
class Region:
    """An axis-aligned part of a frame in whole pixels: columns ``x .. x+w-1``, rows ``y .. y+h-1``."""

    x: int
    y: int
    w: int
    h: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """``(rows, columns)`` to index an ``(H, W)`` array with."""
        return slice(self.y, self.y + self.h), slice(self.x, self.x + self.w)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the pixels came from: path (empty for an array) and SHA-256 of the bytes read."""

    path: str = ""
    sha256: str = ""


@runtime_checkable
class FrameStack(Protocol):
    """Frames that are decoded when asked for, so that a long clip never lies in memory at once."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """``(T, H, W)``."""

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        """Frame ``index`` as ``(H, W)`` uint8."""

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """All frames in order, each decoded once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Clip:
    """What the scanner recorded; immutable. A still is a clip of one frame.

    Attributes:
        luma: ``(T, H, W)`` uint8 grey levels, or a :class:`FrameStack` for a clip too long for memory.
        colour: ``(T, H, W, 3)`` uint8 RGB where the scanner drew colour (Doppler, elastography), else None.
        calibration: the scale, or None if nothing states it.
        frame_times_s: ``(T,)`` seconds from the first frame, or None if the frame rate is unknown.
        pixel_aspect: height over width of one pixel where no calibration states it; None if unknown.
        region: the part of the frame that holds the B-mode image, without text, ruler and logo.
        field: ``(H, W)`` bool, True where a pixel belongs to the insonified field, or None for the whole region.
        acquisition: manufacturer, model, probe, depth_mm, age, sex, laterality ... whatever is known.
        source: path and SHA-256.
        notes: provenance lines, in the order in which things were found out.
    """

    luma: NDArray[np.uint8] | FrameStack
    colour: NDArray[np.uint8] | None = None
    calibration: Calibration | None = None
    frame_times_s: NDArray[np.float64] | None = None
    pixel_aspect: float | None = None
    region: Region | None = None
    field: NDArray[np.bool_] | None = None
    acquisition: Mapping[str, Any] = dataclass_field(default_factory=lambda: MappingProxyType({}))
    source: Source = Source()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = self.luma.shape
        if len(shape) != 3 or min(shape) < 1:
            raise ReadError(f"A clip needs frames of shape (T, H, W), each at least 1; got {tuple(shape)}.")
        if isinstance(self.luma, np.ndarray):
            if self.luma.dtype != np.uint8:
                raise ReadError(f"luma must be uint8 grey levels; got {self.luma.dtype}.")
            self.luma.setflags(write=False)
        if self.frame_times_s is not None and len(self.frame_times_s) != shape[0]:
            raise ReadError(f"{len(self.frame_times_s)} frame times for {shape[0]} frames.")
        if self.region is None:
            object.__setattr__(self, "region", Region(0, 0, shape[2], shape[1]))

    @property
    def shape(self) -> tuple[int, int, int]:
        """``(T, H, W)``."""
        return self.luma.shape

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return int(self.luma.shape[0])

    @property
    def image_region(self) -> Region:
        """``region``, never None."""
        assert self.region is not None
        return self.region

    @property
    def aspect(self) -> float | None:
        """Pixel height over pixel width from the calibration, else ``pixel_aspect``, else None."""
        if self.calibration is not None:
            return self.calibration.mm_per_px_row / self.calibration.mm_per_px_col
        return self.pixel_aspect

    @property
    def frame_rate_hz(self) -> float | None:
        """Mean frame rate, or None for a still or an unknown rate."""
        if self.frame_times_s is None or self.n_frames < 2:
            return None
        span = float(self.frame_times_s[-1] - self.frame_times_s[0])
        return (self.n_frames - 1) / span if span > 0 else None

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Every frame once, in order, as ``(H, W)`` uint8; a long clip is streamed."""
        return iter(self.luma)

    def frame(self, index: int) -> NDArray[np.uint8]:
        """Frame ``index`` as ``(H, W)`` uint8.

        Raises:
            IndexError: if there is no such frame.
        """
        if not 0 <= index < self.n_frames:
            raise IndexError(f"frame {index} of a clip of {self.n_frames}")
        return self.luma[index]

    def with_(self, **changes: Any) -> Self:
        """A copy with some attributes changed."""
        return replace(self, **changes)
