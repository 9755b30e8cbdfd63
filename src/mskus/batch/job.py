"""One input from file to results; whatever happens in it stays in it."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mskus.batch.outcome import Outcome, outcome_of
from mskus.errors import MskusError

if TYPE_CHECKING:
    from mskus.clip import Clip

STATE_FILE = "done.json"


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to do with one input.

    Attributes:
        path: the input.
        sha256: of its bytes.
        folder: where its results go.
        exam: name of the exam.
        reading: options of :func:`mskus.read`.
        settings: settings of the exam.
        formats: output formats.
    """

    path: Path
    sha256: str
    folder: Path
    exam: str
    reading: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    formats: tuple[str, ...] = ("json", "csv", "overlay", "html")

    def place(self, part: int) -> Path:
        """Where the results of a part go; of the whole input for 0."""
        return self.folder / f"part-{part}" if part else self.folder

    def state(self) -> dict[str, Any]:
        """What must be equal for an earlier result to count as this one."""
        from mskus import __version__

        request = {
            "input_sha256": self.sha256,
            "exam": self.exam,
            "reading": self.reading,
            "settings": self.settings,
            "formats": sorted(self.formats),
            "network": _network_state(self.settings.get("network")),
            "mskus_version": __version__,
        }
        plain: dict[str, Any] = json.loads(json.dumps(request, default=str))
        return plain


def _network_state(name: Any) -> str | None:
    """SHA-256 of the card of a named network, which holds that of the file: one's own may be replaced."""
    from mskus.models import card

    try:
        return None if name is None else hashlib.sha256(card(str(name)).model_dump_json().encode()).hexdigest()
    except MskusError:
        return None  # the exam will say what is wrong


def earlier_outcomes(job: Job) -> list[Outcome] | None:
    """Rows of an earlier run of the same job whose files are all still there; None if there is none."""
    try:
        state = json.loads((job.folder / STATE_FILE).read_text(encoding="utf-8"))
        if state["request"] != job.state() or not all((job.folder / name).is_file() for name in state["files"]):
            return None
        outcomes = [Outcome.from_json(row, status="skipped", file=str(job.path)) for row in state["outcomes"]]
        # the output folder may have been moved since
        return [replace(outcome, folder=str(job.place(outcome.part))) for outcome in outcomes]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def run_job(job: Job) -> list[Outcome]:
    """Read, examine and save one input; a failure of any kind becomes a row with its reason.

    Returns:
        One row, or one a part where the depth changes on the way.
    """
    started = time.perf_counter()
    try:
        return _examined(job)
    except MskusError as error:
        reason = str(error)
    except MemoryError:
        reason = f"{job.path} needs more memory than there is; examine fewer frames with --frames."
    except Exception as error:
        reason = (
            f"{job.path} met a fault in mskus itself ({type(error).__name__}: {_one_line(error)}); please report it."
        )
    seconds = round(time.perf_counter() - started, 3)
    return [Outcome(file=str(job.path), status="failed", reason=reason, seconds=seconds)]


def _examined(job: Job) -> list[Outcome]:
    from mskus.reading import read_all
    from mskus.report.save import write_text

    (job.folder / STATE_FILE).unlink(missing_ok=True)
    clips = read_all(job.path, **job.reading)
    files: list[Path] = []
    outcomes: list[Outcome] = []
    for part, clip in enumerate(clips, start=1):
        split = len(clips) > 1
        saved, outcome = _one_clip(job, clip, part=part if split else 0)
        files.extend(saved)
        outcomes.append(outcome)
    state = {
        "request": job.state(),
        "files": [file.relative_to(job.folder).as_posix() for file in files],
        "outcomes": [outcome.to_json() for outcome in outcomes],
    }
    write_text(job.folder / STATE_FILE, json.dumps(state, indent=1))
    return outcomes


def _one_clip(job: Job, clip: Clip, *, part: int) -> tuple[list[Path], Outcome]:
    from mskus.exams import examine

    folder = job.place(part)
    started = time.perf_counter()
    findings = examine(clip, job.exam, **job.settings)
    files = findings.save(folder, formats=job.formats)
    seconds = time.perf_counter() - started
    return files, outcome_of(findings, file=str(job.path), folder=str(folder), part=part, seconds=seconds)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or "no message"
