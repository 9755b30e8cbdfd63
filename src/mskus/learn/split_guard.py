"""The guard of a split: what is learned from must not stand among what is judged.

Four ways in which a split leaks: a patient on both sides; frames of one video on both sides; the same picture again,
mirrored, rescaled or brightened; and marks burned into the pictures of one class, which a learner reads instead of the
disease. How much such leaks flatter: Kapoor & Narayanan, Patterns 4:100804, 2023.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LeakError, LearnError
from mskus.learn.manifest import Case, load, name_of
from mskus.learn.near_duplicates import ALIKE, MIRRORED_ALIKE, Pair, near_duplicates, thumbnail

# Columns that name the recording a frame was taken from, where a manifest has one.
_VIDEO_COLUMNS = ("video", "clip", "recording")
# A file name that counts frames: patient7_left_frame_012.
_FRAME_NAME = re.compile(r"(.*?)[ _-]?(?:frame|frm|step)[ _-]?\d+$", re.IGNORECASE)
_LISTED = 8
_MARKS_P = 0.01


@dataclass(frozen=True, kw_only=True)
class Leak:
    """One leak: its kind, a sentence, and the rows of the manifest (from 1) that it concerns."""

    kind: str
    text: str
    rows: tuple[int, ...]


def guard(cases: Sequence[Case], **options: Any) -> None:
    """Stop where a split leaks.

    Args:
        cases: rows of the manifest.
        options: of :func:`check_split`.

    Raises:
        LeakError: with the list.
        LearnError: if the sides are not known, or a picture cannot be read.
    """
    leaks = check_split(cases, **options)
    if leaks:
        listed = "\n".join(f"- {leak.text}" for leak in leaks[:_LISTED])
        more = f"\n... and {len(leaks) - _LISTED} more" if len(leaks) > _LISTED else ""
        raise LeakError(f"The split leaks in {len(leaks)} place(s); hold out whole patients:\n{listed}{more}")


def check_split(
    cases: Sequence[Case],
    *,
    split_column: str | None = None,
    folds: Sequence[object] | None = None,
    pictures: Sequence[NDArray[np.uint8]] | None = None,
    look: bool = True,
    label: str | None = None,
    alike: float = ALIKE,
    progress: Callable[[int, int], None] | None = None,
) -> list[Leak]:
    """Everything that stands on more than one side of a split.

    Args:
        cases: rows of the manifest.
        split_column: column that says the side of each row; or
        folds: the side of each row.
        pictures: ``(H, W)`` grey pictures of the rows, if they are at hand; they are read where not given.
        look: whether to compare pictures at all (patients and videos are always compared).
        label: column of the class, to ask whether burned-in marks give it away.
        alike: lowest correlation of near-duplicates, see :mod:`mskus.learn.near_duplicates`; mirrored ones need at
            least ``MIRRORED_ALIKE``.
        progress: told of pictures done and all.

    Raises:
        LearnError: if the sides are not known or are one only, or a picture cannot be read.
    """
    sides = _sides(cases, split_column, folds)
    if not look:
        return list(leaks_across(cases, sides, []))
    shown = pictures if pictures is not None else [load(case).image.astype(np.uint8) for case in cases]
    small, marked = [], []
    for number, picture in enumerate(shown, start=1):
        small.append(thumbnail(picture))
        if label is not None:
            marked.append(_is_marked(picture))
        if progress is not None:
            progress(number, len(shown))
    leaks = list(
        leaks_across(cases, sides, near_duplicates(small, alike=alike, mirrored_alike=max(alike, MIRRORED_ALIKE)))
    )
    if label is not None:
        leaks += marks_and_classes(marked, [str(case.row.get(label, "")) for case in cases])
    return leaks


def leaks_across(cases: Sequence[Case], sides: Sequence[object], pairs: Sequence[Pair]) -> Iterator[Leak]:
    """Patients, videos and near-duplicate pairs that stand on several sides.

    Args:
        cases: rows of the manifest.
        sides: of each row.
        pairs: of :func:`mskus.learn.near_duplicates.near_duplicates`, of the rows.
    """
    for patient, rows in _on_several_sides([case.patient for case in cases], sides).items():
        text = f"Patient {patient} stands on several sides of the split."
        yield Leak(kind="patient across the split", text=text, rows=_from_one(rows))
    for video, rows in _on_several_sides([_video(case) for case in cases], sides).items():
        # rows of one patient are told once
        if len({cases[n].patient for n in rows}) > 1:
            text = f"Frames of one video ({video}) stand on several sides of the split, as different patients."
            yield Leak(kind="video across the split", text=text, rows=_from_one(rows))
    for p in pairs:
        if sides[p.first] != sides[p.second]:
            how = "mirrored, " if p.mirrored else ""
            text = (
                f"{cases[p.first].image} ({sides[p.first]}) and {cases[p.second].image} ({sides[p.second]}) show the "
                f"same ({how}correlation {p.correlation:.2f})."
            )
            yield Leak(kind="near-duplicate across the split", text=text, rows=(p.first + 1, p.second + 1))


def marks_and_classes(marked: Sequence[bool], labels: Sequence[str]) -> list[Leak]:
    """Whether burned-in marks go with a class (Fisher's exact test of each class against the others).

    Args:
        marked: whether each picture has marks.
        labels: class of each picture; empty where it is not known.
    """
    from scipy.stats import fisher_exact

    has, of = np.asarray(marked, bool), np.asarray(labels, str)
    has, rows, of = has[of != ""], np.flatnonzero(of != ""), of[of != ""]
    classes = np.unique(of)
    # of two classes both say the same
    asked = classes[1:] if len(classes) == 2 else classes if len(classes) > 2 else classes[:0]
    leaks = []
    for one in asked:
        inside = of == one
        table = np.array([[(has & side).sum(), (~has & side).sum()] for side in (inside, ~inside)])
        p = float(fisher_exact(table).pvalue)
        if p < _MARKS_P / len(asked):
            text = (
                f"Burned-in marks give class {one} away: {table[0, 0]} of {inside.sum()} of its pictures are marked, "
                f"{table[1, 0]} of {(~inside).sum()} others (Fisher's exact test, p = {p:.1g})."
            )
            leaks.append(Leak(kind="marks that give the class away", text=text, rows=_from_one(rows[has])))
    return leaks


def _sides(cases: Sequence[Case], column: str | None, folds: Sequence[object] | None) -> list[object]:
    if folds is not None:
        if len(folds) != len(cases):
            raise LearnError(f"{len(folds)} folds are given for {len(cases)} rows.")
        sides = list(folds)
    elif column is not None:
        absent = [n for n, case in enumerate(cases, start=1) if column not in case.row]
        if absent:
            raise LearnError(f"Row {absent[0]} of the manifest has no entry in {column!r}, the column of the split.")
        sides = [case.row[column] for case in cases]
    else:
        raise LearnError("Say how the rows are split: a column of the manifest, or the fold of each row.")
    if len(set(sides)) < 2:
        raise LearnError("All rows stand on one side; there is no split to check.")
    return sides


def _on_several_sides(names: Sequence[str], sides: Sequence[object]) -> Mapping[str, list[int]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for n, name in enumerate(names):
        if name:
            rows[name].append(n)
    return {name: where for name, where in rows.items() if len({sides[n] for n in where}) > 1}


def _video(case: Case) -> str:
    """The recording that a row was taken from: a column that says so, the counted file name, or the file."""
    for column in _VIDEO_COLUMNS:
        if column in case.row:
            name = name_of(case.row[column])
            return f"{case.patient}, {column} {name}" if name.isdigit() else name  # numbered within a patient
    counted = _FRAME_NAME.match(case.image.stem)
    return str(case.image.with_name(counted[1]) if counted and counted[1] else case.image)


def _is_marked(picture: NDArray[np.uint8]) -> bool:
    from mskus.quality.burned_in import burned_in_marks

    return bool(burned_in_marks(picture))


def _from_one(rows: Sequence[int] | NDArray[np.intp]) -> tuple[int, ...]:
    return tuple(int(n) + 1 for n in rows)
