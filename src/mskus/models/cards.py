"""Model cards: what a shipped network was made for, from which data, and how well it does there.

Source: Mitchell et al. 2019, Model Cards for Model Reporting (arXiv 1810.03993).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from mskus.errors import MskusError
from mskus.models.folders import FOLDER, user_folder


class ModelError(MskusError):
    """A shipped network or its card is missing or has been changed."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TrainingData(_Entry):
    """One set that the network learned from."""

    name: str
    pictures: int
    licence: str
    citation: str


class Score(_Entry):
    """One figure with its 95 % interval; ``kind`` is phantom, public data or literature."""

    metric: str
    value: float
    low: float | None = None
    high: float | None = None
    unit: str = "1"
    data: str
    split: str
    kind: str


class Card(_Entry):
    """What is known of a shipped network.

    Attributes:
        name: file name without ``.onnx``.
        task: what it answers.
        input_shape: of one batch; ``None`` is free.
        input_spacing: what a pixel of the input means.
        input_intensity: how grey levels are scaled.
        classes: meaning of the output channels.
        training_data: sets with licence and citation.
        split: how held-out scores were made.
        scores: held-out figures.
        limits: what it was not made or checked for.
        parameters: number of trained numbers.
        seed: of the training.
        command: what reproduces it.
        date: ISO date of the training.
        sha256: of the ONNX file.
        files: further files that belong to it, with their SHA-256.
        intervals: calibrated intervals of areas by class, numbers of :class:`mskus.statistics.RatioInterval`.
    """

    name: str
    task: str
    input_shape: tuple[int | None, ...]
    input_spacing: str
    input_intensity: str
    classes: tuple[str, ...]
    training_data: tuple[TrainingData, ...]
    split: str
    scores: tuple[Score, ...]
    limits: str
    parameters: int
    seed: int
    command: str
    date: str
    sha256: str
    files: dict[str, str] = {}
    intervals: dict[str, dict[str, float]] = {}


def available(*, folder: Path | None = None) -> tuple[str, ...]:
    """Names of the networks that lie there with a card, sorted; the shipped and the user's own by default."""
    cards = (p for place in _places(folder) for p in place.glob("*.card.json"))
    names = ((p.name.removesuffix(".card.json"), p.parent) for p in cards)
    return tuple(sorted({name for name, place in names if (place / f"{name}.onnx").is_file()}))


def home(name: str, *, folder: Path | None = None) -> Path:
    """The folder in which a network's card lies; a shipped one goes before a user's of the same name.

    Raises:
        ModelError: if there is none.
    """
    for place in _places(folder):
        if (place / f"{name}.card.json").is_file():
            return place
    known = ", ".join(available(folder=folder)) or "none"
    raise ModelError(f"There is no network {name!r} in this installation; there are: {known}.")


def card(name: str, *, folder: Path | None = None) -> Card:
    """The card of a network.

    Raises:
        ModelError: if there is none or it cannot be read.
    """
    return read_card(home(name, folder=folder) / f"{name}.card.json")


def read_card(path: Path) -> Card:
    """A card from its file.

    Raises:
        ModelError: if it cannot be read, or an entry is missing or wrong.
    """
    try:
        return Card.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"The card {path} cannot be read: {' '.join(str(error).split())[:120]}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ModelError(f"The card {path.name} is damaged at {where}: {first['msg']}.") from error


def checked_file(name: str, *, folder: Path | None = None) -> Path:
    """Path of the ONNX file after its SHA-256 has been compared with the card.

    Raises:
        ModelError: if the file is missing or differs from the card.
    """
    path = home(name, folder=folder) / f"{name}.onnx"
    return _unchanged(path, card(name, folder=folder).sha256)


def checked_companion(name: str, suffix: str, *, folder: Path | None = None) -> Path | None:
    """A further file ``<name><suffix>`` of a network after its SHA-256 has been compared; None if its card names none.

    Raises:
        ModelError: if the file is missing or differs from the card.
    """
    expected = card(name, folder=folder).files.get(f"{name}{suffix}")
    return None if expected is None else _unchanged(home(name, folder=folder) / f"{name}{suffix}", expected)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _places(folder: Path | None) -> tuple[Path, ...]:
    return (FOLDER, user_folder()) if folder is None else (folder,)


def _unchanged(path: Path, expected: str) -> Path:
    try:
        found = sha256_of(path)
    except OSError as error:
        raise ModelError(
            f"The network file {path.name} is missing beside its card; install the network again."
        ) from error
    if found != expected:
        raise ModelError(f"The network file {path.name} differs from its card (SHA-256 {found[:12]}...); not loaded.")
    return path
