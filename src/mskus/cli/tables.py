"""Tables at the end of a command."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from mskus.report.terms import term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from mskus.batch import Outcome
    from mskus.batch.outcome import HeadlineValue

_LISTED = 30  # rows of a batch that still fit a screen
_COLUMNS = 8  # values that still fit a line


def print_outcomes(outcomes: Sequence[Outcome], *, out: Path, quiet: bool = False) -> None:
    """What was measured, what failed and why, and where the results are; failures go to the error stream.

    Args:
        outcomes: rows of the batch.
        out: its output folder.
        quiet: print failures only.
    """
    for o in outcomes:
        if o.status == "failed":
            print(f"mskus: {o.reason}", file=sys.stderr)
    if quiet:
        return
    measured = [o for o in outcomes if o.status != "failed"]
    if len(measured) == 1:
        _print_one(measured[0])
    elif measured:
        _print_many(measured)
    count = {status: sum(o.status == status for o in outcomes) for status in ("ok", "skipped", "failed")}
    parts = [f"{count['ok']} examined"]
    parts += [
        f"{count[status]} {word}"
        for status, word in (("skipped", "done before"), ("failed", "failed"))
        if count[status]
    ]
    print(f"{', '.join(parts)}. Results: {out}  (summary.csv{', failures.csv' if count['failed'] else ''})")


def _print_one(outcome: Outcome) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    many = outcome.n_frames > 1
    table = Table(title=PurePath(outcome.file).name, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.add_column("Measurement")
    table.add_column("Value", justify="right", style="bold")
    table.add_column("95 % interval", justify="right")
    if many:
        table.add_column("Frames", justify="right")
    for v in outcome.values:
        t = term(v.name, v.unit)
        interval = t.show_interval((v.low, v.high)) if v.low is not None and v.high is not None else ""
        cells = [t.label, "withheld" if v.value is None else t.show(v.value), interval or v.withheld]
        table.add_row(*cells, *([f"{v.n_measured} of {v.n_frames}" if v.n_frames else ""] if many else []))
    console().print(table)
    print(f"Image quality: {outcome.quality}. Folder: {outcome.folder}")


def _print_many(outcomes: Sequence[Outcome]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    every: dict[str, HeadlineValue] = {v.name: v for o in outcomes for v in o.values}
    counts = Counter(v.name for o in outcomes for v in o.values)
    commonest = {name for name, _ in counts.most_common(_COLUMNS)}
    names = {name: v for name, v in every.items() if name in commonest}
    table = Table(box=SIMPLE_HEAD)
    table.add_column("Clip", overflow="ellipsis", no_wrap=True, max_width=40)
    table.add_column("Quality")
    for name, v in names.items():
        t = term(name, v.unit)
        table.add_column(f"{t.short}\n{t.unit}", justify="right")
    for o in outcomes[:_LISTED]:
        by_name = {v.name: v for v in o.values}
        part = f" part {o.part}" if o.part else ""
        table.add_row(PurePath(o.file).name + part, o.quality, *(_short(by_name.get(name)) for name in names))
    console().print(table)
    if len(outcomes) > _LISTED:
        print(f"... and {len(outcomes) - _LISTED} more in summary.csv")
    if len(every) > len(names):
        print(f"{len(every) - len(names)} more values in summary.csv")
    reasons = Counter(reason for o in outcomes for reason in {v.withheld for v in o.values if v.withheld})
    for reason, count in reasons.most_common(5):
        print(f"withheld (-) in {count} {'clip' if count == 1 else 'clips'}: {reason}")


def _short(v: HeadlineValue | None) -> str:
    return "" if v is None else "-" if v.value is None else f"{v.value:.{term(v.name, v.unit).decimals}f}"


def console() -> Console:
    """The terminal, or 120 columns where there is none."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120)
