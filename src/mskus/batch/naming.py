"""Names of result folders: readable, the same on every run, and different for different inputs of one name."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from mskus.errors import ReadError

_CHUNK = 1 << 20


def input_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, or of the frames of a folder one after another: the one that the clip's source bears.

    Raises:
        ReadError: if it cannot be read.
    """
    from mskus.reading.inputs import numbered_frames

    digest = hashlib.sha256()
    try:
        for file in numbered_frames(path) if path.is_dir() else [path]:
            with file.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
    except OSError as error:
        raise ReadError(f"{path} cannot be opened ({error.strerror}); check the path and its permissions.") from None
    return digest.hexdigest()


def folder_name(path: Path, *, sha256: str, taken: set[str]) -> str:
    """A folder name from the input's own name and its content; the name is added to ``taken``.

    The content is part of the name, so that ``p1/scan.dcm`` and ``p2/scan.dcm`` do not share a folder and a renamed
    parent folder changes nothing. Equal files of equal name are counted.

    Example:
        >>> taken = set()
        >>> folder_name(Path("p1/scan 1.dcm"), sha256="0a1b2c3d4e", taken=taken)
        'scan_1-0a1b2c3d'
        >>> folder_name(Path("p2/scan 1.dcm"), sha256="0a1b2c3d4e", taken=taken)
        'scan_1-0a1b2c3d-2'
    """
    stem = re.sub(r"[^\w.-]+", "_", path.stem if path.suffix else path.name).strip("._") or "clip"
    base = f"{stem[:80]}-{sha256[:8]}"
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base}-{count}"
    taken.add(name)
    return name
