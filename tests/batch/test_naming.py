from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from mskus.batch.naming import folder_name, input_sha256
from mskus.errors import ReadError


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/scan.dcm", "scan-01234567"),
        ("a/Müller 3.2.dcm", "Müller_3.2-01234567"),
        ("IM0001", "IM0001-01234567"),
        ("a/1.2.840.1", "1.2.840-01234567"),
        ("a/...", "clip-01234567"),
        ("a/" + "x" * 300 + ".png", "x" * 80 + "-01234567"),
    ],
)
def test_names_are_readable_and_safe(path, name):
    assert folder_name(Path(path), sha256="0123456789abcdef", taken=set()) == name


def test_equal_files_of_equal_name_are_counted():
    taken: set[str] = set()
    names = [folder_name(Path(f"{p}/a.png"), sha256="0123456789", taken=taken) for p in "xyz"]
    assert names == ["a-01234567", "a-01234567-2", "a-01234567-3"]


def test_a_files_hash_is_that_of_its_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert input_sha256(tmp_path / "a") == hashlib.sha256(b"abc").hexdigest()


def test_a_folder_of_frames_has_the_hash_that_its_clip_bears(tmp_path, rng):
    import cv2

    from mskus.reading import read

    for i in range(6):
        cv2.imwrite(str(tmp_path / f"f_{i:02d}.png"), rng.integers(0, 255, (40, 50)).astype(np.uint8))
    assert input_sha256(tmp_path) == read(tmp_path).source.sha256


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(ReadError, match="gone.png cannot be opened"):
        input_sha256(tmp_path / "gone.png")
