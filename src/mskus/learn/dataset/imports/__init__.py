"""Annotations of other tools as a manifest with masks."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError, ReadError, SaveError
from mskus.learn.dataset.classes import write_classes
from mskus.learn.dataset.folder import patient_of
from mskus.learn.dataset.imports.coco import read_coco
from mskus.learn.dataset.imports.cvat import read_cvat
from mskus.learn.dataset.imports.labelme import read_labelme
from mskus.learn.dataset.imports.shapes import Annotated, Shape
from mskus.learn.dataset.imports.via import read_via
from mskus.learn.dataset.imports.volume_files import Volume, is_volume, read_volume, stem_of
from mskus.learn.dataset.imports.volumes import read_label_maps
from mskus.learn.manifest import Case, clip_of, write_table

FORMATS: dict[str, Callable[[Path], Iterator[Annotated]]] = {
    "coco": read_coco,
    "labelme": read_labelme,
    "cvat": read_cvat,
    "via": read_via,
    "nifti": read_label_maps,
    "slicer": read_label_maps,
}


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import wrote: ``manifest``, ``classes`` with mask values, counts, and what was left out and why."""

    manifest: Path
    classes: Mapping[str, int]
    pictures: int
    shapes: int
    warnings: tuple[str, ...]


def import_annotations(
    format: str,  # noqa: A002 - the word that the command line uses
    path: str | Path,
    *,
    out: str | Path,
    images: str | Path | None = None,
    classes: Mapping[str, int] | None = None,
) -> Imported:
    """Draw the shapes of an annotation file into masks and write ``manifest.csv``, ``classes.json`` and ``masks/``.

    A picture without shapes gets an empty mask. Where shapes overlap, the later covers the earlier.

    Args:
        format: ``coco``, ``labelme``, ``cvat``, ``via``, ``nifti`` or ``slicer`` (the same: label maps of both).
        path: the annotation file; of LabelMe and of label maps a folder as well.
        out: folder to write to.
        images: where the pictures are; the annotation file's folder, or ``images`` in it, by default.
        classes: labels to take, with mask values; by default every label, numbered by name. Values of a label map that
            have no name get it from here.

    Raises:
        LearnError: if the file is not of this format, a wanted label is nowhere, or no picture can be used.
        SaveError: if something cannot be written.
    """
    path, out = Path(path), Path(out)
    annotated = [_with_names(a, classes or {}) for a in _read(format, path)]
    labels = Counter(shape.label for a in annotated for shape in a.shapes)
    if classes is None:
        classes = {label: n for n, label in enumerate(sorted(labels), start=1)}
    absent = [label for label in classes if label not in labels]
    if absent:
        raise LearnError(f"No shape of {path} is labelled {absent[0]!r}; its labels are {', '.join(sorted(labels))}.")
    if not classes or max(classes.values()) > 255:
        raise LearnError(f"{path} has {len(classes)} labels; 1 to 255 fit into a mask, name those you want.")
    folders = [Path(images)] if images is not None else _beside(path)
    rows, warnings, drawn = [], [], 0
    written: set[Path] = set()
    for a in annotated:
        found = _find(a.name, folders, never=a.drawn_in)
        if found is None:
            warnings.append(f"{path} names {a.name or 'no picture'}, which is not in {folders[0]}; give its folder.")
            continue
        picture, name = found
        spacing: dict[str, str] = {}
        if is_volume(picture):
            picture, spacing = _picture_of_volume(picture, a.frame, out)
            name = Path(stem_of(name)).with_suffix(".png")
        size = _size(picture, a)
        if size is None or (a.size is not None and size != a.size):
            stated = "" if a.size is None else f" {a.size[1]} x {a.size[0]} pixels as {path.name} says"
            warnings.append(f"{picture} is not{stated or ' a picture that can be read'}; it is left out.")
            continue
        mask = np.zeros(size, np.uint8)
        for shape in a.shapes:
            if shape.label not in classes:
                continue
            try:
                mask[shape.draw(size)] = classes[shape.label]
                drawn += 1
            except LearnError as error:
                warnings.append(f"{path}, {shape.label} of {a.name}: {error}.")
        stem = name.with_suffix("") if a.frame is None else name.with_suffix("") / f"{a.frame:06d}"
        target = _free(out / "masks" / stem.with_name(stem.name + ".png"), written)
        _write(mask, target)
        row = {
            "image": Path(os.path.relpath(picture, out)).as_posix(),
            "mask": target.relative_to(out).as_posix(),
            "patient": patient_of(name.with_suffix("").as_posix()),
        } | spacing
        rows.append(row if a.frame is None else row | {"frame": str(a.frame)})
    if not rows:
        raise LearnError(f"Nothing of {path} could be used: {warnings[0] if warnings else 'it names no picture.'}")
    return _finish(rows, out, classes, drawn, tuple(warnings))


