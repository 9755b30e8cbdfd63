from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from mskus.errors import LearnError
from mskus.learn.dataset.classes import read_classes
from mskus.learn.dataset.imports import Imported, import_annotations
from mskus.learn.dataset.imports.coco import unpack
from mskus.learn.manifest import class_numbers, read_manifest

SQUARE = [10, 10, 20, 10, 20, 20, 10, 20]  # 100 pixels
TRIANGLE = [30, 5, 40, 5, 30, 15]  # half of 10 x 10, its diagonal through pixel centres


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    noise = np.random.default_rng(1).integers(0, 255, (40, 60), np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), noise)
    return tmp_path


def save(folder: Path, told: object, name: str = "annotations.json") -> Path:
    path = folder / name
    path.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    return path


def areas(done: Imported) -> dict[str, int]:
    """Pixels of every class in the first mask."""
    case = read_manifest(done.manifest)[0]
    assert case.mask is not None
    drawn = class_numbers(case.mask, shape=(40, 60))
    return {name: int((drawn == value).sum()) for name, value in done.classes.items()}


def coco(**changes: object) -> dict[str, object]:
    return {
        "images": [{"id": 7, "file_name": "a.png", "height": 40, "width": 60}],
        "categories": [{"id": 3, "name": "vessel"}, {"id": 1, "name": "nerve"}],
        "annotations": [{"image_id": 7, "category_id": 1, "segmentation": [SQUARE, [50, 30, 55, 30, 55, 32, 50, 32]]}],
    } | changes


def of(category: int, segmentation: object) -> dict[str, object]:
    return {"image_id": 7, "category_id": category, "segmentation": segmentation}


def labelme(*shapes: dict[str, object]) -> dict[str, object]:
    return {"imagePath": "a.png", "imageHeight": 40, "imageWidth": 60, "shapes": list(shapes)}


def cvat(inside: str) -> str:
    return f'<annotations><image id="0" name="a.png" width="60" height="40">{inside}</image></annotations>'


def via(shape: dict[str, object], label: object = "nerve") -> dict[str, object]:
    return {
        "a.png1": {"filename": "a.png", "regions": [{"shape_attributes": shape, "region_attributes": {"x": label}}]}
    }


def test_coco_polygons_of_two_parts(folder: Path) -> None:
    done = import_annotations("coco", save(folder, coco()), out=folder / "out")
    assert areas(done) == {"nerve": 100 + 10}
    assert read_classes(done.manifest) == {"nerve": 1}
    assert (done.pictures, done.shapes, done.warnings) == (1, 1, ())


@pytest.mark.parametrize("text", [False, True])
def test_coco_run_lengths(folder: Path, text: bool) -> None:
    # 12 columns of 40 and 5 rows, 10 inside, the same one column on, the rest; packed as differences from the fourth
    counts: list[int] | str = [485, 10, 30, 10, 1865]
    if text:
        counts = "".join(packed(n) for n in (485, 10, 30, 10 - 10, 1865 - 30))
    told = coco(annotations=[of(3, {"size": [40, 60], "counts": counts})])
    done = import_annotations("coco", save(folder, told), out=folder / "out")
    drawn = class_numbers(read_manifest(done.manifest)[0].mask, shape=(40, 60))
    expected = np.zeros((40, 60), int)
    expected[5:15, 12:14] = 1
    np.testing.assert_array_equal(drawn, expected)


def packed(number: int) -> str:
    """Five bits a character, lowest first; written here from the format's description, apart from the reader."""
    text = ""
    while True:
        bits, number = number & 31, number >> 5
        more = not ((number == 0 and not bits & 16) or (number == -1 and bits & 16))
        text += chr(48 + bits + 32 * more)
        if not more:
            return text


@pytest.mark.parametrize("counts", [[0, 3, 70000], [5, 1000, 2, 1, 90, 4096]])
def test_packed_run_lengths_come_back(counts: list[int]) -> None:
    text = "".join(packed(n - (counts[i - 2] if i > 2 else 0)) for i, n in enumerate(counts))
    assert unpack(text) == counts


def patch() -> str:
    """A mask picture 4 wide and 3 high with 5 pixels inside."""
    small = np.array([[0, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1]], np.uint8)
    return base64.b64encode(cv2.imencode(".png", small)[1].tobytes()).decode()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ({"shape_type": "polygon", "points": np.reshape(SQUARE, (-1, 2)).tolist()}, 100),
        ({"shape_type": "rectangle", "points": [[20, 20], [10, 15]]}, 50),
        ({"shape_type": "circle", "points": [[30, 20], [30, 30]]}, round(np.pi * 100)),
        ({"shape_type": "mask", "points": [[8, 9], [11, 11]], "mask": patch()}, 5),
    ],
)
def test_labelme(folder: Path, shape: dict[str, object], expected: int) -> None:
    save(folder, labelme({"label": "nerve"} | shape), "a.json")
    done = import_annotations("labelme", folder, out=folder / "out")
    assert areas(done)["nerve"] == pytest.approx(expected, abs=0 if expected < 150 else 6)


