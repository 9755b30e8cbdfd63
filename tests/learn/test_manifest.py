from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mskus.errors import LearnError, SaveError
from mskus.learn.manifest import (
    Case,
    class_numbers,
    load,
    load_all,
    picture_names,
    read_manifest,
    read_table,
    write_table,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    image = np.arange(48 * 64, dtype=np.uint8).reshape(48, 64)
    mask = np.zeros((48, 64), np.uint8)
    mask[10:20, 30:50] = 1
    mask[30:40, 30:50] = 2
    for name, picture in (("a.png", image), ("b.png", image.T.copy()), ("mask.png", mask)):
        cv2.imwrite(str(tmp_path / name), picture)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_column_is_understood(folder: Path) -> None:
    path = write(
        folder,
        "image,mask,mask_value,patient,device,spacing_row_mm,spacing_col_mm,diagnosis\n"
        "a.png,mask.png,2,7,X,0.1,0.2,IBM\nb.png,,,,,,,\n",
    )
    first, second = read_manifest(path)
    assert (first.patient, first.device, first.spacing_mm, first.row["diagnosis"]) == ("7", "X", (0.1, 0.2), "IBM")
    assert (second.patient, second.mask, second.spacing_mm) == ("row 2", None, None)
    loaded = load(first)
    assert loaded.image.shape == (48, 64)
    assert loaded.image.dtype == np.float32
    assert int(loaded.mask.sum()) == 200
    assert loaded.mask[35, 40]
    assert not loaded.mask[15, 40]
    assert load(second).mask.all()


def test_another_patient_column(folder: Path) -> None:
    path = write(folder, "image,participant\na.png,P1\nb.png,P2\n")
    assert [c.patient for c in read_manifest(path, patient="participant")] == ["P1", "P2"]


def test_a_named_patient_column_must_be_there_and_the_usual_one_may_be_missing(folder: Path) -> None:
    path = write(folder, "image,participant\na.png,P1\nb.png,P1\n")
    with pytest.raises(LearnError, match=r"no column 'particpant' .*; its columns are image, participant"):
        read_manifest(path, patient="particpant")
    assert [c.patient for c in read_manifest(path)] == ["row 1", "row 2"]


def test_words_of_a_table_are_words_and_gaps_only_where_nothing_stands(folder: Path) -> None:
    path = write(folder, "who,site,weight,seen\n01,NA,70,yes\n1, None ,NA,\n , x  ,,no\n")
    table = read_table(path, text=["who"])
    assert table["who"].fillna("a gap").tolist() == ["01", "1", "a gap"]
    assert table["site"].fillna("a gap").tolist() == ["NA", "None", "x"]
    assert table["seen"].fillna("a gap").tolist() == ["yes", "a gap", "no"]
    np.testing.assert_array_equal(table["weight"].to_numpy(float), [70, np.nan, np.nan])


def test_patients_01_and_1_and_na_are_three(folder: Path) -> None:
    path = write(folder, "image,patient,device,age\na.png,01,NA,\na.png,1 ,007,NA\na.png,NA,None ,50\na.png,,,\n")
    cases = read_manifest(path)
    assert [c.patient for c in cases] == ["01", "1", "NA", "row 4"]
    assert [c.device for c in cases] == ["NA", "007", "None", ""]
    assert [c.row.get("age") for c in cases] == [None, None, 50.0, None]
    path = write(folder, "image,who\na.png,01\nb.png,1\n")
    assert [c.patient for c in read_manifest(path, patient="who")] == ["01", "1"]


@pytest.mark.parametrize(
    "paths", [("a/1.png", "a/1.bmp"), ("a/1.png", "b/1.png", "a_1.png")], ids=["two endings", "folder in a name"]
)
def test_pictures_that_differ_have_names_that_differ(paths: tuple[str, ...]) -> None:
    assert len(set(picture_names([Case(image=Path(path)) for path in paths]))) == len(paths)


def with_palette(path: Path, numbers: np.ndarray, colours: list[tuple[int, int, int]]) -> Path:
    picture = Image.fromarray(numbers)
    picture.putpalette([level for colour in colours for level in colour])
    assert picture.mode == "P"
    picture.save(path)
    return path


def test_a_palette_of_colours_holds_numbers_and_one_of_greys_brightness(tmp_path: Path) -> None:
    numbers = np.zeros((8, 9), np.uint8)
    numbers[:2], numbers[5:] = 1, 2
    of_colours = with_palette(tmp_path / "voc.png", numbers, [(0, 0, 0), (128, 0, 0), (0, 128, 0)])
    np.testing.assert_array_equal(class_numbers(of_colours, shape=(8, 9)), numbers)
    of_greys = with_palette(tmp_path / "grey.png", numbers, [(0, 0, 0), (100, 100, 100), (255, 255, 255)])
    np.testing.assert_array_equal(class_numbers(of_greys), np.array([0, 100, 255])[numbers])


def test_a_grey_colour_of_a_coloured_palette_is_a_number_too(tmp_path: Path) -> None:
    # Pascal VOC's seventh colour; nothing else is in this picture
    palette = [(0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0), (0, 0, 128), (128, 0, 128), (0, 128, 128)]
    numbers = np.zeros((8, 9), np.uint8)
    numbers[3:5] = 7
    path = with_palette(tmp_path / "voc.png", numbers, [*palette, (128, 128, 128)])
    np.testing.assert_array_equal(class_numbers(path), numbers)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("image\n", "has no rows"),
        ("picture\na.png\n", "no column 'image'"),
        ("image\na.png\nlost.png\nlost2.png\n", r"lost.png and 1 more, which is not there"),
        ("image,frame\na.png,x\n", "row 1: frame 'x' is not a number"),
        ("image,spacing_row_mm,spacing_col_mm\na.png,0.1,wide\n", "row 1: spacing_col_mm 'wide' is not a number"),
        ("image,patient\na.png,1\n,2\n", "row 2: the column 'image' is empty"),
        ("image,patient\na.png,\nb.png,P1\n", None),
    ],
)
def test_bad_manifests(folder: Path, text: str, sentence: str | None) -> None:
    path = write(folder, text)
    if sentence is None:
        assert [c.patient for c in read_manifest(path)] == ["row 1", "P1"]
        return
    with pytest.raises(LearnError, match=sentence):
        read_manifest(path)