def _free(path: Path, written: set[Path]) -> Path:
    """The path, with a number where this import has written one of that name already."""
    free, k = path, 2
    while free in written:
        free, k = path.with_name(f"{path.stem}-{k}{path.suffix}"), k + 1
    written.add(free)
    return free


def _finish(
    rows: list[dict[str, str]], out: Path, classes: Mapping[str, int], drawn: int, warnings: tuple[str, ...]
) -> Imported:
    import pandas as pd

    table = pd.DataFrame(rows)
    if not (table["patient"] != "").any():
        table = table.drop(columns="patient")
    write_table(table, out / "manifest.csv")
    write_classes(classes, out)
    return Imported(manifest=out / "manifest.csv", classes=classes, pictures=len(rows), shapes=drawn, warnings=warnings)


def _read(format_: str, path: Path) -> list[Annotated]:
    if format_ not in FORMATS:
        raise LearnError(f"{format_!r} is no known format; known are {', '.join(FORMATS)}.")
    if not path.exists():
        raise LearnError(f"{path} is not there; give the annotation file.")
    try:
        return list(FORMATS[format_](path))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, SyntaxError, OSError) as error:
        # what another tool wrote may lack anything; ElementTree's errors are SyntaxErrors
        what = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())[:120]
        raise LearnError(f"{path} cannot be read as {format_}: {what}.") from error


def _beside(path: Path) -> list[Path]:
    folder = path if path.is_dir() else path.parent
    return [folder, folder / "images"]


def _with_names(annotated: Annotated, classes: Mapping[str, int]) -> Annotated:
    if annotated.drawn_in is None:
        return annotated
    names = {str(value): name for name, value in classes.items()}
    return replace(annotated, shapes=[Shape(names.get(s.label, s.label), s.draw) for s in annotated.shapes])


def _find(name: str, folders: list[Path], *, never: Path | None) -> tuple[Path, Path] | None:
    """The picture, and its path inside its folder; by its bare name where the stated folders are another machine's.

    ``never`` is the label map itself, whose picture is known by its name without an ending.
    """
    for folder in folders:
        candidates = [folder / name, folder / Path(name).name]
        if never is not None and folder.is_dir():
            fitting = [p for p in folder.iterdir() if stem_of(p) == name and p.resolve() != never.resolve()]
            candidates = sorted(fitting, key=lambda p: (is_volume(p), p.name))
        for candidate in candidates:
            if name and candidate.is_file():
                inside = candidate.resolve().is_relative_to(folder.resolve())
                return candidate, candidate.relative_to(folder) if inside and ".." not in name else Path(candidate.name)
    return None


def _size(picture: Path, annotated: Annotated) -> tuple[int, int] | None:
    """``(H, W)`` of a picture file, or as stated where it is a frame of a video that an outline was drawn on."""
    if annotated.frame is not None and annotated.size is not None and annotated.drawn_in is None:
        return annotated.size
    try:
        return clip_of(Case(image=picture)).shape[1:]
    except ReadError:
        return None


def _picture_of_volume(path: Path, frame: int | None, out: Path) -> tuple[Path, dict[str, str]]:
    """A frame of a picture kept as NIfTI or NRRD as PNG under ``out/images``, and its spacing for the manifest.

    Grey levels other than 8-bit ones are scaled so that the stack's darkest is 0 and its brightest 255.
    """
    volume = _grey_volume(path)
    frames, number = volume.layers[0], frame or 0
    if len(volume.layers) > 1 or number >= len(frames):
        raise LearnError(
            f"{path} has {len(frames)} frame(s) in {len(volume.layers)} layer(s); frame {number} is asked."
        )
    grey = frames[number]
    if grey.dtype != np.uint8:
        low, high = float(frames.min()), float(frames.max())
        grey = np.round((grey - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)
    target = out / "images" / stem_of(path) / f"{number:06d}.png"
    _write(np.ascontiguousarray(grey), target)
    if volume.spacing_mm is None:
        return target, {}
    row_mm, column_mm = volume.spacing_mm
    return target, {"spacing_row_mm": f"{row_mm:.6g}", "spacing_col_mm": f"{column_mm:.6g}"}


@lru_cache(maxsize=1)
def _grey_volume(path: Path) -> Volume:
    return read_volume(path)


def _write(mask: NDArray[np.uint8], path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        written = cv2.imwrite(str(path), mask)
    except OSError:
        written = False
    if not written:
        raise SaveError(f"{path} cannot be written; is there room on the disk?")