def test_the_later_covers_the_earlier_and_z_order_comes_first(folder: Path) -> None:
    square = 'points="10,10;20,10;20,20;10,20"'
    box = 'xtl="5" ytl="10" xbr="15" ybr="20"'
    inside = f'<polygon label="vessel" {square} z_order="2"/><box label="nerve" {box} z_order="1"/>'
    done = import_annotations("cvat", save(folder, cvat(inside), "a.xml"), out=folder / "out")
    assert areas(done) == {"nerve": 50, "vessel": 100}


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ('<mask label="n" rle="1, 2, 3, 2" left="50" top="3" width="4" height="2"/>', 4),
        ('<ellipse label="n" cx="30" cy="20" rx="15" ry="5" rotation="90"/>', round(np.pi * 75)),
    ],
)
def test_cvat_masks_and_ellipses(folder: Path, inside: str, expected: int) -> None:
    done = import_annotations("cvat", save(folder, cvat(inside), "a.xml"), out=folder / "out")
    assert areas(done)["n"] == pytest.approx(expected, abs=0 if expected < 10 else 6)
    drawn = class_numbers(read_manifest(done.manifest)[0].mask, shape=(40, 60))
    if expected == 4:  # runs along the rows of the box
        assert np.argwhere(drawn).tolist() == [[3, 51], [3, 52], [4, 52], [4, 53]]
    else:  # upright: 30 rows high, 10 columns wide
        assert (np.ptp(np.nonzero(drawn)[0]) + 1, np.ptp(np.nonzero(drawn)[1]) + 1) == (30, 10)


def test_a_cvat_track_becomes_frames_of_the_video(folder: Path) -> None:
    (folder / "clip.mp4").write_bytes(b"not opened here")
    box = '<box frame="{}" outside="{}" keyframe="1" xtl="10" ytl="10" xbr="{}" ybr="20" z_order="0"/>'
    told = (
        "<annotations><meta><source>clip.mp4</source><original_size><width>60</width><height>40</height></original_size>"
        f'</meta><track id="0" label="nerve">{box.format(4, 0, 15)}{box.format(5, 0, 20)}{box.format(6, 1, 20)}</track>'
        "</annotations>"
    )
    done = import_annotations("cvat", save(folder, told, "a.xml"), out=folder / "out")
    cases = read_manifest(done.manifest)
    assert [c.frame for c in cases] == [4, 5, 6]
    assert [int(class_numbers(c.mask, shape=(40, 60)).sum()) for c in cases] == [50, 100, 0]
    assert {c.image.resolve() for c in cases} == {(folder / "clip.mp4").resolve()}


VIA_SHAPES: list[tuple[dict[str, object], int]] = [
    ({"name": "polygon", "all_points_x": SQUARE[::2], "all_points_y": SQUARE[1::2]}, 100),
    ({"name": "rect", "x": 50, "y": 35, "width": 30, "height": 3}, 30),
    ({"name": "circle", "cx": 30, "cy": 20, "r": 10}, round(np.pi * 100)),
    ({"name": "ellipse", "cx": 30, "cy": 20, "rx": 15, "ry": 5, "theta": 0.5}, round(np.pi * 75)),
]


@pytest.mark.parametrize(("shape", "expected"), VIA_SHAPES)
@pytest.mark.parametrize("project", [False, True])
def test_via_json(folder: Path, shape: dict[str, object], expected: int, project: bool) -> None:
    told = via(shape, {"vessel": False, "nerve": True})
    done = import_annotations("via", save(folder, {"_via_img_metadata": told} if project else told), out=folder / "out")
    assert areas(done)["nerve"] == pytest.approx(expected, abs=0 if expected < 150 else 6)


def test_via_csv(folder: Path) -> None:
    def quoted(told: object) -> str:
        return '"' + json.dumps(told).replace('"', '""') + '"'

    head = "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\n"
    lines = [f"a.png,1,{{}},1,0,{quoted(VIA_SHAPES[0][0])},{quoted({'label': 'nerve'})}\n"]
    done = import_annotations("via", save(folder, head + "".join(lines), "a.csv"), out=folder / "out")
    assert areas(done) == {"nerve": 100}


