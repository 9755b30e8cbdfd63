"""Annotations of other tools as a manifest with masks."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError, SaveError
from mskus.learn.dataset.classes import write_classes
from mskus.learn.dataset.folder import patient_of
from mskus.learn.dataset.imports.coco import read_coco
from mskus.learn.dataset.imports.cvat import read_cvat
from mskus.learn.dataset.imports.labelme import read_labelme
from mskus.learn.dataset.imports.shapes import Annotated
from mskus.learn.dataset.imports.via import read_via
from mskus.learn.manifest import write_table

FORMATS: dict[str, Callable[[Path], Iterator[Annotated]]] = {
    "coco": read_coco,
    "labelme": read_labelme,
    "cvat": read_cvat,
    "via": read_via,
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
        format: ``coco``, ``labelme``, ``cvat`` or ``via``.
        path: the annotation file; of LabelMe a folder as well.
        out: folder to write to.
        images: where the pictures are; the annotation file's folder, or ``images`` in it, by default.
        classes: labels to take, with mask values; by default every label, numbered by name.

    Raises:
        LearnError: if the file is not of this format, a wanted label is nowhere, or no picture can be used.
        SaveError: if something cannot be written.
    """
    path, out = Path(path), Path(out)
    annotated = _read(format, path)
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
    for a in annotated:
        found = _find(a.name, folders)
        if found is None:
            warnings.append(f"{path} names {a.name or 'no picture'}, which is not in {folders[0]}; give its folder.")
            continue
        picture, name = found
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
        target = out / "masks" / stem.with_name(stem.name + ".png")
        _write(mask, target)
        row = {
            "image": Path(os.path.relpath(picture, out)).as_posix(),
            "mask": target.relative_to(out).as_posix(),
            "patient": patient_of(name.with_suffix("").as_posix()),
        }
        rows.append(row if a.frame is None else row | {"frame": str(a.frame)})
    if not rows:
        raise LearnError(f"Nothing of {path} could be used: {warnings[0] if warnings else 'it names no picture.'}")
    return _finish(rows, out, classes, drawn, tuple(warnings))


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


def _find(name: str, folders: list[Path]) -> tuple[Path, Path] | None:
    """The picture, and its path inside its folder; by its bare name where the stated folders are another machine's."""
    for folder in folders:
        for candidate in (folder / name, folder / Path(name).name):
            if name and candidate.is_file():
                inside = candidate.resolve().is_relative_to(folder.resolve())
                return candidate, candidate.relative_to(folder) if inside and ".." not in name else Path(candidate.name)
    return None


def _size(picture: Path, annotated: Annotated) -> tuple[int, int] | None:
    """``(H, W)`` of a picture file, or as stated where it is a clip."""
    if annotated.frame is not None and annotated.size is not None:
        return annotated.size
    from mskus.errors import ReadError
    from mskus.reading import read

    try:
        return read(picture).shape[1:]
    except ReadError:
        return None


def _write(mask: NDArray[np.uint8], path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        written = cv2.imwrite(str(path), mask)
    except OSError:
        written = False
    if not written:
        raise SaveError(f"{path} cannot be written; is there room on the disk?")
