"""Files, folders and globs: what counts as one clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mskus
from mskus.errors import ReadError
from mskus.reading import expand_inputs


def picture(path: Path, *, size: tuple[int, int] = (20, 30), level: int = 9) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(size, level, np.uint8)).save(path)
    return path


def names(found: list[Path], root: Path) -> list[str]:
    return [str(f.relative_to(root)) for f in found]


def test_numbered_frames_are_one_clip_in_number_order(tmp_path: Path) -> None:
    for n in range(1, 13):
        picture(tmp_path / "clip" / f"img_{n}.png", level=10 * n)
    assert names(expand_inputs([tmp_path]), tmp_path) == ["clip"]
    clip = mskus.read(tmp_path / "clip")
    assert clip.n_frames == 12
    assert clip.luma[:, 0, 0].tolist() == [10 * n for n in range(1, 13)]


@pytest.mark.parametrize(
    "files",
    [
        ["a.png", "b.png", "c.png", "d.png", "e.png"],  # no numbers
        ["s1.png", "s2.png", "s4.png", "s7.png", "s8.png"],  # gaps: a selection of stills
        ["p1_1.png", "p1_2.png", "p2_3.png", "p2_4.png", "p2_5.png"],  # two numbers that change
        ["f1.png", "f2.png", "f3.png"],  # too few
    ],
)
def test_unrelated_stills_are_many_clips(tmp_path: Path, files: list[str]) -> None:
    for name in files:
        picture(tmp_path / name)
    assert names(expand_inputs(tmp_path), tmp_path) == files


def test_frames_of_unequal_size_are_many_clips(tmp_path: Path) -> None:
    for n in range(6):
        picture(tmp_path / f"f{n}.png", size=(20, 30 + (n == 3)))
    assert len(expand_inputs(tmp_path)) == 6


def test_numbered_frames_beside_a_video_are_many_clips(tmp_path: Path) -> None:
    for n in range(6):
        picture(tmp_path / f"f{n}.png")
    (tmp_path / "film.mp4").write_bytes(b"x")
    assert len(expand_inputs(tmp_path)) == 7


def test_mixed_files_folders_and_globs_each_once(tmp_path: Path) -> None:
    for name in ("a/1.png", "a/deep/x.jpg", "a/notes.txt", "b/scan.dcm", "b/.hidden.png", "b/film.avi"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    bare = tmp_path / "b" / "IM0001"
    bare.write_bytes(bytes(128) + b"DICM")
    given = [tmp_path / "a", str(tmp_path / "**" / "*.dcm"), tmp_path / "b", tmp_path / "a" / "1.png"]
    assert names(expand_inputs(given), tmp_path) == ["a/1.png", "a/deep/x.jpg", "b/scan.dcm", "b/film.avi", "b/IM0001"]


@pytest.mark.parametrize("given", ["nowhere.png", "*.dcm", "empty"])
def test_what_is_not_there(tmp_path: Path, given: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match=r"does not exist|matches no file|holds no"):
        expand_inputs([tmp_path / given])


def test_a_folder_of_unrelated_stills_is_refused_as_one_clip(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    with pytest.raises(ReadError, match="not one clip"):
        mskus.read(tmp_path)