def test_pictures_of_one_bare_name_keep_a_mask_each(folder: Path) -> None:
    cv2.imwrite(str(folder / "a.bmp"), cv2.imread(str(folder / "a.png")))
    images = [{"id": n, "file_name": name, "height": 40, "width": 60} for n, name in ((7, "a.png"), (8, "a.bmp"))]
    told = coco(images=images, annotations=[of(1, [SQUARE]), of(3, [SQUARE]) | {"image_id": 8}])
    done = import_annotations("coco", save(folder, told), out=folder / "out")
    masks = {case.image.name: case.mask for case in read_manifest(done.manifest)}
    assert {name: set(np.unique(class_numbers(mask))) for name, mask in masks.items()} == {
        "a.png": {0, 1},
        "a.bmp": {0, 2},
    }
    again = import_annotations("coco", save(folder, told), out=folder / "out")  # its own masks are replaced
    assert [case.mask for case in read_manifest(again.manifest)] == list(masks.values())


def test_only_wanted_labels_with_wanted_numbers(folder: Path) -> None:
    told = coco(annotations=[of(1, [SQUARE]), of(3, [TRIANGLE])])
    done = import_annotations("coco", save(folder, told), out=folder / "out", classes={"vessel": 5})
    drawn = class_numbers(read_manifest(done.manifest)[0].mask, shape=(40, 60))
    assert set(np.unique(drawn)) == {0, 5}
    assert int((drawn == 5).sum()) == pytest.approx(50, abs=5)


@pytest.mark.parametrize(
    ("segmentation", "sentence"),
    [
        ([[1, 1, 9, 9]], r"nerve of a.png: an outline of 2 point\(s\) encloses nothing"),
        ([], "it has no segmentation"),
        ({"size": [40, 60], "counts": [3, 4]}, "run lengths of 7 pixels do not fill a mask of 60 x 40"),
        ({"size": [4, 6], "counts": [24]}, "of 6 x 4 pixels, the picture of 60 x 40"),
        ({"size": [40, 60], "counts": "~"}, "which no tool writes"),
    ],
)
def test_a_bad_shape_is_left_out_with_a_reason(folder: Path, segmentation: object, sentence: str) -> None:
    told = coco(annotations=[of(1, segmentation), of(3, [SQUARE])])
    done = import_annotations("coco", save(folder, told), out=folder / "out")
    assert areas(done) == {"nerve": 0, "vessel": 100}
    assert len(done.warnings) == 1
    assert re.search(sentence, done.warnings[0])


def test_a_missing_picture_and_one_of_another_size_are_left_out(folder: Path) -> None:
    cv2.imwrite(str(folder / "b.png"), np.zeros((30, 30), np.uint8))
    images = [{"id": n, "file_name": f"{n}.png", "height": 40, "width": 60} for n in "abc"]
    told = coco(images=images, annotations=[of(1, [SQUARE]) | {"image_id": "a"}])
    done = import_annotations("coco", save(folder, told), out=folder / "out")
    assert done.pictures == 1
    assert "b.png is not 60 x 40 pixels as annotations.json says" in done.warnings[0]
    assert "names c.png, which is not in" in done.warnings[1]


@pytest.mark.parametrize(
    ("format_", "told", "sentence"),
    [
        ("coco", coco(categories=[]), "annotation 1: there is no category 1"),
        ("coco", coco(images=[]), "annotation 1: there is no image 7"),
        ("coco", {"images": []}, "cannot be read as coco: 'categories' is missing"),
        ("coco", "{", "cannot be read as coco"),
        (
            "coco",
            coco(images=[{"id": 7, "file_name": "lost.png", "height": 4, "width": 6}]),
            "lost.png, which is not in",
        ),
        ("labelme", {"version": 1}, "it has no 'shapes'"),
        ("cvat", "<dataset/>", "it begins with <dataset>"),
        ("cvat", "<dataset>", "cannot be read as cvat"),
        ("via", via({"name": "circle", "cx": 3, "cy": 4}), "cannot be read as via: 'r' is missing"),
        ("via", via({"name": "circle", "cx": 3, "cy": 4, "r": 2}, ""), "a region without a label"),
        ("yolo", {}, "no known format; known are coco, labelme, cvat, via, nifti, slicer"),
    ],
)
def test_bad_files_are_refused(folder: Path, format_: str, told: object, sentence: str) -> None:
    with pytest.raises(LearnError, match=sentence):
        import_annotations(format_, save(folder, told), out=folder / "out")


def test_an_unknown_class_is_refused(folder: Path) -> None:
    with pytest.raises(LearnError, match="labelled 'bone'; its labels are nerve"):
        import_annotations("coco", save(folder, coco()), out=folder / "out", classes={"bone": 1})
