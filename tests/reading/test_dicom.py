"""DICOM: transfer syntaxes, colours, regions, times and tags."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

import mskus
from mskus.reading.dicom_regions import region_scale
from mskus.reading.dicom_tags import acquisition_tags, frame_times_s

from .conftest import SYNTAXES, us_region

Make = Callable[..., Path]
GREY = np.stack([np.add.outer(np.arange(64), 2 * np.arange(96)).astype(np.uint8) // 2 + 3 * i for i in range(4)])
LOSSLESS = ("explicit", "implicit", "rle", "jpeg_lossless", "jpeg2000", "jpeg_ls")


def colour_bars() -> np.ndarray:
    """Red, green, blue and grey, 24 columns each."""
    bars = np.zeros((2, 64, 96, 3), np.uint8)
    for n, rgb in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255), (120, 120, 120)]):
        bars[:, :, 24 * n : 24 * n + 24] = rgb
    return bars


@pytest.fixture(autouse=True)
def _as_most_users_run_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoder's child process must not need an unbuffered standard output."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)


@pytest.mark.parametrize("syntax", sorted(SYNTAXES))
def test_grey_frames_of_every_transfer_syntax(make_dicom: Make, syntax: str) -> None:
    clip = mskus.read(make_dicom(GREY, syntax=syntax))
    assert clip.shape == (4, 64, 96)
    error = np.abs(clip.luma[:].astype(int) - GREY)
    assert error.max() == 0 if syntax in LOSSLESS else error.mean() < 1.5
    assert clip.colour is None


@pytest.mark.parametrize("syntax", sorted(SYNTAXES))
def test_colours_of_every_transfer_syntax(make_dicom: Make, syntax: str) -> None:
    clip = mskus.read(make_dicom(colour_bars(), syntax=syntax), region=(0, 0, 96, 64))
    assert clip.colour is not None
    for column, rgb in ((12, (255, 0, 0)), (36, (0, 255, 0)), (60, (0, 0, 255)), (84, (0, 0, 0))):
        assert clip.colour[1, 32, column].tolist() == pytest.approx(rgb, abs=6)
    # ITU-R BT.601: 0.299, 0.587, 0.114 of 255, and the grey bar
    assert clip.luma[1, 32, [12, 36, 60, 84]].tolist() == pytest.approx([76, 150, 29, 120], abs=4)


def test_monochrome1_is_turned_round(make_dicom: Make) -> None:
    clip = mskus.read(make_dicom(GREY, photometric="MONOCHROME1"))
    assert np.array_equal(clip.luma, 255 - GREY)


def test_palette_colour(make_dicom: Make) -> None:
    ramp = np.arange(256, dtype=np.uint16) * 257
    table = {"Red": ramp, "Green": ramp[::-1].copy(), "Blue": np.zeros(256, np.uint16)}
    tags: dict[str, Any] = {}
    for name, values in table.items():
        tags[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tags[f"{name}PaletteColorLookupTableData"] = values.tobytes()
    path = make_dicom(np.full((64, 96), 200, np.uint8), photometric="PALETTE COLOR", tags=tags)
    clip = mskus.read(path)
    assert clip.colour is not None
    assert clip.colour[0, 5, 5].tolist() == [200, 55, 0]


def test_ybr_full_uncompressed(make_dicom: Make) -> None:
    # Y, Cb, Cr of pure red by DICOM PS3.3 C.7.6.3.1.2: 76, 85, 255
    pixels = np.tile(np.array([76, 85, 255], np.uint8), (1, 64, 96, 1))
    clip = mskus.read(make_dicom(pixels, photometric="YBR_FULL"))
    assert clip.colour is not None
    assert clip.colour[0, 9, 9].tolist() == pytest.approx([254, 0, 0], abs=2)


@pytest.mark.parametrize(
    ("tags", "stored", "expected"),
    [
        ({"BitsStored": 12, "HighBit": 11}, 4095, 255),
        ({"BitsStored": 12, "HighBit": 11}, 2048, 128),
        # PS3.3 C.11.2.1.2: window 1000 / 401 runs from 799.5 to 1199.5
        ({"WindowCenter": 1000, "WindowWidth": 401}, 1200, 255),
        ({"WindowCenter": 1000, "WindowWidth": 401}, 999, 127),
    ],
)
def test_sixteen_bits(make_dicom: Make, tags: dict[str, int], stored: int, expected: int) -> None:
    clip = mskus.read(make_dicom(np.full((64, 96), stored, np.uint16), tags=tags))
    assert int(clip.frame(0)[0, 0]) == pytest.approx(expected, abs=1)
    assert any("scaled" in note for note in clip.notes)


def test_scale_of_the_tissue_region_with_unequal_spacing(make_dicom: Make) -> None:
    regions = [
        us_region(box=(0, 50, 95, 63), delta_cm=(0.004, 1.2), spatial=3, data=3, units=(4, 7)),  # spectral Doppler
        us_region(box=(20, 10, 60, 40), delta_cm=(0.5, 0.5), data=2),  # colour flow box
        us_region(box=(10, 4, 79, 45), delta_cm=(0.012, 0.008)),  # tissue
    ]
    clip = mskus.read(make_dicom(GREY, regions=regions))
    assert clip.calibration is not None
    assert clip.calibration.mm_per_px_col == pytest.approx(0.12)
    assert clip.calibration.mm_per_px_row == pytest.approx(0.08)
    assert clip.calibration.source == "dicom_region"
    assert "US region 2" in clip.calibration.note
    assert "0018,602C" in clip.calibration.note


def test_region_and_scale_are_looked_up_in_this_very_instance(make_dicom: Make) -> None:
    scales = [
        mskus.read(make_dicom(GREY, name=name, regions=[us_region(box=(0, 0, 95, 63), delta_cm=(d, d))])).calibration
        for name, d in (("a.dcm", 0.01), ("b.dcm", 0.02))
    ]
    assert [s.mm_per_px_row for s in scales if s] == pytest.approx([0.1, 0.2])


@pytest.mark.parametrize(
    ("regions", "size", "expected_mm"),
    [
        ([us_region(box=(5, 5, 90, 60))], (64, 96), 0.1),
        ([us_region(box=(0, 0, 96, 64))], (64, 96), 0.1),  # one past the end, as many scanners write
        ([us_region(box=(0, 10, 95, 120))], (64, 96), 0.1),  # cropped below: scale still holds
        ([us_region(box=(20, 10, 180, 120))], (64, 96), None),  # halved picture: it does not
        ([us_region(box=(5, 5, 90, 60), units=(3, 4))], (64, 96), None),  # M-mode: seconds across
        ([us_region(box=(5, 5, 90, 60), spatial=2)], (64, 96), None),
        ([us_region(box=(5, 5, 90, 60), delta_cm=(0.0, 0.01))], (64, 96), None),
        ([us_region(box=(5, 5, 90, 60), delta_cm=(-0.01, -0.01))], (64, 96), 0.1),  # direction signs
        ([], (64, 96), None),
    ],
)
def test_which_regions_give_a_scale(regions: list[Dataset], size: tuple[int, int], expected_mm: float | None) -> None:
    dataset = Dataset()
    dataset.SequenceOfUltrasoundRegions = regions
    found = region_scale(dataset, rows=size[0], columns=size[1]).calibration
    assert (found.mm_per_px_row if found else None) == pytest.approx(expected_mm)


def test_pixel_spacing_where_there_is_no_region(make_dicom: Make) -> None:
    clip = mskus.read(make_dicom(GREY, tags={"PixelSpacing": [0.07, 0.09]}))
    assert clip.calibration is not None
    assert (clip.calibration.mm_per_px_row, clip.calibration.mm_per_px_col) == (0.07, 0.09)
    assert clip.calibration.source == "dicom_pixel_spacing"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"FrameTime": "40"}, [0, 0.04, 0.08, 0.12]),
        ({"FrameTimeVector": ["0", "10", "20", "30"]}, [0, 0.01, 0.03, 0.06]),
        ({"CineRate": "50"}, [0, 0.02, 0.04, 0.06]),
        ({"RecommendedDisplayFrameRate": "25"}, [0, 0.04, 0.08, 0.12]),
        ({"FrameTime": "20", "RecommendedDisplayFrameRate": "10"}, [0, 0.02, 0.04, 0.06]),
        ({"FrameTime": "0"}, None),
    ],
)
def test_frame_times(tags: dict[str, Any], expected: list[float] | None) -> None:
    dataset = Dataset()
    for keyword, value in tags.items():
        setattr(dataset, keyword, value)
    times, _ = frame_times_s(dataset, n_frames=4)
    assert (None if times is None else times.tolist()) == (None if expected is None else pytest.approx(expected))


def test_tags_without_names_of_the_patient() -> None:
    dataset = Dataset()
    dataset.Manufacturer, dataset.ManufacturerModelName = "GE", "LOGIQ E9"
    dataset.TransducerData = ["ML6-15", "UNUSED"]
    dataset.PatientAge, dataset.PatientSex, dataset.PatientName, dataset.PatientID = "018M", "F", "Doe^Jane", "77"
    dataset.DepthOfScanField, dataset.ImageLaterality = 40, "L"
    found = acquisition_tags(dataset)
    assert found == {
        "manufacturer": "GE",
        "model": "LOGIQ E9",
        "probe": "ML6-15",
        "age_years": 1.5,
        "sex": "F",
        "depth_mm": 40.0,
        "laterality": "L",
    }
