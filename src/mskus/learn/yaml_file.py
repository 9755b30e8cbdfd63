"""A file of entries in YAML, as comparisons and trainings are written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mskus.errors import LearnError


def read_entries(path: Path, *, example: str) -> dict[str, Any]:
    """The entries of a YAML file; no code is ever loaded.

    Args:
        path: the file.
        example: an entry to write, told where the file holds none.

    Raises:
        LearnError: if it cannot be read or holds no entries.
    """
    import yaml

    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise LearnError(f"{path} cannot be read as YAML: {' '.join(str(error).split())[:120]}.") from error
    if not isinstance(given, dict):
        raise LearnError(f"{path} does not hold entries; write lines like '{example}'.")
    return given
