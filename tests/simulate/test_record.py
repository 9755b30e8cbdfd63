"""The DICOM file says what the phantom is."""

from __future__ import annotations

import json

import numpy as np
import pydicom
import pytest

from mskus.errors import SaveError
from mskus.simulate import Scanner, Screen, simulate_muscle, write_dicom


@pytest.fixture(scope="module")
def phantom():
    scanner = Scanner(size_px=(101, 151), width_mm=45.3, depth_mm=40.4)  # odd size: pixel data need padding
    return simulate_muscle(seed=3, scanner=scanner, n_frames=3, frame_rate_hz=20.0, screen=Screen())


@pytest.mark.parametrize("rle", [False, True])
def test_reads_back(phantom, tmp_path, rle):
    path = write_dicom(phantom, tmp_path / "clip.dcm", rle=rle)
    ds = pydicom.dcmread(path)
    assert np.array_equal(ds.pixel_array, phantom.clip.luma)
    assert ds.SOPClassUID == "1.2.840.10008.5.1.4.1.1.3.1"
    assert ds.file_meta.TransferSyntaxUID == ("1.2.840.10008.1.2.5" if rle else "1.2.840.10008.1.2.1")
    assert ds.Modality == "US"
    assert ds.NumberOfFrames == 3
    assert float(ds.FrameTime) == pytest.approx(50.0)
    item = ds.SequenceOfUltrasoundRegions[0]
    assert item.PhysicalUnitsXDirection == item.PhysicalUnitsYDirection == 3  # cm
    assert item.PhysicalDeltaX == pytest.approx(0.03)  # 45.3 mm / 151 px = 0.3 mm
    assert item.PhysicalDeltaY == pytest.approx(0.04)  # 40.4 mm / 101 px = 0.4 mm
    assert (item.RegionLocationMinX0, item.RegionLocationMinY0) == (90, 50)
    assert (item.RegionLocationMaxX1, item.RegionLocationMaxY1) == (90 + 150, 50 + 100)


def test_truth_lies_beside_it(phantom, tmp_path):
    write_dicom(phantom, tmp_path / "clip.dcm")
    truth = json.loads((tmp_path / "clip.truth.json").read_text())
    assert truth["seed"] == 3
    assert truth["region"] == {"x": 90, "y": 50, "w": 151, "h": 101}
    assert len(truth["frames"]) == 3
    measured = truth["frames"][1]["measurements"]
    assert measured == pytest.approx(phantom.truth[1].measurements, abs=1e-4)


def test_same_phantom_gives_the_same_bytes(phantom, tmp_path):
    first, second = (write_dicom(phantom, tmp_path / name) for name in ("a.dcm", "b.dcm"))
    assert first.read_bytes() == second.read_bytes()


def test_missing_folder_is_one_sentence(phantom, tmp_path):
    with pytest.raises(SaveError, match="cannot be written"):
        write_dicom(phantom, tmp_path / "nowhere" / "clip.dcm")
