from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from mskus.errors import LearnError
from mskus.learn.dataset.check import Checked, check_dataset
from mskus.learn.dataset.check_report import headline, save_check
from mskus.learn.manifest import read_manifest

CLASSES = {"tendon": 1, "vessel": 2}


def checked(folder: Path, *, split: str | None = "side") -> Checked:
    return check_dataset(read_manifest(folder / "manifest.csv", check_files=False), classes=CLASSES, split=split)


def kinds(answer: Checked) -> dict[str, tuple[int, ...]]:
    return {r.kind: r.rows for r in answer.problems}


def change(path: Path, how: Callable[[np.ndarray], np.ndarray]) -> None:
    cv2.imwrite(str(path), how(cv2.imread(str(path), cv2.IMREAD_UNCHANGED)))


def edit(folder: Path, row: int, **values: object) -> None:
    table = pd.read_csv(folder / "manifest.csv")
    for column, value in values.items():
        table[column] = table[column].astype(object)
        table.loc[row - 1, column] = value
    table.to_csv(folder / "manifest.csv", index=False)


def test_a_sound_set_has_no_problem(labelled: Path) -> None:
    answer = checked(labelled)
    assert answer.problems == []
    table = answer.to_frame()
    assert (table["area_px_tendon"] == 41 * 9).all()
    assert (table["contrast_vessel"] > 0).all()
    assert table["near_duplicate_group"].tolist() == list(range(20))
    assert next(iter(headline(answer))) == "20 rows, 10 patient(s), 2 device(s)"


def test_displaced_masks_are_found(labelled: Path) -> None:
    # rows 4 and 9: down by 20 px; row 15: the mask of a mirrored picture
    for name in ("patient_01_1", "patient_04_0"):
        change(labelled / "masks" / f"{name}.png", lambda m: np.roll(m, 20, axis=0))
    change(labelled / "masks" / "patient_07_0.png", lambda m: np.ascontiguousarray(m[:, ::-1]))
    answer = checked(labelled)
    found = {r.rows[0] for r in answer.problems}
    assert {r.kind for r in answer.problems} == {"displaced mask"}
    assert found == {4, 9, 15}
    dx, dy = answer.sittings[3, 2].shift_px
    assert (dx, dy) == pytest.approx((0, -20), abs=2)


FAULTS: dict[str, Callable[[Path], object]] = {
    "cannot be used: is not there": lambda f: (f / "images/patient_00_0.png").unlink(),
    "cannot be used: pixels but its picture": lambda f: change(f / "masks/patient_00_0.png", lambda m: m[:100]),
    "cannot be used: cannot be read as a mask": lambda f: (f / "masks/patient_00_0.png").write_bytes(b"no"),
    "constant picture: one grey level": lambda f: change(f / "images/patient_00_0.png", lambda i: np.full_like(i, 70)),
    "unknown class: value 7 in 1": lambda f: change(f / "masks/patient_00_0.png", lambda m: np.where(m == 2, 7, m)),
    "impossible scale: 12 x 0.1 mm": lambda f: edit(f, 1, spacing_row_mm=12),
    "impossible scale: stretched more than twofold": lambda f: edit(f, 1, spacing_row_mm=0.4),
    "patient across the split: Patient 0 stands": lambda f: edit(f, 1, side="test"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_with_its_row(labelled: Path, fault: str) -> None:
    kind, sentence = fault.split(": ")
    FAULTS[fault](labelled)
    found = [r for r in checked(labelled).problems if r.kind == kind]
    assert len(found) == 1
    assert 1 in found[0].rows
    assert sentence in found[0].text


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda p: p, "same picture twice"),
        (lambda p: np.ascontiguousarray(p[:, ::-1]), "near-duplicate of another patient"),
        (lambda p: cv2.convertScaleAbs(p, alpha=0.7, beta=20), "near-duplicate of another patient"),
    ],
)
def test_copies_under_another_patient(labelled: Path, made: Callable[[np.ndarray], np.ndarray], expected: str) -> None:
    for folder in ("images", "masks"):
        source = cv2.imread(str(labelled / folder / "patient_02_0.png"), cv2.IMREAD_UNCHANGED)
        copy = made(source) if folder == "images" else source
        cv2.imwrite(str(labelled / folder / "patient_09_1.png"), copy)
    answer = checked(labelled)
    assert kinds(answer)[expected] == (5, 20)
    assert kinds(answer)["near-duplicate across the split"] == (5, 20)
    assert answer.groups[4] == answer.groups[19]


def test_one_picture_in_rows_of_several_mask_values_is_no_copy(labelled: Path) -> None:
    table = pd.read_csv(labelled / "manifest.csv")
    pd.concat([table.assign(mask_value=1), table.assign(mask_value=2)]).to_csv(labelled / "manifest.csv", index=False)
    assert checked(labelled).problems == []


def test_marks_that_go_with_a_class_give_it_away(labelled: Path) -> None:
    def cross(image: np.ndarray) -> np.ndarray:
        image[100, 10:21] = image[95:106, 15] = 255
        return image

    for n in range(10):
        change(labelled / "images" / f"patient_{n:02d}_0.png", cross)
        change(labelled / "masks" / f"patient_{n:02d}_1.png", lambda m: np.where(m == 2, 0, m))
    answer = checked(labelled)
    found = [r.text for r in answer.problems if r.kind == "marks that give the class away"]
    assert found == [t for t in found if "Marks go with vessel: 10 of 10 pictures with it are marked, 0 of 10" in t]
    assert len(found) == 1


def test_good_to_know(labelled: Path) -> None:
    change(labelled / "masks/patient_03_0.png", np.zeros_like)
    edit(labelled, 5, mask="", spacing_row_mm="", spacing_col_mm="")
    notes = {r.kind: r.rows for r in checked(labelled).remarks if not r.problem}
    assert notes["empty mask"] == (7,)
    assert notes["no mask"] == notes["unknown scale"] == (5,)


def test_what_is_written(labelled: Path) -> None:
    change(labelled / "masks/patient_00_0.png", lambda m: m[:100])
    save_check(checked(labelled), labelled / "check")
    text = (labelled / "check" / "report.md").read_text()
    assert "**1 problem(s)** in 20 rows" in text
    assert "| vessel | 2 | 19 | 10 |" in text
    sheet = cv2.imread(str(labelled / "check" / "contact_sheet.png"))
    # six columns of 228 px; the first tile is framed in red, and outlines are drawn
    assert sheet.shape[1] == 6 * 228
    assert sheet[26 + 4 + 2, 4 + 2].tolist() == [50, 60, 230]
    assert pd.read_csv(labelled / "check" / "rows.csv")["remarks"][0] == "cannot be used"


def test_nothing_to_check_and_no_such_split(labelled: Path) -> None:
    with pytest.raises(LearnError, match="the manifest has no rows"):
        check_dataset([])
    with pytest.raises(LearnError, match="no column 'fold' for the split; its columns are image, mask, patient"):
        checked(labelled, split="fold")
