"""A finished run becomes a model: what the run knows of itself, and what only its maker can say."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from mskus.errors import LearnError, SaveError
from mskus.learn.card_scores import mean_score
from mskus.learn.manifest import read_manifest, read_table
from mskus.learn.outlier_fit import LEAST_GROUPS
from mskus.learn.release import release
from mskus.learn.train.config import read_config
from mskus.learn.train.held_out import trained_network
from mskus.learn.train.split import read_split
from mskus.learn.yaml_file import read_entries
from mskus.models.cards import Card, Score, TrainingData

_CHOSEN = " The held-out part chose the epoch, so the scores are too good for new patients."


class About(BaseModel):
    """What a card says that no run knows.

    Attributes:
        name: of the files and for :func:`mskus.models.load`.
        task: what the network answers, in a sentence.
        training_data: sets with pictures, licence and citation.
        split: how the scores were made.
        limits: what it was not made or checked for.
        command: what reproduces it.
        kind: of the scores.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    task: str
    training_data: tuple[TrainingData, ...]
    split: str
    limits: str
    command: str
    kind: str = "user's data"


def read_about(path: Path) -> About:
    """Read it from a YAML file.

    Raises:
        LearnError: naming the first entry that is wrong or missing.
    """
    try:
        return About.model_validate(read_entries(path, example="name: my_network"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise LearnError(f"{path}, {where}: {first['msg'].lower()}.") from error


def release_run(run: Path, *, about: About, folder: Path, judged: Path | None = None) -> Card:
    """Release the network of a segmentation run.

    Args:
        run: output folder of :func:`mskus.learn.train.run.train`.
        about: the rest of the card.
        folder: where network, features and card go.
        judged: folder or ``scores.csv`` of the run that judges it, such as the cross-validation beside a network that
            was trained on everything; the run itself where not given.

    Raises:
        LearnError: if the run is not a finished segmentation learned from a manifest, or the scores cannot be read.
        SaveError: if a file cannot be written.
    """
    config = read_config(run / "config.yaml")
    if config.task != "segmentation" or config.data.manifest is None or config.data.clip_length:
        raise LearnError(
            f"{run} is not a segmentation of pictures learned from a manifest; only such a run is released."
        )
    split = read_split(run / "split.csv", read_manifest(config.data.manifest, patient=config.data.patient))
    enough = len({case.patient for case in split.held_out}) >= LEAST_GROUPS
    if judged is not None and not judged.exists():
        raise LearnError(f"{judged} is not there; --judged takes the folder of a run, or its scores.csv.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(f"{folder} cannot be made: {error.strerror}.") from error
    by = judged or run
    own = by / "config.yaml" if by.is_dir() else by.parent / "config.yaml"
    chosen = own.is_file() and not read_config(own).looks_once
    return release(
        trained_network(run, config),
        name=about.name,
        folder=folder,
        cases=split.training,
        task=about.task,
        classes=tuple(config.data.classes),
        training_data=about.training_data,
        split=about.split + (_CHOSEN if chosen else ""),
        limits=about.limits,
        command=about.command,
        held_out=split.held_out if enough else (),
        scores=_scores(by, about, data=config.data.manifest.parent.name),
        size=config.data.size,
        crop=config.data.crop,
        intensity=config.data.intensity,
        seed=config.seed,
    )


def _scores(judged: Path, about: About, *, data: str) -> list[Score]:
    path = judged / "scores.csv" if judged.is_dir() else judged
    if not path.is_file():
        return []
    table = read_table(path)
    patients = table["patient"].astype(str).to_numpy()
    scores = [
        mean_score(
            table[column].to_numpy(float),
            patients,
            metric=f"Dice of {column.removeprefix('dice_')}, mean of a picture",
            data=data,
            split=about.split,
            kind=about.kind,
        )
        for column in table.columns
        if column.startswith("dice_")
    ]
    return [score for score in scores if score is not None]
