"""Many inputs on one machine: expand, skip what is done, examine, record failures, sum up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mskus.batch.job import Job, earlier_outcomes, run_job
from mskus.batch.naming import folder_name, input_sha256
from mskus.batch.outcome import Outcome
from mskus.batch.summary import write_summary
from mskus.batch.workers import run_in_processes
from mskus.errors import MskusError, ReadError

Progress = Callable[[int, int, Sequence[Outcome]], None]


def examine_batch(
    paths: Iterable[str | Path],
    *,
    out: str | Path,
    exam: str = "muscle",
    reading: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    formats: tuple[str, ...] = ("json", "csv", "overlay", "html"),
    resume: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Examine files, folders and globs; each clip's results go to a folder of its own under ``out``.

    A clip that fails becomes a row with its reason, and the others go on. ``summary.csv`` and ``failures.csv`` are
    written at the end, also when the user stops the run.

    Args:
        paths: what :func:`mskus.reading.expand_inputs` takes.
        out: output folder.
        exam: name of the exam.
        reading: options of :func:`mskus.read` for every input.
        settings: settings of the exam.
        formats: output formats of :meth:`mskus.Findings.save`.
        resume: leave alone what an earlier run of the same version did with the same bytes and settings.
        jobs: number of processes; 1 works in this one.
        progress: called with inputs done, inputs in all, and the rows just made.

    Returns:
        One row an input (one a part where an input was split), in the order of the inputs; before them those that lead
        nowhere.

    Raises:
        MskusError: if the exam does not exist, ``jobs`` is not positive, or the output folder cannot be written.
    """
    from mskus.exams import EXAMS
    from mskus.report.save import FORMATS, make_folder

    if exam not in EXAMS:
        raise MskusError(f"There is no exam {exam!r}; choose one of: {', '.join(sorted(EXAMS))}.")
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise MskusError(f"There is no output format {unknown[0]!r}; choose from {', '.join(FORMATS)}.")
    if jobs < 1:
        raise MskusError(f"{jobs} processes cannot work; give --jobs 1 or more.")
    target = Path(out)
    make_folder(target)  # tells an unwritable folder before an hour's work
    inputs, rows = _expanded(paths)
    total = len(inputs) + len(rows)
    finished: dict[int, list[Outcome]] = {}

    def done(index: int, outcomes: list[Outcome]) -> None:
        finished[index] = outcomes
        if progress is not None:
            progress(len(rows) + len(finished), total, outcomes)

    if progress is not None:
        progress(len(rows), total, rows)
    work = _jobs(
        inputs, target=target, done=done, resume=resume, exam=exam, reading=reading, settings=settings, formats=formats
    )
    try:
        if jobs == 1:
            for index, job in work:
                done(index, run_job(job))
        else:
            run_in_processes(work, done=done, jobs=jobs)
    finally:
        outcomes = [*rows, *(row for index in sorted(finished) for row in finished[index])]
        write_summary(outcomes, target)
    return outcomes


def _expanded(paths: Iterable[str | Path]) -> tuple[list[Path], list[Outcome]]:
    """Inputs, each once, and a failed row for every argument that leads nowhere."""
    from mskus.reading import expand_inputs

    found: dict[Path, None] = {}
    failed: list[Outcome] = []
    for path in paths:
        try:
            found.update(dict.fromkeys(expand_inputs([path])))
        except ReadError as error:
            failed.append(Outcome(file=str(path), status="failed", reason=str(error)))
    return list(found), failed


def _jobs(
    inputs: list[Path],
    *,
    target: Path,
    done: Callable[[int, list[Outcome]], None],
    resume: bool,
    reading: dict[str, Any] | None,
    settings: dict[str, Any] | None,
    **shared: Any,
) -> Iterator[tuple[int, Job]]:
    """Jobs still to do, in order; what needs no work is reported to ``done`` on the way."""
    taken: set[str] = set()
    for index, path in enumerate(inputs):
        try:
            sha256 = input_sha256(path)
        except ReadError as error:
            done(index, [Outcome(file=str(path), status="failed", reason=str(error))])
            continue
        folder = target / folder_name(path, sha256=sha256, taken=taken)
        job = Job(path=path, sha256=sha256, folder=folder, reading=reading or {}, settings=settings or {}, **shared)
        earlier = earlier_outcomes(job) if resume else None
        if earlier is not None:
            done(index, earlier)
        else:
            yield index, job
