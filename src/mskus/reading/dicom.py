"""DICOM ultrasound, single and multi-frame, as a recording."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mskus.errors import MskusError, ReadError
from mskus.reading.dicom_pixels import PixelFormat, decode_frames, encapsulated_video, is_video_syntax
from mskus.reading.dicom_regions import pixel_aspect, pixel_spacing_scale, region_scale
from mskus.reading.dicom_tags import acquisition_tags, frame_times_s
from mskus.reading.recording import Frame, Recording

_ULTRASOUND = frozenset({"US", "IVUS"})
# screens of older scanners come as secondary captures under these
_CAPTURE = frozenset({"", "OT", "SC", "XC"})


def open_dicom(path: Path) -> Recording:
    """A recording of one DICOM instance.

    Raises:
        ReadError: if the file is truncated, encrypted, of another modality, has no pixels or no frames, or uses a
            transfer syntax that no installed decoder knows.
    """
    import pydicom
    from pydicom.errors import InvalidDicomError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = pydicom.dcmread(path, stop_before_pixels=True, force=not _has_preamble(path))
        except InvalidDicomError as fault:
            raise ReadError(f"{path} is not a DICOM file; check that the export finished.") from fault
        except (EOFError, NotImplementedError, ValueError, OSError) as fault:
            raise ReadError(f"{path} is a truncated or damaged DICOM file; export it again.") from fault
        try:
            return _recording(path, dataset)
        except MskusError:
            raise
        except Exception as fault:
            raise ReadError(f"{path} is a damaged DICOM file ({_short(fault)}); export it again.") from fault


def _recording(path: Path, dataset: Any) -> Recording:
    _check(path, dataset)
    form = PixelFormat.of(path, dataset)
    notes: list[str] = []
    modality = str(dataset.get("Modality") or "")
    if modality not in _ULTRASOUND:
        notes.append(f"Modality is {modality or 'missing'}; read as a capture of an ultrasound screen")
    if is_video_syntax(form.transfer_syntax):
        recording = encapsulated_video(path, form)
        notes += recording.notes
        rows, columns, n_frames = recording.height, recording.width, recording.n_frames
        times = recording.frame_times_s
        has_colour, decode = recording.has_colour, recording.decode
    else:
        rows, columns, n_frames, times = form.rows, form.columns, form.n_frames, None
        has_colour = form.has_colour

        def decode(indices: Sequence[int]) -> Iterator[Frame]:
            return decode_frames(path, form, indices)

        notes += form.notes
    stated_times, time_note = frame_times_s(dataset, n_frames=n_frames)
    if stated_times is not None:
        times = stated_times
    if time_note and not (times is not None and stated_times is None):
        notes.append(time_note)
    scale = region_scale(dataset, rows=rows, columns=columns)
    notes += scale.notes
    calibration, region = scale.calibration, scale.region
    if calibration is None and not dataset.get("SequenceOfUltrasoundRegions"):
        spacing = pixel_spacing_scale(dataset)
        calibration = spacing.calibration
        notes += spacing.notes
    return Recording(
        kind="DICOM file",
        n_frames=n_frames,
        height=rows,
        width=columns,
        has_colour=has_colour,
        decode=decode,
        frame_times_s=times,
        calibration=calibration,
        pixel_aspect=pixel_aspect(dataset),
        region=region,
        acquisition=acquisition_tags(dataset),
        notes=notes,
    )


def _check(path: Path, dataset: Any) -> None:
    """Refuse what cannot be an ultrasound clip."""
    if len(dataset) == 0:
        raise ReadError(f"{path} is a truncated or damaged DICOM file; export it again.")
    modality = str(dataset.get("Modality") or "").upper()
    if "EncryptedAttributesSequence" in dataset and "Rows" not in dataset:
        raise ReadError(f"{path} is an encrypted DICOM file; export it without encryption.")
    if modality not in _ULTRASOUND | _CAPTURE:
        raise ReadError(f"{path} holds modality {modality}, not ultrasound; give a US image or clip.")
    if "Rows" not in dataset or "Columns" not in dataset:
        what = "is a DICOMDIR, an index of other files" if "DirectoryRecordSequence" in dataset else "holds no picture"
        raise ReadError(f"{path} {what}; give the image file itself.")
    frames = dataset.get("NumberOfFrames")
    if int(dataset.Rows) < 1 or int(dataset.Columns) < 1 or (frames not in (None, "") and int(frames) < 1):
        raise ReadError(f"{path} holds zero frames ({dataset.Columns} x {dataset.Rows} x {frames}); export it again.")


def _has_preamble(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def _short(fault: Exception) -> str:
    text = " ".join(str(fault).split())
    return (text[:120] or type(fault).__name__).rstrip(".")
