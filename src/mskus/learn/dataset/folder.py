"""A folder by convention as a manifest: ``images`` and ``masks`` of the same names, patients by sub-folder or name."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mskus.errors import LearnError

if TYPE_CHECKING:
    import pandas as pd

_IMAGES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".dcm", ".dicom", ".mp4", ".avi", ".mov", ".mkv"}
_MASKS = {".png", ".tif", ".tiff", ".bmp"}
_WHO = re.compile(r"^(?:patient|participant|subject)[-_ ]?([A-Za-z0-9]+)", re.IGNORECASE)


def table_of_folder(folder: str | Path) -> pd.DataFrame:
    """List the pictures of ``folder/images`` with their masks of ``folder/masks``.

    A mask has its picture's name, without ending, in the same sub-folder. The first sub-folder under ``images`` is the
    patient; without sub-folders a name that starts like ``patient_12``, ``subject12`` or ``participant-12`` says it.

    Args:
        folder: holds ``images`` and, where there are masks, ``masks``.

    Returns:
        Columns ``image``, ``mask`` (empty where none is drawn) and ``patient`` (if any is known), paths relative to the
        folder.

    Raises:
        LearnError: if ``images`` is missing or empty, a mask has no picture, or two pictures have one name.
    """
    import pandas as pd

    folder = Path(folder)
    if not (folder / "images").is_dir():
        raise LearnError(
            f"{folder} has no folder 'images'; put pictures there, and masks of the same names in 'masks'."
        )
    images, masks = _by_stem(folder / "images", _IMAGES), _by_stem(folder / "masks", _MASKS)
    if not images:
        raise LearnError(f"{folder / 'images'} holds no pictures; put PNG, JPEG, TIFF, DICOM or video files there.")
    alone = sorted(set(masks) - set(images))
    if alone:
        more = f" and {len(alone) - 1} more" if len(alone) > 1 else ""
        raise LearnError(f"The mask {masks[alone[0]]}{more} has no picture of its name in {folder / 'images'}.")
    rows = [
        {
            "image": path.relative_to(folder).as_posix(),
            "mask": masks[stem].relative_to(folder).as_posix() if stem in masks else "",
            "patient": patient_of(stem),
        }
        for stem, path in images.items()
    ]
    table = pd.DataFrame(rows)
    return table if (table["patient"] != "").any() else table.drop(columns="patient")


def patient_of(stem: str) -> str:
    """Who a picture is of, by its path under ``images``, or empty.

    Example:
        >>> patient_of("ann/left_1"), patient_of("patient_07_left"), patient_of("frame_3")
        ('ann', '07', '')
    """
    parts = PurePosixPath(stem).parts
    if len(parts) > 1:
        return parts[0]
    known = _WHO.match(stem)
    return known[1] if known else ""


def _by_stem(folder: Path, endings: set[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in endings and p.is_file()):
        stem = path.relative_to(folder).with_suffix("").as_posix()
        if stem in found:
            raise LearnError(f"{found[stem]} and {path} have one name; a mask could not be told to be of either.")
        found[stem] = path
    return found
