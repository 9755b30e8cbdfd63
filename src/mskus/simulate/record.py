"""Write a phantom as a DICOM ultrasound clip with its truth beside it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mskus.errors import SaveError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from mskus.simulate.nerve import NervePhantom
    from mskus.simulate.phantom import Phantom

TRUTH_SCHEMA = "1.0"
_US_MULTIFRAME = "1.2.840.10008.5.1.4.1.1.3.1"
_CENTIMETRES = 3


def truth_record(phantom: Phantom | NervePhantom) -> dict[str, Any]:
    """The truth as plain data for JSON: measurements and polylines (px) of every frame."""
    calibration = phantom.clip.calibration
    assert calibration is not None
    region = phantom.clip.image_region
    return {
        "schema_version": TRUTH_SCHEMA,
        "kind": f"simulated {phantom.kind}",
        "seed": phantom.seed,
        "mm_per_px_row": calibration.mm_per_px_row,
        "mm_per_px_col": calibration.mm_per_px_col,
        "region": {"x": region.x, "y": region.y, "w": region.w, "h": region.h},
        "scanner": asdict(phantom.scanner),
        "frames": [truth.record() for truth in phantom.truth],
    }


def write_dicom(phantom: Phantom | NervePhantom, path: str | Path, *, rle: bool = False) -> Path:
    """Write a multi-frame ultrasound DICOM file and ``<name>.truth.json`` beside it.

    The file follows the Ultrasound Multi-frame Image IOD (DICOM PS3.3 A.7) with the US Region Calibration module
    (C.8.5.5) stating the spacing. UIDs derive from seed and size: the same phantom gives the same file.

    Args:
        phantom: what to write.
        path: the file; its folder must exist.
        rle: RLE Lossless instead of uncompressed pixels.

    Returns:
        The path of the DICOM file.

    Raises:
        SaveError: if the folder is missing or cannot be written.
    """
    target = Path(path)
    truth = target.with_name(target.stem + ".truth.json")
    dataset = _dataset(phantom)
    if rle:
        from pydicom.uid import RLELossless

        # the encoder of GDCM aborts the process on frames of odd size
        dataset.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    try:
        dataset.save_as(target, enforce_file_format=True)
        truth.write_text(json.dumps(truth_record(phantom), indent=1) + "\n")
    except OSError as error:
        raise SaveError(f"{target} cannot be written ({error.strerror}); choose a folder that exists.") from error
    return target


def _dataset(phantom: Phantom | NervePhantom) -> Dataset:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.sequence import Sequence
    from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

    clip = phantom.clip
    frames = np.stack(list(clip.frames()))
    count, height, width = frames.shape
    kind = phantom.kind.capitalize()
    sources = ["mskus", str(phantom.seed), str(frames.shape), str(int(frames.sum()))]
    uids = {name: generate_uid(entropy_srcs=[*sources, name]) for name in ("study", "series", "instance", "maker")}

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(_US_MULTIFRAME)
    meta.MediaStorageSOPInstanceUID = uids["instance"]
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = uids["maker"]

    ds = Dataset()
    ds.file_meta = meta
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.ImageType = ["DERIVED", "PRIMARY"]
    ds.SOPClassUID, ds.SOPInstanceUID = _US_MULTIFRAME, uids["instance"]
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.StudyID = "20260101", "120000", "", "1"
    ds.ContentDate, ds.ContentTime = "20260101", "120000"
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = "US", "mskus simulator", "phantom"
    ds.ReferringPhysicianName = ""
    ds.PatientName, ds.PatientID = f"Phantom^{kind}", f"SIM{phantom.seed:05d}"
    ds.PatientBirthDate, ds.PatientSex = "", ""
    ds.StudyInstanceUID, ds.SeriesInstanceUID = uids["study"], uids["series"]
    ds.SeriesNumber, ds.InstanceNumber = 1, 1
    ds.Laterality, ds.PatientOrientation = "", ""
    ds.SeriesDescription = f"Simulated {phantom.kind}"
    ds.BurnedInAnnotation = "NO" if phantom.screen is None else "YES"
    ds.LossyImageCompression = "00"
    ds.TransducerData = [phantom.scanner.probe.upper(), "", ""]
    ds.DepthOfScanField = round(phantom.scanner.depth_mm)

    rate = clip.frame_rate_hz
    ds.FrameTime = f"{1000.0 / rate:.6g}" if rate else "40"
    ds.FrameIncrementPointer = 0x00181063
    ds.NumberOfFrames = count
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = height, width
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0

    region, calibration = clip.image_region, clip.calibration
    assert calibration is not None
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, 2
    item.RegionLocationMinX0, item.RegionLocationMinY0 = region.x, region.y
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = region.x + region.w - 1, region.y + region.h - 1
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = _CENTIMETRES
    item.PhysicalDeltaX, item.PhysicalDeltaY = calibration.mm_per_px_col / 10, calibration.mm_per_px_row / 10
    item.ReferencePixelX0, item.ReferencePixelY0 = 0, 0
    item.TransducerFrequency = round(phantom.scanner.frequency_mhz * 1000)
    ds.SequenceOfUltrasoundRegions = Sequence([item])
    data = frames.tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OB"
    return ds
