from __future__ import annotations

from pathlib import Path

import pytest

from mskus.errors import LearnError
from mskus.learn.dataset.classes import parse_classes, read_classes
from mskus.learn.dataset.folder import table_of_folder
from mskus.learn.manifest import read_manifest


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def test_sub_folders_are_patients(tmp_path: Path) -> None:
    lay(tmp_path, "images/ann/1.png", "images/ann/2.jpg", "images/bob/1.png", "masks/ann/2.png", "images/note.txt")
    table = table_of_folder(tmp_path)
    assert table["image"].tolist() == ["images/ann/1.png", "images/ann/2.jpg", "images/bob/1.png"]
    assert table["mask"].tolist() == ["", "masks/ann/2.png", ""]
    assert table["patient"].tolist() == ["ann", "ann", "bob"]


def test_names_say_the_patient_and_a_folder_reads_as_a_manifest(tmp_path: Path) -> None:
    lay(tmp_path, "images/patient_07_left.png", "images/Subject12-b.png", "masks/Subject12-b.png")
    cases = read_manifest(tmp_path)
    assert [(c.image.name, c.patient, c.mask is None) for c in cases] == [
        ("Subject12-b.png", "12", False),
        ("patient_07_left.png", "07", True),
    ]
    assert "patient" not in table_of_folder(lay(tmp_path / "other", "images/a.png"))


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("pictures/a.png",), "has no folder 'images'"),
        (("images/a.txt",), "holds no pictures"),
        (("images/a.png", "masks/b.png", "masks/c.png"), "b.png and 1 more has no picture of its name"),
        (("images/a.png", "images/a.jpg"), "have one name"),
    ],
)
def test_a_folder_that_is_not_laid_out(tmp_path: Path, names: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(LearnError, match=sentence):
        table_of_folder(lay(tmp_path, *names))


@pytest.mark.parametrize("text", ["nerve", "nerve=0", "nerve=300", "=1", "nerve=1,nerve=2", "a=1,b=1", "nerve=one"])
def test_classes_that_cannot_be_read(text: str) -> None:
    with pytest.raises(LearnError, match="is not a class|twice"):
        parse_classes(text)


def test_damaged_classes(tmp_path: Path) -> None:
    (tmp_path / "classes.json").write_text('["nerve"]')
    with pytest.raises(LearnError, match="is damaged"):
        read_classes(tmp_path / "manifest.csv")
