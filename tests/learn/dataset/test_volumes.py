"""Label maps as NIfTI and NRRD; files are written by hand, byte by byte, so that the order of axes is beyond doubt."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from mskus.errors import LearnError
from mskus.learn.dataset.imports import import_annotations
from mskus.learn.dataset.imports.volume_files import read_volume
from mskus.learn.manifest import class_numbers, read_manifest

W, H = 6, 4


def nifti(path: Path, values: list[int], *, frames: int = 1, mm: tuple[float, float] | None = None) -> Path:
    """NIfTI-1 of unsigned bytes, x fastest, then y, then z (nifti1.h)."""
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, 3 if frames > 1 else 2, W, H, frames, 1, 1, 1, 1)
    struct.pack_into("<2h", head, 70, 2, 8)  # datatype, bitpix
    struct.pack_into("<8f", head, 76, 1.0, *(mm or (1.0, 1.0)), 1.0, 1.0, 1.0, 1.0, 1.0)
    struct.pack_into("<3f", head, 108, 352.0, 1.0, 0.0)  # vox_offset, slope, intercept
    head[123] = 2 if mm else 0  # mm
    head[344:348] = b"n+1\0"
    whole = bytes(head) + bytes(values)
    path.write_bytes(gzip.compress(whole) if path.suffix == ".gz" else whole)
    return path


def nrrd(path: Path, values: list[int], *, frames: int = 1, fields: str = "", layers: int = 0) -> Path:
    """NRRD of unsigned bytes, fastest axis first."""
    kinds = "domain domain domain"
    head = f"NRRD0004\ntype: uchar\ndimension: {4 if layers else 3}\n"
    head += f"sizes: {f'{layers} ' if layers else ''}{W} {H} {frames}\nkinds: {'list ' if layers else ''}{kinds}\n"
    path.write_bytes((head + f"encoding: raw\n{fields}\n").encode() + bytes(values))
    return path


def at(*places: tuple[int, int, int], value: int = 1, frames: int = 1) -> list[int]:
    """Bytes with a value at ``(x, y, z)``."""
    told = [0] * (W * H * frames)
    for x, y, z in places:
        told[x + W * (y + H * z)] = value
    return told


def picture(folder: Path, name: str = "left_1.png") -> None:
    cv2.imwrite(str(folder / name), np.random.default_rng(0).integers(0, 255, (H, W), np.uint8))


def drawn(manifest: Path) -> list[list[list[int]]]:
    """``[row, column, value]`` of every pixel that is set, by row of the manifest."""
    masks = [class_numbers(c.mask) for c in read_manifest(manifest) if c.mask is not None]
    return [[[int(r), int(c), int(m[r, c])] for r, c in np.argwhere(m)] for m in masks]


@pytest.mark.parametrize("name", ["left_1_seg.nii.gz", "left_1.nii", "left_1-label.nii.gz"])
def test_the_first_axis_of_nifti_is_x(tmp_path: Path, name: str) -> None:
    pytest.importorskip("nibabel")
    picture(tmp_path)
    values = at((4, 1, 0), value=2)
    done = import_annotations("nifti", nifti(tmp_path / name, values), out=tmp_path / "out", classes={"nerve": 2})
    assert drawn(done.manifest) == [[[1, 4, 2]]]
    assert read_manifest(done.manifest)[0].image.resolve() == (tmp_path / "left_1.png").resolve()


def test_values_without_a_name_are_called_by_their_number(tmp_path: Path) -> None:
    pytest.importorskip("nibabel")
    picture(tmp_path)
    done = import_annotations("nifti", nifti(tmp_path / "left_1.nii", at((0, 3, 0), value=7)), out=tmp_path / "out")
    assert done.classes == {"7": 1}


def test_a_stack_and_its_pictures_as_nifti(tmp_path: Path) -> None:
    pytest.importorskip("nibabel")
    grey = list(range(3 * W * H))
    nifti(tmp_path / "scan.nii.gz", grey, frames=3, mm=(0.2, 0.1))
    nifti(tmp_path / "scan_seg.nii.gz", at((5, 0, 1), (2, 3, 2), frames=3), frames=3)
    done = import_annotations("nifti", tmp_path, out=tmp_path / "out", classes={"nerve": 1})
    assert drawn(done.manifest) == [[[0, 5, 1]], [[3, 2, 1]]]  # nothing is drawn in frame 0, so nothing is claimed
    table = pd.read_csv(done.manifest)
    assert table.frame.tolist() == [1, 2]
    assert table[["spacing_row_mm", "spacing_col_mm"]].to_numpy().tolist() == [[0.1, 0.2]] * 2
    seen = cv2.imread(str(tmp_path / "out" / table.image[1]), cv2.IMREAD_UNCHANGED)
    assert seen.tolist() == np.reshape(grey[2 * W * H :], (H, W)).tolist()


def test_slicer_names_its_segments(tmp_path: Path) -> None:
    pytest.importorskip("nrrd")
    picture(tmp_path)
    fields = "Segment0_Name:=nerve\nSegment0_LabelValue:=3\nSegment0_Layer:=0\n"
    path = nrrd(tmp_path / "left_1.seg.nrrd", at((4, 1, 0), value=3), fields=fields)
    done = import_annotations("slicer", path, out=tmp_path / "out")
    assert (done.classes, drawn(done.manifest)) == ({"nerve": 1}, [[[1, 4, 1]]])


def test_slicer_keeps_overlapping_segments_in_layers(tmp_path: Path) -> None:
    pytest.importorskip("nrrd")
    picture(tmp_path)
    values = [v for pair in zip(at((4, 1, 0)), at((4, 1, 0), (0, 2, 0)), strict=True) for v in pair]
    fields = "Segment0_Name:=nerve\nSegment1_Name:=vessel\n"  # an old file: a layer each, no values
    path = nrrd(tmp_path / "left_1.seg.nrrd", values, fields=fields, layers=2)
    done = import_annotations("slicer", path, out=tmp_path / "out")
    assert drawn(done.manifest) == [[[1, 4, 2], [2, 0, 2]]]  # the later covers the earlier


def test_slicer_cuts_empty_margins_off(tmp_path: Path) -> None:
    pytest.importorskip("nrrd")
    cv2.imwrite(str(tmp_path / "left_1.png"), np.random.default_rng(0).integers(0, 255, (20, 30), np.uint8))
    path = nrrd(tmp_path / "left_1.seg.nrrd", at((4, 1, 0)), fields="Segmentation_ReferenceImageExtentOffset:=10 5 0\n")
    done = import_annotations("slicer", path, out=tmp_path / "out")
    assert drawn(done.manifest) == [[[6, 14, 1]]]


def test_a_map_of_another_size_is_left_out(tmp_path: Path) -> None:
    pytest.importorskip("nibabel")
    cv2.imwrite(str(tmp_path / "a.png"), np.random.default_rng(0).integers(0, 255, (9, 9), np.uint8))
    with pytest.raises(LearnError, match=r"a\.png is not 6 x 4 pixels as a\.nii says"):
        import_annotations("nifti", nifti(tmp_path / "a.nii", at((1, 1, 0))), out=tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.nii", b"short", "cannot be read as a volume"),
        ("a.nrrd", b"NRRD0004\ntype: uchar\n\n", "cannot be read as a volume"),
        ("a.png", b"", "is neither NIfTI nor NRRD"),
    ],
)
def test_files_that_are_none(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    pytest.importorskip("nibabel")
    pytest.importorskip("nrrd")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LearnError, match=said):
        import_annotations("nifti", tmp_path / name, out=tmp_path / "out")


def test_what_reads_them_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(LearnError, match=r"needs nibabel to be read; pip install 'mskus\[volumes\]'"):
        read_volume(nifti(tmp_path / "a.nii", at((0, 0, 0))))
