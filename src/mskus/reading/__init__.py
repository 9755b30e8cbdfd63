"""Reading: DICOM, pictures, video and arrays to a Clip.

read(path_or_array)          one clip, or a ReadError in one clear sentence
read_all(path_or_array)      the same, split where depth or zoom changes
expand_inputs(paths)         files, folders and globs to a list of inputs, one a clip
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["expand_inputs", "read", "read_all", "split_at_depth_changes"]

if TYPE_CHECKING:
    from mskus.reading.depth_changes import split_at_depth_changes
    from mskus.reading.entry import read, read_all
    from mskus.reading.inputs import expand_inputs

_HOMES = {
    "expand_inputs": "mskus.reading.inputs",
    "read": "mskus.reading.entry",
    "read_all": "mskus.reading.entry",
    "split_at_depth_changes": "mskus.reading.depth_changes",
}


def __getattr__(name: str) -> Any:
    """Import the decoders only when something is read."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mskus.reading' has no attribute {name!r}")
