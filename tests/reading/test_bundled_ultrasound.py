"""The ultrasound files that pydicom brings along, against what one sees in them.

Colours were read off by other ways than the reader's: raw bytes at their offset, the file's own palette table,
Pillow on the bare JPEG or JPEG 2000 stream.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom.data
import pytest

import mskus

FOLDER = Path(pydicom.data.__file__).parent / "test_files"


# frame, (x, y) and RGB: ends and middle of colour bars, headers, tissue
@pytest.mark.parametrize(
    ("name", "point", "rgb"),
    [
        ("ExplVR_BigEnd.dcm", (40, 30), (255, 255, 0)),  # power Doppler, saturated: yellow
        ("ExplVR_BigEnd.dcm", (3, 57), (255, 171, 0)),  # orange
        ("examples_jpeg2k.dcm", (30, 158), (255, 255, 0)),  # upper end of the power bar
        ("examples_jpeg2k.dcm", (30, 166), (255, 171, 0)),
        ("examples_jpeg2k.dcm", (30, 190), (135, 0, 0)),  # near its dark middle: dark red
        ("examples_rgb_color.dcm", (15, 77), (254, 254, 0)),
        ("examples_palette.dcm", (797, 97), (90, 205, 255)),  # light blue main tick of the ruler
    ],
)
def test_colours(name: str, point: tuple[int, int], rgb: tuple[int, int, int]) -> None:
    from mskus.reading.dicom import open_dicom

    frame = next(open_dicom(FOLDER / name).decode([0]))
    assert frame[point[1], point[0]].tolist() == pytest.approx(rgb, abs=2)


def test_green_marker_of_the_jpeg_clip() -> None:
    from mskus.reading.dicom import open_dicom

    frame = next(open_dicom(FOLDER / "examples_ybr_color.dcm").decode([0])).astype(int)
    y, x = np.nonzero(frame[..., 1] - frame[..., 0] > 40)
    assert (x.mean(), y.mean()) == (pytest.approx(189.5, abs=1.5), pytest.approx(19.7, abs=1.5))


def test_scale_of_the_cropped_palette_picture() -> None:
    clip = mskus.read(FOLDER / "examples_palette.dcm")
    assert clip.calibration is not None
    # the calliper on the screen reads 1.06 cm from (460, 291) to (499, 302)
    length_mm = np.hypot(39, 11) * clip.calibration.mm_per_px_row
    assert length_mm == pytest.approx(10.6, abs=0.1)
    assert clip.colour is None


def test_no_scale_for_the_picture_that_was_halved() -> None:
    clip = mskus.read(FOLDER / "examples_ybr_color.dcm")
    # 19 cm deep over 189 rows is 1.0 mm a pixel; the tag says 0.51, which held for the full-size picture
    assert clip.calibration is None
    assert any("resized" in note for note in clip.notes)
    assert clip.frame_rate_hz == pytest.approx(30.0, rel=1e-4)
    assert clip.n_frames == 30


def test_power_doppler_is_kept_apart() -> None:
    clip = mskus.read(FOLDER / "examples_jpeg2k.dcm")
    assert clip.colour is not None
    assert 0.02 < (clip.colour.max(axis=-1) > 0).mean() < 0.1
    assert not clip.colour[0, :100].any()  # the grey text above the image is no colour
