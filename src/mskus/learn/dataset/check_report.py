"""The check as a page to read: counts, areas, and what has to be mended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mskus.errors import SaveError
from mskus.learn.dataset.check import Checked, Remark
from mskus.learn.dataset.contact_sheet import contact_sheet
from mskus.learn.manifest import write_table

_LISTED = 20


def save_check(checked: Checked, folder: str | Path) -> None:
    """Write ``report.md``, ``rows.csv`` and ``contact_sheet.png``.

    Raises:
        SaveError: if they cannot be written there.
    """
    folder = Path(folder)
    write_table(checked.to_frame(), folder / "rows.csv")
    try:
        (folder / "report.md").write_text(report(checked), encoding="utf-8")
    except OSError as error:
        raise SaveError(f"{folder / 'report.md'} cannot be written: {error.strerror}.") from error
    contact_sheet(checked, folder / "contact_sheet.png")


def report(checked: Checked) -> str:
    """The whole check in Markdown."""
    bad = len(checked.problems)
    lines = ["# Data set check", "", f"**{bad} problem(s)** in {len(checked.seen)} rows.", "", *_counts(checked), ""]
    for title, problem in (("Problems", True), ("Good to know", False)):
        chosen = [r for r in checked.remarks if r.problem is problem]
        lines += [f"## {title}", "", *(_remarks(chosen) if chosen else ["None."]), ""]
    return "\n".join([*lines, "![Contact sheet](contact_sheet.png)", ""])


def headline(checked: Checked) -> Iterator[str]:
    """The lines that a terminal shows: counts, then each kind of remark once."""
    patients = {s.case.patient for s in checked.seen}
    devices = {s.case.device for s in checked.seen} - {""}
    of_devices = f", {len(devices)} device(s)" if devices else ""
    yield f"{len(checked.seen)} rows, {len(patients)} patient(s){of_devices}"
    for name in checked.classes:
        areas = _areas(checked, name)
        share = f", {100 * float(np.median(areas)):.2f} % of the picture (median)" if len(areas) else ""
        yield f"  {name}: in {len(areas)} masks{share}"
    kinds: dict[tuple[bool, str], list[Remark]] = defaultdict(list)
    for remark in checked.remarks:
        kinds[remark.problem, remark.kind].append(remark)
    for (problem, _), remarks in kinds.items():
        more = f" (and {len(remarks) - 1} more of this kind)" if len(remarks) > 1 else ""
        yield f"{'PROBLEM' if problem else 'note'}: {remarks[0].text}{more}"


def _counts(checked: Checked) -> Iterator[str]:
    yield "| class | mask value | pictures | patients | area, % of picture: median (5 to 95 %) |"
    yield "| --- | --- | --- | --- | --- |"
    for name, value in checked.classes.items():
        areas = 100 * _areas(checked, name)
        patients = {s.case.patient for s in checked.seen if value in s.areas}
        low, middle, high = np.percentile(areas, [5, 50, 95]) if len(areas) else [np.nan] * 3
        yield f"| {name} | {value} | {len(areas)} | {len(patients)} | {middle:.2f} ({low:.2f} to {high:.2f}) |"
    for what, counted in (
        ("device", Counter(s.case.device for s in checked.seen)),
        ("patient", Counter(s.case.patient for s in checked.seen)),
    ):
        if set(counted) != {""} and len(counted) < len(checked.seen):
            most = ", ".join(f"{name or 'unknown'} ({n})" for name, n in counted.most_common(_LISTED))
            yield ""
            yield f"{len(counted)} {what}(s), rows each: {most}{' ...' if len(counted) > _LISTED else ''}"


def _areas(checked: Checked, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    value = checked.classes[name]
    return np.array([s.areas[value] / (s.size[0] * s.size[1]) for s in checked.seen if value in s.areas], np.float64)


def _remarks(remarks: Sequence[Remark]) -> Iterator[str]:
    kinds: dict[str, list[Remark]] = defaultdict(list)
    for remark in remarks:
        kinds[remark.kind].append(remark)
    for kind, alike in kinds.items():
        yield f"**{kind[0].upper()}{kind[1:]}**"
        yield ""
        for remark in alike[:_LISTED]:
            rows = f" Rows {', '.join(map(str, remark.rows[:_LISTED]))}{' ...' if len(remark.rows) > _LISTED else ''}."
            yield f"- {remark.text}{rows if remark.rows else ''}"
        if len(alike) > _LISTED:
            yield f"- ... and {len(alike) - _LISTED} more, see rows.csv"
        yield ""
