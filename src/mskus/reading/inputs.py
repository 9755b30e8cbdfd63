"""Files, folders and globs to a list of inputs, one a clip.

The rule for folders: pictures whose names differ only in one number (``img_001.png``, ``img_002.png`` ...), that run
without a gap in equal steps, at least :data:`MIN_FRAMES` of them, all of equal size, and nothing else but such frames
in the folder, are the frames of ONE clip, and the folder itself is the input. Any other picture is a clip of its own.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from mskus.errors import ReadError

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff", ".bmp"})
VIDEO_SUFFIXES = frozenset({".mp4", ".m4v", ".avi", ".wmv", ".asf", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".gif"})
DICOM_SUFFIXES = frozenset({".dcm", ".dicom", ".ima", ".dic"})
MIN_FRAMES = 5

_LAST_NUMBER = re.compile(r"^(.*?)(\d+)(\D*)$")


def expand_inputs(paths: Iterable[str | Path] | str | Path) -> list[Path]:
    """Inputs for :func:`mskus.read`, one a clip, in natural order and each once.

    Args:
        paths: files, folders (searched recursively, hidden ones left out) and globs (``**`` too), mixed.

    Raises:
        ReadError: if a path does not exist, a glob matches nothing, or a folder holds nothing that can be read.

    Example:
        >>> expand_inputs([])
        []
    """
    found: dict[Path, None] = {}
    for given in [paths] if isinstance(paths, (str, Path)) else list(paths):
        path = Path(given)
        if path.is_dir():
            inside = _in_folder(path)
            if not inside:
                raise ReadError(f"{path} holds no DICOM file, picture or video; give a folder that does.")
        elif path.exists():
            inside = [path]
        elif glob.has_magic(str(given)):
            matches = [Path(m) for m in glob.glob(str(given), recursive=True)]
            if not matches:
                raise ReadError(f"{given} matches no file; check the pattern.")
            files = sorted((m for m in matches if m.is_file()), key=natural_order)
            inside = files or [one for folder in sorted(matches, key=natural_order) for one in _in_folder(folder)]
        else:
            raise ReadError(f"{path} does not exist; check the path.")
        found.update(dict.fromkeys(inside))
    return list(found)


def natural_order(path: Path) -> list[tuple[int, int, str]]:
    """Sorting key that puts ``img_2`` before ``img_10``.

    Example:
        >>> sorted([Path("f10.png"), Path("f9.png")], key=natural_order)[0].name
        'f9.png'
    """
    parts = re.split(r"(\d+)", str(path))
    return [(0, int(p), "") if p.isdigit() else (1, 0, p.casefold()) for p in parts]


def numbered_frames(folder: Path) -> list[Path]:
    """Pictures of a folder in order if together they are the frames of one clip, else an empty list.

    See the module for the rule. Sizes are read from the pictures' headers.
    """
    files = [f for f in folder.iterdir() if f.is_file() and not f.name.startswith(".")]
    pictures = [f for f in files if f.suffix.lower() in PICTURE_SUFFIXES]
    if len(pictures) < MIN_FRAMES or any(is_readable(f) for f in files if f not in set(pictures)):
        return []
    parts = [_LAST_NUMBER.match(f.stem) for f in pictures]
    if any(p is None for p in parts):
        return []
    stems = {(p[1], p[3], f.suffix.lower()) for p, f in zip(parts, pictures, strict=True) if p}
    numbers = sorted(int(p[2]) for p in parts if p)
    steps = {b - a for a, b in pairwise(numbers)}
    if len(stems) != 1 or len(steps) != 1 or 0 in steps:
        return []
    ordered = sorted(pictures, key=natural_order)
    return ordered if len({_size(p) for p in ordered}) == 1 else []


def is_readable(path: Path) -> bool:
    """Whether a file looks like an input: by suffix, or DICOM by its first bytes where it has none."""
    suffix = path.suffix.lower()
    if suffix in PICTURE_SUFFIXES or suffix in VIDEO_SUFFIXES or suffix in DICOM_SUFFIXES:
        return True
    if suffix and not suffix[1:].isdigit():
        return False
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False


def _in_folder(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    if numbered_frames(folder):
        return [folder]
    inside: list[Path] = []
    for entry in sorted(folder.iterdir(), key=natural_order):
        if entry.name.startswith(".") or entry.name.upper() == "DICOMDIR":
            continue
        if entry.is_dir():
            inside.extend(_in_folder(entry))
        elif is_readable(entry):
            inside.append(entry)
    return inside


def _size(path: Path) -> tuple[int, int] | None:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
