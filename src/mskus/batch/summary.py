"""The batch on two pages: summary.csv, one row a clip, and failures.csv."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mskus.batch.outcome import Outcome

_FIXED = ("file", "part", "status", "reason", "quality", "n_frames", "seconds", "folder")


def write_summary(outcomes: Sequence[Outcome], folder: Path) -> list[Path]:
    """Write summary.csv (every input, with ``NAME``, ``NAME_low``, ``NAME_high``, ``NAME_frames``) and failures.csv.

    Args:
        outcomes: rows in the order to be written.
        folder: the batch's output folder.

    Returns:
        The two paths. failures.csv holds its header alone when nothing failed.

    Raises:
        SaveError: if the folder cannot be written.
    """
    from mskus.report.save import write_text

    failures = [(o.file, o.reason) for o in outcomes if o.status == "failed"]
    return [
        write_text(folder / "summary.csv", summary_csv(outcomes)),
        write_text(folder / "failures.csv", _csv([("file", "reason"), *failures])),
    ]


def summary_csv(outcomes: Sequence[Outcome]) -> str:
    """One row a clip, as CSV text."""
    names = list(dict.fromkeys(value.name for o in outcomes for value in o.values))
    header = [*_FIXED, *(f"{name}{suffix}" for name in names for suffix in ("", "_low", "_high", "_frames"))]
    rows: list[Sequence[object]] = [header]
    for o in outcomes:
        by_name = {value.name: value for value in o.values}
        cells: list[object] = [o.file, o.part or "", o.status, o.reason, o.quality, o.n_frames, o.seconds, o.folder]
        for name in names:
            v = by_name.get(name)
            cells.extend(["", "", "", ""] if v is None else [_cell(v.value), _cell(v.low), _cell(v.high), v.n_measured])
        rows.append(cells)
    return _csv(rows)


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _csv(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
