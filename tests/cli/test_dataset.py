from __future__ import annotations

import json

import cv2
import numpy as np
import pytest


@pytest.fixture
def folder(tmp_path, rng):
    for n in range(3):
        for kind in ("images", "masks"):
            (tmp_path / kind / f"p{n}").mkdir(parents=True, exist_ok=True)
        picture = cv2.GaussianBlur(rng.integers(0, 256, (60, 80)).astype(np.uint8), (0, 0), 1.5)
        mask = np.zeros((60, 80), np.uint8)
        mask[20:30, 20:40] = 1
        cv2.imwrite(str(tmp_path / "images" / f"p{n}" / "1.png"), picture)
        cv2.imwrite(str(tmp_path / "masks" / f"p{n}" / "1.png"), mask)
    return tmp_path


def test_init_then_check(mskus, folder):
    answer = mskus("dataset", "init", folder, "-o", folder / "tables" / "all.csv")
    assert answer.code == 0, answer.err
    assert "3 pictures, 3 masks, 3 patient(s)" in answer.out
    answer = mskus("dataset", "check", folder / "tables" / "all.csv", "--classes", "nerve=1", "-o", folder / "check")
    assert answer.code == 0, answer.out + answer.err
    assert "nerve: in 3 masks, 4.17 % of the picture" in answer.out
    assert (folder / "check" / "contact_sheet.png").is_file()

    cv2.imwrite(str(folder / "masks" / "p1" / "1.png"), np.full((60, 80), 9, np.uint8))
    answer = mskus("dataset", "check", folder, "--classes", "nerve=1", "-q")
    assert answer.code == 1
    assert answer.out.startswith("PROBLEM: Mask value 9 in 1 mask(s) belongs to no class")


@pytest.mark.parametrize("out", [[], ["-o", "all.csv"]])
def test_init_overwrites_no_manifest(mskus, folder, monkeypatch, out):
    monkeypatch.chdir(folder)
    path = folder / (out[1] if out else "manifest.csv")
    path.write_text("image,patient\nimages/p0/1.png,by hand\n")
    answer = mskus("dataset", "init", folder, *out)
    assert answer.code == 1
    assert "is there already, perhaps with columns filled by hand; move it, or name another by -o" in answer.err
    assert path.read_text() == "image,patient\nimages/p0/1.png,by hand\n"


def test_import_writes_what_check_understands(mskus, folder):
    square = [10, 10, 20, 10, 20, 20, 10, 20]
    told = {
        "images": [{"id": n, "file_name": f"p{n}/1.png", "height": 60, "width": 80} for n in range(3)],
        "categories": [{"id": 1, "name": "vessel"}],
        "annotations": [{"image_id": n, "category_id": 1, "segmentation": [square]} for n in range(3)],
    }
    (folder / "coco.json").write_text(json.dumps(told))
    out = folder / "imported"
    answer = mskus("dataset", "import", "coco", folder / "coco.json", "--images", folder / "images", "-o", out)
    assert answer.code == 0, answer.err
    assert "3 pictures, 3 shapes, classes vessel=1" in answer.out
    answer = mskus("dataset", "check", out / "manifest.csv")
    assert answer.code == 0, answer.out
    assert "3 rows, 3 patient(s)" in answer.out
    assert "vessel: in 3 masks, 2.08 % of the picture" in answer.out


def test_a_shape_left_out_is_said_and_answers_1(mskus, folder):
    told = {"imagePath": "p0/1.png", "shapes": [{"label": "n", "points": [[1, 1], [5, 5]], "shape_type": "line"}]}
    (folder / "images" / "a.json").write_text(json.dumps(told))
    answer = mskus("dataset", "import", "labelme", folder / "images", "-o", folder / "out")
    assert answer.code == 1
    assert "a line has no inside; draw a polygon instead" in answer.err
