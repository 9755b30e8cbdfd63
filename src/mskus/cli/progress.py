"""The progress bar of a batch: inputs done, rate, time left, and what failed so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Task
    from rich.text import Text

    from mskus.batch import Outcome
    from mskus.batch.run import Progress


@contextmanager
def batch_progress(*, shown: bool) -> Iterator[Progress | None]:
    """A callback for :func:`mskus.batch.examine_batch` that moves a bar on the error stream.

    Args:
        shown: False gives None, and no bar.
    """
    if not shown:
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text as RichText

    class Rate(ProgressColumn):
        """Clips a second, or seconds a clip if that is slower."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            if not speed:
                return RichText("")
            return RichText(f"{speed:.1f} clips/s" if speed >= 1 else f"{1 / speed:.1f} s/clip", style="cyan")

    bar = Progress(
        SpinnerColumn(finished_text=" "),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TextColumn("elapsed,"),
        TimeRemainingColumn(),
        TextColumn("left"),
        TextColumn("{task.fields[failed]}", style="red"),
        console=Console(stderr=True),
        transient=False,
    )
    failed = 0
    with bar:
        task = bar.add_task("Examining", total=None, failed="")

        def progress(done: int, total: int, outcomes: Sequence[Outcome]) -> None:
            nonlocal failed
            failed += sum(o.status == "failed" for o in outcomes)
            bar.update(task, completed=done, total=total, failed=f"{failed} failed" if failed else "")

        yield progress


@contextmanager
def counting(what: str, *, shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A callback with done and total that moves a bar on the error stream.

    Args:
        what: said before the bar, like ``"Describing"``.
        shown: False gives None, and no bar.
    """
    if not shown:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
