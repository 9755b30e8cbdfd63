from __future__ import annotations

import struct

import numpy as np
import pytest

from mskus.clip import Calibration
from mskus.errors import CalibrationError, ExamError, ReadError
from mskus.features.polygon import check_polygon, polygon_mask, read_polygon, region_area

SQUARE = [[10.0, 20.0], [30.0, 20.0], [30.0, 40.5]]


def imagej_roi(points, *, kind=0, subpixel=False):
    """An ImageJ region file by its published layout."""
    n = len(points)
    x, y = [int(p[0]) for p in points], [int(p[1]) for p in points]
    head = struct.pack(">4shBBhhhhH", b"Iout", 228, kind, 0, min(y), min(x), max(y), max(x), n)
    head = head.ljust(50, b"\0") + struct.pack(">h", 128 if subpixel else 0)
    body = struct.pack(f">{2 * n}h", *[v - min(x) for v in x], *[v - min(y) for v in y])
    if subpixel:
        body += struct.pack(f">{2 * n}f", *[p[0] for p in points], *[p[1] for p in points])
    return head.ljust(64, b"\0") + body


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"10,20\n30,20\n30,40.5\n", SQUARE),
        ("head.csv", b"\xef\xbb\xbfx,y\r\n10,20\r\n30,20\r\n30,40.5\r\n\r\n", SQUARE),
        ("semicolon.txt", b"10;20\n30;20\n30;40.5", SQUARE),
        ("blank.txt", b"10 20\n30 20\n30 40.5", SQUARE),
        ("a.json", b"[[10, 20], [30, 20], [30, 40.5]]", SQUARE),
        ("b.json", b'[{"x": 10, "y": 20}, {"x": 30, "y": 20}, {"x": 30, "y": 40.5}]', SQUARE),
        ("a.roi", imagej_roi([(10, 20), (30, 20), (30, 41)]), [[9.5, 19.5], [29.5, 19.5], [29.5, 40.5]]),
        (
            "b.roi",
            imagej_roi([(10.25, 20.5), (30.5, 20.5), (30.5, 41)], kind=7, subpixel=True),
            [[9.75, 20.0], [30.0, 20.0], [30.0, 40.5]],
        ),
    ],
)
def test_formats(tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_bytes(content)
    assert read_polygon(path).tolist() == expected


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("two.csv", b"1,2\n3,4\n", "at least three"),
        ("words.csv", b"x,y\n1,2\n3,four\n5,6\n", "line 3"),
        ("columns.csv", b"1,2,3\n4,5,6\n7,8,9", "line 2"),
        ("bad.json", b"[[1, 2], [3, 4]", "JSON"),
        ("dict.json", b'{"x": 3}', "JSON"),
        ("ragged.json", b"[[1, 2], [3], [4, 5]]", "JSON"),
        ("infinite.csv", b"1,2\n3,inf\n5,6", "finite"),
        ("oval.roi", imagej_roi([(10, 20), (30, 20), (30, 41)], kind=2), "no polygon"),
        ("short.roi", imagej_roi([(10, 20), (30, 20), (30, 41)])[:66], "cut short"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\xff\xfe", "neither text"),
        ("empty.csv", b"", "at least three"),
    ],
)
def test_bad_files_are_named(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ReadError, match=words) as error:
        read_polygon(path)
    assert name in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ReadError, match=r"nowhere\.csv.*cannot be read"):
        read_polygon(tmp_path / "nowhere.csv")


def test_closing_and_repeated_points_are_dropped():
    given = [(1, 1), (8, 1), (8, 1), (8, 6), (1, 1)]
    assert check_polygon(given, size=(10, 10)).tolist() == [[1, 1], [8, 1], [8, 6]]


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([(1, 1), (2, 2)], "at least three"),
        ([(1, 1), (2, 2), (1, 1), (1, 1)], "at least three"),
        ([(1, 1), (8, 8), (8, 1), (1, 8)], "crosses itself"),
        ([(1, 1), (12, 1), (5, 5)], r"\(12, 1\) lies outside"),
        ([(1, -3), (8, 1), (5, 5)], "outside the picture of 10 x 9"),
        ([(1, float("nan")), (8, 1), (5, 5)], "finite"),
    ],
)
def test_impossible_regions_are_named(points, words):
    with pytest.raises(ExamError, match=words):
        check_polygon(points, size=(9, 10))


def test_mask_holds_pixel_centres():
    mask = polygon_mask([(2, 1), (6, 1), (6, 4), (2, 4)], shape=(8, 9))
    expected = np.zeros((8, 9), bool)
    expected[1:4, 2:6] = True
    assert mask.tolist() == expected.tolist()


def test_mask_of_a_concave_region_has_its_area():
    points = np.array([(10, 10), (90, 15), (80, 80), (50, 40), (15, 85)], float)
    assert polygon_mask(points, shape=(100, 100)).sum() == pytest.approx(region_area(points, UNIT), rel=0.01)


UNIT = Calibration(mm_per_px_row=1.0, mm_per_px_col=1.0, source="user")


def test_area_with_unequal_spacing():
    # A triangle of 40 columns by 30 rows: 8 mm by 3 mm, half of 24.
    scale = Calibration(mm_per_px_row=0.1, mm_per_px_col=0.2, source="user")
    assert region_area([(5, 5), (45, 5), (5, 35)], scale) == pytest.approx(12.0)


def test_area_needs_a_scale():
    with pytest.raises(CalibrationError, match="scale"):
        region_area([(5, 5), (45, 5), (5, 35)], None)