def test_the_mask_must_fit(folder: Path) -> None:
    (case,) = read_manifest(write(folder, "image,mask\nb.png,mask.png\n"))
    with pytest.raises(LearnError, match=r"mask.png is 64 x 48 pixels but its picture 48 x 64"):
        load(case)


def test_a_frame_that_is_not_there(folder: Path) -> None:
    cv2.imwrite(str(folder / "a.tif"), cv2.imread(str(folder / "a.png"), cv2.IMREAD_GRAYSCALE))
    plain, other = read_manifest(write(folder, "image,frame\na.png,3\na.tif,3\n"))
    assert load(plain).image.shape == (48, 64)  # a picture has one frame; the column says where it was taken from
    with pytest.raises(LearnError, match="asks for frame 3"):
        load(other)


def test_tables_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(LearnError, match="is not a file"):
        read_table(tmp_path / "none.csv")
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"\xff\xfe\x00\x00")
    with pytest.raises(LearnError, match="cannot be read as a table"):
        read_table(broken)
    with pytest.raises(SaveError, match="cannot be written"):
        write_table(pd.DataFrame({"a": [1]}), broken / "below.csv")


def test_parquet_without_pyarrow_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object, **__: object) -> None:
        raise ImportError("Unable to find a usable engine")

    monkeypatch.setattr(pd, "read_parquet", absent)
    monkeypatch.setattr(pd.DataFrame, "to_parquet", absent)
    (folder / "manifest.parquet").write_bytes(b"")
    with pytest.raises(LearnError, match="needs pyarrow to be read; pip install pyarrow, or save the table as CSV"):
        read_table(folder / "manifest.parquet")
    with pytest.raises(SaveError, match="needs pyarrow to be written"):
        write_table(pd.DataFrame({"image": ["a.png"]}), folder / "manifest.parquet")


def test_parquet_holds_the_same_manifest_as_csv(folder: Path) -> None:
    pytest.importorskip("pyarrow")
    table = pd.DataFrame({"image": ["a.png"] * 2, "frame": [0, 4], "patient": ["x", ""], "spacing_row_mm": [0.1, None]})
    for name in ("manifest.csv", "manifest.parquet"):
        write_table(table, folder / name)
    one, other = (read_manifest(folder / name) for name in ("manifest.csv", "manifest.parquet"))
    assert [(c.image, c.mask, c.patient, c.spacing_mm) for c in one] == [
        (c.image, c.mask, c.patient, c.spacing_mm) for c in other
    ]
    assert [list(c.row) for c in one] == [list(c.row) for c in other]
    (folder / "manifest.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(LearnError, match="cannot be read as a table"):
        read_table(folder / "manifest.parquet")


def test_frames_of_one_clip_are_read_from_one_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = np.arange(3 * 40 * 50, dtype=np.uint32).reshape(3, 40, 50).astype(np.uint8)
    cv2.imwritemulti(str(tmp_path / "clip.tif"), list(frames))
    pd.DataFrame({"image": ["clip.tif"] * 3, "frame": [0, 1, 2]}).to_csv(tmp_path / "m.csv", index=False)
    import mskus.reading

    read, times = mskus.reading.read, []
    monkeypatch.setattr(mskus.reading, "read", lambda path: (times.append(path), read(path))[1])
    first = [loaded.image[0, 0] for _, loaded in load_all(read_manifest(tmp_path / "m.csv"))]
    assert first == [0, 2000 % 256, 4000 % 256]
    assert len(times) == 1
