"""What became of one input: measured, failed or skipped, with its headline values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from mskus.findings import Findings

Status = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True, kw_only=True)
class HeadlineValue:
    """One headline value of a clip; ``value`` is None where it was withheld throughout."""

    name: str
    unit: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n_measured: int = 0
    n_frames: int = 0
    withheld: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One row of the summary.

    Attributes:
        file: the input as the user gave it.
        status: ``"ok"``, ``"failed"`` or ``"skipped"`` (done in an earlier run).
        reason: one sentence for a failure, empty otherwise.
        part: 1, 2 ... where the input was split because its depth changes; 0 for a whole input.
        folder: where its results lie; empty for a failure.
        quality: verdict of the picture.
        n_frames: frames examined.
        seconds: time it took.
        values: headline values.
    """

    file: str
    status: Status
    reason: str = ""
    part: int = 0
    folder: str = ""
    quality: str = ""
    n_frames: int = 0
    seconds: float = 0.0
    values: tuple[HeadlineValue, ...] = field(default_factory=tuple)

    def to_json(self) -> dict[str, Any]:
        """As plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any], **changes: Any) -> Outcome:
        """From plain data; ``changes`` go before it."""
        values = tuple(HeadlineValue(**value) for value in data.get("values", ()))
        return cls(**{**data, "values": values, **changes})


def outcome_of(findings: Findings, *, file: str, folder: str, part: int, seconds: float) -> Outcome:
    """The summary row of an examined clip."""
    from mskus.report.headline import headlines

    values = tuple(
        HeadlineValue(
            name=h.name,
            unit=h.unit,
            value=h.value,
            low=h.interval[0] if h.interval else None,
            high=h.interval[1] if h.interval else None,
            n_measured=h.n_measured,
            n_frames=h.n_measured + h.n_withheld,
            withheld=h.reasons[0][0] if h.value is None and h.reasons else "",
        )
        for h in headlines(findings)
    )
    return Outcome(
        file=file,
        status="ok",
        part=part,
        folder=folder,
        quality=findings.quality.verdict,
        n_frames=findings.manifest.n_frames,
        seconds=round(seconds, 3),
        values=values,
    )
