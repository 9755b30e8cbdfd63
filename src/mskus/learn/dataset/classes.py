"""Names of the numbers in a mask, kept beside a manifest as ``classes.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from mskus.errors import LearnError, SaveError

FILE = "classes.json"


def parse_classes(text: str) -> dict[str, int]:
    """``"nerve=1,vessel=2"`` as names with numbers.

    Raises:
        LearnError: if a part is not ``name=number``, or a name or number comes twice.

    Example:
        >>> parse_classes("nerve=1, vessel=2")
        {'nerve': 1, 'vessel': 2}
    """
    classes: dict[str, int] = {}
    for part in (p.strip() for p in text.split(",")):
        name, _, number = (p.strip() for p in part.partition("="))
        if not name or not number.isdecimal() or not 1 <= int(number) <= 255:
            raise LearnError(f"{part!r} is not a class; write names with mask values 1 to 255, like nerve=1,vessel=2.")
        if name in classes or int(number) in classes.values():
            raise LearnError(f"{part!r} names a class or a mask value twice.")
        classes[name] = int(number)
    return classes


def read_classes(manifest: Path) -> dict[str, int]:
    """The names beside a manifest, or none.

    Raises:
        LearnError: if the file is damaged.
    """
    path = (manifest if manifest.is_dir() else manifest.parent) / FILE
    if not path.is_file():
        return {}
    try:
        return {str(name): int(number) for name, number in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, AttributeError, TypeError):
        raise LearnError(f'{path} is damaged; it has to look like {{"nerve": 1, "vessel": 2}}.') from None


def write_classes(classes: Mapping[str, int], folder: Path) -> None:
    """Keep the names beside a manifest.

    Raises:
        SaveError: if the file cannot be written.
    """
    try:
        (folder / FILE).write_text(json.dumps(dict(classes), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise SaveError(f"{folder / FILE} cannot be written: {error.strerror}.") from error
