"""Label maps of 3D Slicer, ITK-SNAP and others, as NIfTI or NRRD: every value, or named segment, is a shape.

A map belongs to the picture of its name, with or without ``_seg``, ``_label``, ``_mask`` or ``-label`` added. A map
of several frames belongs to a clip; frames in which nothing is drawn are left out, because a map does not say whether
anybody looked at them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.dataset.imports.shapes import Annotated, Shape, placed
from mskus.learn.dataset.imports.volume_files import Volume, is_volume, read_volume, stem_of

_ADDED = re.compile(r"[-_. ](seg|segmentation|labels?|mask)$", re.IGNORECASE)


def read_label_maps(path: Path) -> Iterator[Annotated]:
    """Frames of a label map, or of all of a folder; a value without a name is labelled by its number."""
    files = sorted(p for p in path.iterdir() if is_volume(p)) if path.is_dir() else [path]
    # pictures may lie beside their maps: then the names tell which is which
    files = [f for f in files if _ADDED.search(stem_of(f)) or ".seg." in f.name] or files
    if not files:
        raise LearnError(f"{path} holds no .nii, .nii.gz, .nrrd or .seg.nrrd files; give the folder of label maps.")
    for file in files:
        if not is_volume(file):
            raise LearnError(f"{file} is neither NIfTI nor NRRD; give a label map, or a folder of them.")
        yield from _frames(read_volume(file), name=_ADDED.sub("", stem_of(file)), file=file)


def _frames(volume: Volume, *, name: str, file: Path) -> Iterator[Annotated]:
    layers, (x, y, first) = volume.layers, volume.offset
    if layers.dtype.kind == "f" and not (layers == np.round(layers)).all():
        raise LearnError(f"{file} holds fractions; give a label map, not a picture.")
    cropped = volume.offset != (0, 0, 0)
    single = layers.shape[1] == 1 and not first
    for number in range(layers.shape[1]):
        shapes: list[Shape] = []
        for layer, frame in enumerate(layers[:, number]):
            for value in (int(v) for v in np.unique(frame) if v):
                patch = partial(_where, frame, value)
                shapes.append(placed(volume.names.get((layer, value), str(value)), patch, left=x, top=y))
        if shapes or single:
            yield Annotated(
                name=name,
                shapes=shapes,
                size=None if cropped else (layers.shape[2], layers.shape[3]),
                frame=None if single else first + number,
                drawn_in=file,
            )


def _where(frame: NDArray[np.generic], value: int) -> NDArray[np.bool_]:
    return np.asarray(frame == value)
