"""Ultrasound files made on the spot, in every transfer syntax that can be written here."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    MPEG4HP41,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

SYNTAXES = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "rle": RLELossless,
    "jpeg": JPEGBaseline8Bit,
    "jpeg_lossless": JPEGLosslessSV1,
    "jpeg2000": JPEG2000Lossless,
    "jpeg_ls": JPEGLSLossless,
    "h264": MPEG4HP41,
}


def us_region(
    *,
    box: tuple[int, int, int, int],
    delta_cm: tuple[float, float] = (0.01, 0.01),
    spatial: int = 1,
    data: int = 1,
    units: tuple[int, int] = (3, 3),
) -> Dataset:
    """A US region; box is x0, y0, x1, y1 and delta is (x, y)."""
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = spatial, data, 0
    item.RegionLocationMinX0, item.RegionLocationMinY0, item.RegionLocationMaxX1, item.RegionLocationMaxY1 = box
    item.PhysicalUnitsXDirection, item.PhysicalUnitsYDirection = units
    item.PhysicalDeltaX, item.PhysicalDeltaY = delta_cm
    return item


def _gdcm_transcode(source: Path, target: Path, syntax: str) -> None:
    import gdcm

    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    kinds = {
        "jpeg_lossless": gdcm.TransferSyntax.JPEGLosslessProcess14_1,
        "jpeg_ls": gdcm.TransferSyntax.JPEGLSLossless,
    }
    change.SetTransferSyntax(gdcm.TransferSyntax(kinds[syntax]))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFile(reader.GetFile())
    writer.SetFileName(str(target))
    writer.SetImage(change.GetOutput())
    assert writer.Write()


def _h264(frames: np.ndarray, rate: int = 20) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mpegts") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "10"})
        stream.height, stream.width, stream.pix_fmt = frames.shape[1], frames.shape[2], "yuv420p"
        for frame in frames:
            rgb = frame if frame.ndim == 3 else np.repeat(frame[..., None], 3, axis=2)
            for packet in stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return buffer.getvalue()


def write_dicom(
    path: Path,
    pixels: np.ndarray,
    *,
    syntax: str = "explicit",
    photometric: str | None = None,
    regions: list[Dataset] | None = None,
    tags: dict[str, Any] | None = None,
) -> Path:
    """A US instance of ``(T, H, W)`` grey or ``(T, H, W, 3)`` RGB pixels (or ``(H, W)`` for a still)."""
    still = pixels.ndim == 2
    frames = pixels[None] if still else pixels
    rgb = frames.ndim == 4
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.3.1"
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["mskus test"])
    plain = syntax in ("explicit", "implicit")
    meta.TransferSyntaxUID = SYNTAXES[syntax] if plain or syntax in ("jpeg", "h264") else ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    dataset.Modality, dataset.Manufacturer = "US", "Phantom"
    dataset.Rows, dataset.Columns = frames.shape[1:3]
    dataset.SamplesPerPixel = 3 if rgb else 1
    dataset.PhotometricInterpretation = photometric or ("RGB" if rgb else "MONOCHROME2")
    if rgb:
        dataset.PlanarConfiguration = 0
    bits = frames.dtype.itemsize * 8
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = bits, bits, bits - 1, 0
    if not still:
        dataset.NumberOfFrames = len(frames)
    if regions:
        dataset.SequenceOfUltrasoundRegions = Sequence(regions)
    if syntax == "jpeg":
        coded = []
        for frame in frames:
            buffer = io.BytesIO()
            Image.fromarray(frame).save(buffer, "JPEG", quality=98, subsampling=0)
            coded.append(buffer.getvalue())
        if rgb:
            dataset.PhotometricInterpretation = photometric or "YBR_FULL"
        dataset.PixelData = encapsulate(coded)
    elif syntax == "h264":
        dataset.PhotometricInterpretation = "YBR_PARTIAL_420"
        dataset.PixelData = encapsulate([_h264(frames)])
    else:
        dataset.PixelData = frames.tobytes()
    for keyword, value in (tags or {}).items():
        setattr(dataset, keyword, value)
    if not plain:
        dataset["PixelData"].VR = "OB"
    if syntax in ("rle", "jpeg2000"):
        dataset.compress(SYNTAXES[syntax], generate_instance_uid=False)
    dataset.save_as(path, enforce_file_format=True)
    if syntax in ("jpeg_lossless", "jpeg_ls"):
        _gdcm_transcode(path, path, syntax)
    return path


@pytest.fixture
def make_dicom(tmp_path: Path) -> Callable[..., Path]:
    """Write a US instance into the test's own folder and return its path."""

    def make(pixels: np.ndarray, *, name: str = "clip.dcm", **options: Any) -> Path:
        return write_dicom(tmp_path / name, pixels, **options)

    return make
