"""A user's own networks join the shipped ones: added when they are whole, found by name, removed."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from mskus.errors import SaveError
from mskus.models.cards import Card, ModelError, available, card, read_card, sha256_of
from mskus.models.folders import FOLDER, user_folder
from mskus.models.runtime import forget
from mskus.models.verify import problems

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def add(network: Path, card_file: Path, *, replace: bool = False) -> Card:
    """Copy a network and its card to the user's networks; :func:`mskus.models.load` then finds it by name.

    Args:
        network: ONNX file.
        card_file: its card, JSON; an empty ``sha256`` is filled in. Further files that it names lie beside it.
        replace: take the place of a network of the same name.

    Returns:
        The card as it is kept.

    Raises:
        ModelError: if the name is taken or not a file name, or the network is not whole.
        SaveError: if it cannot be written.
    """
    info = read_card(card_file)
    name, place = info.name, user_folder()
    wrong = [n for n in (name, *info.files) if not _NAME.fullmatch(n)]
    if wrong:
        raise ModelError(f"{wrong[0]!r} in {card_file.name} is no file name; use letters, digits, '_', '-' and '.'.")
    other = [n for n in info.files if not n.startswith(f"{name}.")]
    if other:
        raise ModelError(f"{other[0]!r} in {card_file.name} is not of {name}; a file of it is called {name}.something.")
    another = [n for n in info.files if n.endswith((".onnx", ".card.json"))]
    if another:
        raise ModelError(f"{another[0]!r} in {card_file.name} is the name of another network's file; rename it.")
    if name in available(folder=FOLDER):
        raise ModelError(f"{name} is a shipped network; give yours another name in {card_file.name}.")
    if name in available(folder=place) and not replace:
        raise ModelError(f"You have a network {name} already; remove it first, or add with --replace.")
    missing = [p for p in (network, *(card_file.parent / f for f in info.files)) if not p.is_file()]
    if missing:
        raise ModelError(f"{missing[0]} is not there.")
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix=".adding-") as staging:
            made = _staged(info, network, card_file.parent, Path(staging))
            for file in sorted(Path(staging).iterdir()):
                shutil.move(file, place / file.name)
    except OSError as error:
        raise SaveError(f"{place} cannot be written: {' '.join(str(error).split())[:120]}.") from error
    forget()
    return made


def _staged(info: Card, network: Path, beside: Path, staging: Path) -> Card:
    """The network in a folder of its own, found whole."""
    shutil.copyfile(network, staging / f"{info.name}.onnx")
    for file in info.files:
        shutil.copyfile(beside / file, staging / file)
    if not info.sha256:
        digest = sha256_of(network)
        info = info.model_copy(update={"sha256": digest})
    (staging / f"{info.name}.card.json").write_text(info.model_dump_json(indent=2) + "\n", encoding="utf-8")
    found = problems(info.name, folder=staging)
    if found:
        raise ModelError(f"{network.name} is not added: {found[0]}")
    return info


def remove(name: str) -> None:
    """Delete one of the user's own networks.

    Raises:
        ModelError: if it is a shipped one, or there is none of that name.
        SaveError: if a file cannot be deleted.
    """
    place = user_folder()
    if name in available(folder=FOLDER):
        raise ModelError(f"{name} is shipped with mskus and cannot be removed.")
    files = card(name, folder=place).files
    try:
        for file in (f"{name}.onnx", f"{name}.card.json", *files):
            (place / Path(file).name).unlink(missing_ok=True)
    except OSError as error:
        raise SaveError(f"{place / name} cannot be deleted: {' '.join(str(error).split())[:120]}.") from error
    forget()
