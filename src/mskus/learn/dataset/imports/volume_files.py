"""NIfTI and NRRD files as stacks of frames: label maps of 3D Slicer, ITK-SNAP and others, and pictures kept that way.

Both keep pixels with x fastest: the first axis runs along a row, the second down, the third from frame to frame. Where
the patient lay (affine, space directions) does not matter here: a mask belongs to the pixels that it was drawn on.

Sources: the NIfTI-1 standard (nifti.nimh.nih.gov); the NRRD format (teem.sourceforge.net/nrrd); 3D Slicer,
"Segmentations" (fields of .seg.nrrd).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError

ENDINGS = (".nii", ".nii.gz", ".seg.nrrd", ".nrrd", ".nhdr")


@dataclass(frozen=True, kw_only=True, eq=False)
class Volume:
    """A stack of frames.

    Attributes:
        layers: ``(L, T, H, W)``; several layers only where segments overlap.
        spacing_mm: ``(row, column)``, or None where it is not stated in mm.
        names: of segments, by layer and value; empty where the file names none.
        offset: ``(x, y, frame)`` of the first voxel in the picture that it was drawn on.
    """

    layers: NDArray[Any]
    spacing_mm: tuple[float, float] | None = None
    names: Mapping[tuple[int, int], str] = field(default_factory=dict)
    offset: tuple[int, int, int] = (0, 0, 0)


def stem_of(path: Path) -> str:
    """The name without its ending, of which ``.nii.gz`` and ``.seg.nrrd`` are one.

    Example:
        >>> stem_of(Path("a/left_1.seg.nrrd")), stem_of(Path("b.nii.gz"))
        ('left_1', 'b')
    """
    ending = next((e for e in sorted(ENDINGS, key=len, reverse=True) if path.name.lower().endswith(e)), path.suffix)
    return path.name.removesuffix(path.name[len(path.name) - len(ending) :]) if ending else path.name


def is_volume(path: Path) -> bool:
    """Whether the name says NIfTI or NRRD."""
    return path.name.lower().endswith(ENDINGS)


def read_volume(path: Path) -> Volume:
    """Read a file.

    Raises:
        LearnError: if the package that reads it is not installed, it is damaged, or it holds colours or four axes.
    """
    try:
        return _nifti(path) if path.name.lower().endswith((".nii", ".nii.gz")) else _nrrd(path)
    except ImportError as error:
        raise LearnError(
            f"{path} needs {error.name} to be read; pip install 'mskus[volumes]', or export the segments as PNG."
        ) from None
    except LearnError:
        raise
    except Exception as error:  # each reader has kinds of its own
        raise LearnError(f"{path} cannot be read as a volume: {' '.join(str(error).split())[:120]}.") from error


def _nifti(path: Path) -> Volume:
    import nibabel

    image: Any = nibabel.load(path)
    voxels = np.asanyarray(image.dataobj)
    while voxels.ndim > 3 and voxels.shape[-1] == 1:
        voxels = voxels[..., 0]
    column_mm, row_mm = (float(v) for v in image.header.get_zooms()[:2])
    stated = image.header.get_xyzt_units()[0] == "mm"
    return Volume(layers=_frames(voxels, path)[None], spacing_mm=(row_mm, column_mm) if stated else None)


def _nrrd(path: Path) -> Volume:
    import nrrd

    voxels, header = nrrd.read(str(path), index_order="F")
    kinds = list(header.get("kinds", []))
    layered = bool(kinds) and kinds[0] in ("list", "vector")
    parts = list(voxels) if layered else [voxels]
    if kinds and kinds[0] not in ("list", "vector", "domain", "space"):
        raise LearnError(f"{path} holds {kinds[0]} pixels; export grey pictures or a label map.")
    directions = header.get("space directions")
    sides = None if directions is None else [float(np.linalg.norm(row)) for row in directions if np.isfinite(row).all()]
    return Volume(
        layers=np.stack([_frames(part, path) for part in parts]),
        spacing_mm=(sides[1], sides[0]) if sides is not None and len(sides) >= 2 else None,
        names=_segments(header),
        offset=_offset(str(header.get("Segmentation_ReferenceImageExtentOffset", "0 0 0"))),
    )


def _frames(voxels: NDArray[Any], path: Path) -> NDArray[Any]:
    """``(X, Y[, T])`` to ``(T, H, W)``."""
    if voxels.dtype.names is not None or voxels.ndim not in (2, 3):
        axes = "colours" if voxels.dtype.names is not None else f"{voxels.ndim} axes"
        raise LearnError(f"{path} has {axes}; a picture or a stack of grey frames is needed.")
    return np.transpose(np.atleast_3d(voxels), (2, 1, 0))


def _segments(header: Mapping[str, Any]) -> dict[tuple[int, int], str]:
    """Names by layer and value. Old files give every segment a layer of its own and no value."""
    names, number = {}, 0
    while f"Segment{number}_Name" in header:
        layer = int(header.get(f"Segment{number}_Layer", 0 if f"Segment{number}_LabelValue" in header else number))
        names[layer, int(header.get(f"Segment{number}_LabelValue", 1))] = str(header[f"Segment{number}_Name"])
        number += 1
    return names


def _offset(text: str) -> tuple[int, int, int]:
    x, y, frame = (int(n) for n in text.split())
    return x, y, frame
