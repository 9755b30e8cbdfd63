"""Model cards: what a shipped network was made for, from which data, and how well it does there.

Source: Mitchell et al. 2019, Model Cards for Model Reporting (arXiv 1810.03993).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from mskus.errors import MskusError

FOLDER = Path(__file__).parent


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


def available(*, folder: Path = FOLDER) -> tuple[str, ...]:
    """Names of the networks that lie there with a card, sorted."""
    cards = (p.name.removesuffix(".card.json") for p in folder.glob("*.card.json"))
    return tuple(sorted(name for name in cards if (folder / f"{name}.onnx").is_file()))


def card(name: str, *, folder: Path = FOLDER) -> Card:
    """The card of a network.

    Raises:
        ModelError: if there is none or it cannot be read.
    """
    path = folder / f"{name}.card.json"
    try:
        return Card.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        known = ", ".join(available(folder=folder)) or "none"
        raise ModelError(f"There is no network {name!r} in this installation; there are: {known}.") from error
    except ValidationError as error:
        raise ModelError(f"The card {path.name} is damaged; install mskus again.") from error


def checked_file(name: str, *, folder: Path = FOLDER) -> Path:
    """Path of the ONNX file after its SHA-256 has been compared with the card.

    Raises:
        ModelError: if the file is missing or differs from the card.
    """
    expected = card(name, folder=folder).sha256
    path = folder / f"{name}.onnx"
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"The network file {path.name} is missing beside its card; install mskus again.") from error
    if found != expected:
        raise ModelError(f"The network file {path.name} differs from its card (SHA-256 {found[:12]}...); not loaded.")
    return path
