"""What is trained on and what is held out: by patient, checked for leaks before anything is learned."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LeakError, LearnError
from mskus.learn.manifest import Case, name_of, read_table, write_table
from mskus.learn.near_duplicates import near_duplicates, thumbnail
from mskus.learn.split_guard import leaks_across
from mskus.learn.train.config import SplitConfig

if TYPE_CHECKING:
    import pandas as pd

_LISTED = 8


@dataclass(frozen=True)
class Split:
    """Rows of the manifest: ``training``, ``held_out``, and ``choosing`` where other patients choose the epoch."""

    training: list[Case]
    held_out: list[Case]
    choosing: list[Case] = field(default_factory=list)

    @property
    def sides(self) -> tuple[tuple[str, list[Case]], ...]:
        """Each part with its name."""
        return ("training", self.training), ("choosing", self.choosing), ("held out", self.held_out)


def split_cases(cases: Sequence[Case], config: SplitConfig, *, labelled: Sequence[bool]) -> Split:
    """Split rows by patient.

    Folds are made of labelled rows; an unlabelled row of a held-out patient is left out of training, and none is held
    out. The same holds for the patients that choose the epoch, a random share of the rest.

    Args:
        cases: rows of the manifest.
        config: folds, or a column and its held-out values.
        labelled: whether each row teaches something by itself.

    Raises:
        LearnError: if there are fewer patients than folds, or nothing is held out as asked.
        LeakError: if a patient or a video stands on both sides.
    """
    rows = [c for c, known in zip(cases, labelled, strict=True) if known]
    if config.column is not None:
        held_out = _by_column(rows, config)
    elif config.folds == 0:
        held_out = []
    else:
        held_out = _fold(rows, config)
    chosen = {id(c) for c in held_out}
    apart = {c.patient for c in held_out}
    training = [c for c in cases if id(c) not in chosen]
    stop_at_leaks(Split([c for c in rows if id(c) not in chosen], held_out))
    training = [c for c in training if c.patient not in apart]
    if not training:
        raise LearnError("Nothing is left to train on; hold out less.")
    if not config.inner:
        return Split(training, held_out)
    known = {id(c) for c in rows}
    choosers = _choosers([c.patient for c in training if id(c) in known], config)
    choosing = [c for c in training if c.patient in choosers and id(c) in known]
    return Split([c for c in training if c.patient not in choosers], held_out, choosing)


def stop_at_leaks(split: Split, *, pictures: Sequence[NDArray[np.uint8]] | None = None, copies_at: float = 1.0) -> None:
    """Stop where a patient, a video or a picture stands on both sides.

    Args:
        split: rows of both sides.
        pictures: ``(H, W)`` of the rows in the order of :attr:`Split.sides`, to look for copies.
        copies_at: lowest correlation of a copy, see :mod:`mskus.learn.near_duplicates`; 1 does not look.

    Raises:
        LeakError: with the list.
    """
    cases = [c for _, part in split.sides for c in part]
    sides = [name for name, part in split.sides for _ in part]
    pairs = []
    if pictures is not None and copies_at < 1.0 and (split.held_out or split.choosing):
        pairs = near_duplicates([thumbnail(p) for p in pictures], alike=copies_at, mirrored_alike=copies_at)
    leaks = list(leaks_across(cases, sides, pairs))
    if leaks:
        listed = " ".join(leak.text for leak in leaks[:_LISTED])
        raise LeakError(f"The split leaks in {len(leaks)} place(s): {listed}{' ...' if len(leaks) > _LISTED else ''}")


def write_split(split: Split, path: Path) -> None:
    """Write every picture with its patient and side."""
    write_table(_table(split), path)


def read_split(path: Path, cases: Sequence[Case]) -> Split:
    """The sides that a file of :func:`write_split` says, as rows of the manifest as it is now.

    Args:
        path: the file.
        cases: rows of the manifest.

    Raises:
        LearnError: if the file cannot be read, or names a picture that the manifest does not.
    """
    known = {_key(c.image, c.frame): c for c in cases}
    sides: dict[str, list[Case]] = {name: [] for name, _ in Split([], []).sides}
    for row in read_table(path).to_dict("records"):
        case = known.get(_key(Path(str(row["image"])), int(row["frame"])))
        if case is None:
            raise LearnError(f"{row['image']} of {path} is not in the run's manifest any more; train anew.")
        sides[str(row["side"])].append(case)
    return Split(sides["training"], sides["held out"], sides["choosing"])


def is_split(split: Split, path: Path) -> bool:
    """Whether a file of :func:`write_split` says the same pictures, by name, on the same sides in the same order."""
    import pandas as pd

    if not path.is_file():
        return False
    was, now = pd.read_csv(path, dtype=str), _table(split).astype(str)
    for table in (was, now):
        table["image"] = [Path(p).name for p in table["image"]]
    return was.equals(now)


def _table(split: Split) -> pd.DataFrame:
    import pandas as pd

    rows = [
        {"image": os.path.abspath(c.image), "frame": c.frame, "patient": c.patient, "side": side}
        for side, part in split.sides
        for c in part
    ]
    return pd.DataFrame(rows, columns=["image", "frame", "patient", "side"])


def _key(image: Path, frame: int) -> tuple[str, int]:
    return os.path.abspath(image), frame


def _choosers(patients: Sequence[str], config: SplitConfig) -> set[str]:
    names = sorted(set(patients), key=_by_number)
    if len(names) < 2:
        raise LearnError(f"split.inner needs two labelled training patients or more; there is {len(names)}.")
    count = min(max(1, round(config.inner * len(names))), len(names) - 1)
    chosen = np.random.default_rng([config.seed, 1]).permutation(len(names))[:count]
    return {names[n] for n in chosen}


def _by_column(rows: Sequence[Case], config: SplitConfig) -> list[Case]:
    column = str(config.column)
    wanted = {name_of(v) for v in config.held_out}
    values = {name_of(c.row[column]) for c in rows if column in c.row}
    if not values:
        raise LearnError(f"No labelled row says anything in the column {column!r}, by which split.column holds out.")
    missing = sorted(wanted - values)
    if missing:
        raise LearnError(
            f"No labelled row has {column} = {missing[0]}; there are {', '.join(sorted(values, key=_by_number)[:10])}."
        )
    return [c for c in rows if column in c.row and name_of(c.row[column]) in wanted]


def _fold(rows: Sequence[Case], config: SplitConfig) -> list[Case]:
    from sklearn.model_selection import GroupKFold

    patients = [c.patient for c in rows]
    if len(set(patients)) < config.folds:
        raise LearnError(
            f"{len(set(patients))} labelled patient(s) cannot be split into {config.folds} folds; ask for fewer folds, "
            "or for none with split.folds = 0."
        )
    if config.fold == "all":
        raise LearnError("split.fold = all is many runs; train one fold here, or use train_folds.")
    splitter = GroupKFold(config.folds, shuffle=True, random_state=config.seed)
    number = {name: n for n, name in enumerate(sorted(set(patients), key=_by_number))}
    numbers = [number[name] for name in patients]
    folds = list(splitter.split(np.zeros((len(rows), 1)), groups=numbers))
    return [rows[i] for i in folds[config.fold][1]]


def _by_number(name: str) -> tuple[bool, int, str]:
    """2 before 10, and both before names, so that numbered groups give the folds that scikit-learn gives them."""
    return not name.isdigit(), int(name) if name.isdigit() else 0, name
