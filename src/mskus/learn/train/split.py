"""What is trained on and what is held out: by patient, checked for leaks before anything is learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LeakError, LearnError
from mskus.learn.manifest import Case, write_table
from mskus.learn.near_duplicates import thumbnail
from mskus.learn.train.config import SplitConfig

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Split:
    """Rows of the manifest: ``training`` and ``held_out``."""

    training: list[Case]
    held_out: list[Case]


def split_cases(cases: Sequence[Case], config: SplitConfig, *, labelled: Sequence[bool]) -> Split:
    """Split rows by patient.

    Folds are made of labelled rows; an unlabelled row of a held-out patient is left out of training, and none is held
    out.

    Args:
        cases: rows of the manifest.
        config: folds, or a column and its held-out values.
        labelled: whether each row teaches something by itself.

    Raises:
        LearnError: if there are fewer patients than folds, or nothing is held out as asked.
        LeakError: if one patient stands on both sides.
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
    if config.column is not None:
        check_patients_apart([c for c in rows if id(c) not in chosen], held_out)
    training = [c for c in training if c.patient not in apart]
    if not training:
        raise LearnError("Nothing is left to train on; hold out less.")
    return Split(training, held_out)


def check_patients_apart(training: Sequence[Case], held_out: Sequence[Case]) -> None:
    """Stop where a patient, or a picture file, stands on both sides.

    Raises:
        LeakError: with the list.
    """
    both = sorted({c.patient for c in training} & {c.patient for c in held_out})
    if both:
        raise LeakError(
            f"The split leaks: {len(both)} patient(s) stand on both sides: {', '.join(both[:10])}"
            f"{' ...' if len(both) > 10 else ''}; hold out whole patients."
        )
    same = sorted({str(c.image) for c in training} & {str(c.image) for c in held_out})
    if same:
        raise LeakError(f"The split leaks: {len(same)} picture(s) stand on both sides: {', '.join(same[:5])}.")


def check_pictures_apart(
    training: Sequence[tuple[str, NDArray[np.uint8]]],
    held_out: Sequence[tuple[str, NDArray[np.uint8]]],
    *,
    alike: float,
) -> None:
    """Stop where a held-out picture is a copy of a training picture, whatever their patients are called.

    Args:
        training: name and picture ``(H, W)`` of each.
        held_out: the same.
        alike: lowest correlation of a copy; 1 is off.

    Raises:
        LeakError: with the list.
    """
    if alike >= 1.0 or not training or not held_out:
        return
    first, second = (np.array([thumbnail(p).ravel() for _, p in part]) for part in (training, held_out))
    copies = np.argwhere(second @ first.T >= alike)
    if len(copies):
        pairs = ", ".join(f"{held_out[h][0]} and {training[t][0]}" for h, t in copies[:5])
        raise LeakError(
            f"The split leaks: {len(copies)} held-out picture(s) are copies of training pictures: {pairs}"
            f"{' ...' if len(copies) > 5 else ''}; give copies one patient, or set split.copies_at higher."
        )


def write_split(split: Split, path: Path) -> None:
    """Write every picture with its patient and side."""
    write_table(_table(split), path)


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
        {"image": str(c.image), "frame": c.frame, "patient": c.patient, "side": side}
        for side, part in (("training", split.training), ("held out", split.held_out))
        for c in part
    ]
    return pd.DataFrame(rows, columns=["image", "frame", "patient", "side"])


def _by_column(rows: Sequence[Case], config: SplitConfig) -> list[Case]:
    wanted = {str(v) for v in config.held_out}
    values = {str(c.row.get(config.column or "")) for c in rows}
    missing = sorted(wanted - values)
    if missing:
        raise LearnError(
            f"No labelled row has {config.column} = {missing[0]}; there are {', '.join(sorted(values)[:10])}."
        )
    return [c for c in rows if str(c.row.get(config.column or "")) in wanted]


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
    check_patients_apart([rows[i] for i in folds[config.fold][0]], [rows[i] for i in folds[config.fold][1]])
    return [rows[i] for i in folds[config.fold][1]]


def _by_number(name: str) -> tuple[bool, int, str]:
    """2 before 10, and both before names, so that numbered groups give the folds that scikit-learn gives them."""
    return not name.isdigit(), int(name) if name.isdigit() else 0, name
