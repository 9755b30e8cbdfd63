"""Pixels of a DICOM instance in any common transfer syntax, to 8-bit grey or RGB with the right colours."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import MskusError, ReadError
from mskus.reading.grey import eight_bit
from mskus.reading.recording import Frame, Recording

_VIDEO = frozenset(
    {f"1.2.840.10008.1.2.4.{n}" for n in (100, 101, 102, 103, 104, 105, 106, 107, 108)}
    | {f"1.2.840.10008.1.2.4.{n}.1" for n in range(100, 107)}
)
_JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
_DECODERS = {
    "1.2.840.10008.1.2.4.50": "pillow",
    _JPEG_EXTENDED: "pillow",
    "1.2.840.10008.1.2.4.90": "pylibjpeg",
    "1.2.840.10008.1.2.4.91": "pylibjpeg",
    "1.2.840.10008.1.2.5": "pydicom",
}
# JPEG lossless (process 14, and its first-order prediction), JPEG-LS lossless and near-lossless
_ONLY_GDCM = frozenset({f"1.2.840.10008.1.2.4.{n}" for n in (57, 70, 80, 81)})
_GREY = frozenset({"MONOCHROME1", "MONOCHROME2"})
_COLOUR = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT", "YBR_PARTIAL_422", "YBR_PARTIAL_420"})


def is_video_syntax(transfer_syntax: str) -> bool:
    """Whether the pixel data are one MPEG-2, MPEG-4 or HEVC stream."""
    return transfer_syntax in _VIDEO


@dataclass(frozen=True, kw_only=True)
class PixelFormat:
    """How the pixels of an instance are stored and how they become 8-bit grey or RGB."""

    transfer_syntax: str
    photometric: str
    rows: int
    columns: int
    n_frames: int
    bits_stored: int
    has_colour: bool
    window: tuple[float, float] | None
    notes: tuple[str, ...]
    dataset: Any

    @classmethod
    def of(cls, path: Path, dataset: Any) -> PixelFormat:
        """Read the image pixel module.

        Raises:
            ReadError: if the photometric interpretation is unknown or the file is shorter than its pixels.
        """
        meta = getattr(dataset, "file_meta", None)
        syntax = str(meta.get("TransferSyntaxUID", "") if meta is not None else "") or "1.2.840.10008.1.2"
        photometric = str(dataset.get("PhotometricInterpretation") or "").strip().upper()
        if not photometric:
            photometric = "RGB" if int(dataset.get("SamplesPerPixel", 1)) == 3 else "MONOCHROME2"
        if photometric not in _GREY | _COLOUR | {"PALETTE COLOR"}:
            raise ReadError(f"{path} stores its pixels as {photometric!r}, which is unknown; export it as RGB.")
        bits = int(dataset.get("BitsStored") or dataset.get("BitsAllocated") or 8)
        window, notes = _window(dataset, photometric, bits)
        form = cls(
            transfer_syntax=syntax,
            photometric=photometric,
            rows=int(dataset.Rows),
            columns=int(dataset.Columns),
            n_frames=int(dataset.get("NumberOfFrames") or 1),
            bits_stored=bits,
            has_colour=photometric not in _GREY,
            window=window,
            notes=notes,
            dataset=dataset,
        )
        form._check_length(path)
        return form

    def _check_length(self, path: Path) -> None:
        """Uncompressed pixels must all be there; a file that ends early was not sent whole."""
        from pydicom.uid import UID

        if UID(self.transfer_syntax).is_private or UID(self.transfer_syntax).is_compressed:
            # every frame has at least an item header of 8 bytes
            if not is_video_syntax(self.transfer_syntax) and path.stat().st_size < 8 * self.n_frames:
                raise ReadError(f"{path} states {self.n_frames} frames, more than it can hold; export it again.")
            return
        samples = int(self.dataset.get("SamplesPerPixel") or 1)
        size = self.rows * self.columns * self.n_frames * samples * int(self.dataset.get("BitsAllocated") or 8) // 8
        if self.photometric == "YBR_FULL_422":
            size = size * 2 // 3
        if path.stat().st_size < size:
            raise ReadError(
                f"{path} is truncated: {self.n_frames} frames of {self.columns} x {self.rows} need {size} bytes, "
                f"the file has {path.stat().st_size}; send it again."
            )


def decode_frames(path: Path, form: PixelFormat, indices: Sequence[int]) -> Iterator[Frame]:
    """Frames by index as ``(H, W)`` grey or ``(H, W, 3)`` RGB, uint8; only these are read from the file."""
    from pydicom.uid import UID

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for pixels in _stored_frames(path, form, indices):
                yield _to_eight_bit(pixels, form)
        except MskusError:
            raise
        except Exception as fault:
            name = UID(form.transfer_syntax).name
            raise ReadError(
                f"{path} cannot be decoded ({name}, {form.photometric}): its pixels are damaged or of a kind that no "
                "installed decoder reads; export it again, uncompressed if possible."
            ) from fault


def _stored_frames(path: Path, form: PixelFormat, indices: Sequence[int]) -> Iterator[NDArray[Any]]:
    """Frames as stored, colour as RGB, by the decoder that withstands damaged files best."""
    from pydicom.pixels.utils import iter_pixels

    from mskus.reading.gdcm_process import gdcm_frames

    is_deep_jpeg = form.transfer_syntax == _JPEG_EXTENDED and form.bits_stored > 8
    if form.transfer_syntax in _ONLY_GDCM or is_deep_jpeg:
        return gdcm_frames(path, indices)
    plugin = _DECODERS.get(form.transfer_syntax, "")
    return iter_pixels(path, indices=list(indices), decoding_plugin=plugin)


def encapsulated_video(path: Path, form: PixelFormat) -> Recording:
    """The MPEG stream inside an instance as a recording.

    Source: DICOM PS3.5 8.2.5 to 8.2.10: the whole stream is one frame in one or more fragments.
    """
    import pydicom
    from pydicom.encaps import generate_fragments

    from mskus.reading.video import open_video

    data = pydicom.dcmread(path, specific_tags=["PixelData"]).PixelData
    # the first item is the basic offset table
    stream = b"".join(list(generate_fragments(data))[1:])
    return open_video(stream, kind="video inside the DICOM file")


def _to_eight_bit(pixels: NDArray[Any], form: PixelFormat) -> Frame:
    if form.photometric == "PALETTE COLOR":
        from pydicom.pixels.processing import apply_color_lut

        coloured = apply_color_lut(pixels, form.dataset)[..., :3]
        return coloured if coloured.dtype == np.uint8 else (coloured >> 8).astype(np.uint8)
    if form.window is not None:
        low, high = form.window
        frame = eight_bit(pixels, low=low, high=high)
    else:
        frame = np.asarray(pixels, np.uint8)
    return np.uint8(255) - frame if form.photometric == "MONOCHROME1" else frame


def _window(dataset: Any, photometric: str, bits: int) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    """``(low, high)`` of the stored values that become 0 and 255, or None for 8-bit pixels."""
    if photometric == "PALETTE COLOR" or bits == 8:
        return None, ()
    slope, intercept = float(dataset.get("RescaleSlope") or 1), float(dataset.get("RescaleIntercept") or 0)
    centre, width = _first(dataset.get("WindowCenter")), _first(dataset.get("WindowWidth"))
    if photometric in _GREY and centre is not None and width is not None and width > 1 and slope:
        low = (centre - 0.5 - (width - 1) / 2 - intercept) / slope
        high = (centre - 0.5 + (width - 1) / 2 - intercept) / slope
        return (low, high), (f"{bits}-bit grey levels scaled by the window {centre:g} / {width:g}",)
    is_signed = int(dataset.get("PixelRepresentation") or 0) == 1
    low = -(2.0 ** (bits - 1)) if is_signed else 0.0
    high = low + 2.0**bits - 1
    return (low, high), (f"{bits}-bit values scaled from their full range {low:g} to {high:g}",)


def _first(value: Any) -> float | None:
    try:
        return float(value[0] if hasattr(value, "__getitem__") and not isinstance(value, str) else value)
    except (TypeError, ValueError, IndexError):
        return None
