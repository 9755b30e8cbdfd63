"""What a reader wants first: each headline value over the clip, and the frame that stands for it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mskus.report.terms import Term, headline_stems, stem, term

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mskus.findings import Findings, Measurement


_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Headline:
    """One headline value of a clip.

    Attributes:
        name: the measurement's name with its unit.
        term: how it is shown.
        value: the clip's own value, else the median of its frames; None if it was withheld throughout.
        interval: the clip's own 95 % interval, else that of a typical frame (median low, median high).
        extent: smallest and largest value over the frames, None for a still.
        n_measured: frames with a value.
        n_withheld: frames without one.
        reasons: why values were withheld, with the number of frames, the commonest first.
        flags: warnings that travel with the values, the commonest first.
        method: how it was measured.
    """

    name: str
    term: Term
    value: float | None
    interval: tuple[float, float] | None = None
    extent: tuple[float, float] | None = None
    n_measured: int = 0
    n_withheld: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    flags: tuple[str, ...] = ()
    method: str = ""
    unit: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """Value and unit as text, ``"withheld"`` if there is none."""
        return "withheld" if self.value is None else self.term.show(self.value)

    @property
    def shown_interval(self) -> str:
        """The interval as text, empty if there is none."""
        return "" if self.interval is None else self.term.show_interval(self.interval)


def headlines(findings: Findings) -> list[Headline]:
    """The headline values of an exam, in its order; of an exam that names none, every measurement.

    A measurement in pixels stands in for one in mm of the same stem when no value in mm exists.
    """
    groups: dict[str, list[Measurement]] = {}
    for m in findings.measurements:
        groups.setdefault(m.name, []).append(m)
    wanted = headline_stems(findings.exam) or tuple(dict.fromkeys(stem(name) for name in groups))
    found: list[Headline] = []
    for want in wanted:
        versions = [_summary(name, group) for name, group in groups.items() if stem(name) == want]
        measured = [h for h in versions if h.value is not None]
        found.extend(measured or versions[:1])
    return found


def _summary(name: str, group: list[Measurement]) -> Headline:
    own = [m for m in group if m.frame is None]
    framed = [m for m in group if m.frame is not None]
    measured = [m for m in framed if m.value is not None]
    values = [m.value for m in measured if m.value is not None]
    intervals = [m.interval for m in measured if m.interval is not None]
    value, interval = None, None
    if own and (own[0].value is not None or not values):
        value, interval = own[0].value, own[0].interval
    elif values:
        value = float(np.median(values))
        if intervals:
            interval = (float(np.median([i[0] for i in intervals])), float(np.median([i[1] for i in intervals])))
    return Headline(
        name=name,
        unit=group[0].unit,
        term=term(name, group[0].unit),
        value=value,
        interval=interval,
        extent=(min(values), max(values)) if len(values) > 1 else None,
        n_measured=len(values),
        n_withheld=len(framed) - len(values),
        reasons=tuple(Counter(m.withheld or "no reason given" for m in group if m.value is None).most_common()),
        flags=merged_flags(flag for m in group for flag in m.flags),
        method=next((m.method for m in group if m.method), ""),
    )


def merged_flags(flags: Iterable[str]) -> tuple[str, ...]:
    """Flags of many frames, the commonest first; those that differ in one number become one with its range.

    Example:
        >>> merged_flags(["9 % outside", "faint", "15 % outside", "12 % outside"])
        ('9 to 15 % outside', 'faint')
    """
    kinds: dict[str, list[str]] = {}
    for flag in flags:
        kinds.setdefault(_NUMBER.sub("#", flag, count=1), []).append(flag)
    merged = []
    for kind, same in sorted(kinds.items(), key=lambda item: -len(item[1])):
        numbers = sorted({match[0] for flag in same if (match := _NUMBER.search(flag))}, key=float)
        many = f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else "".join(numbers)
        merged.append(kind.replace("#", many, 1))
    return tuple(merged)


def representative_frame(findings: Findings) -> int:
    """The frame that stands for the clip: the most headline values measured, and these closest to their medians.

    Distances are in units of each value's spread over the clip, so that mm and degrees weigh alike. With nothing
    measured it is the middle frame.
    """
    wanted = headline_stems(findings.exam)
    by_name: dict[str, dict[int, float]] = {}
    for m in findings.measurements:
        if m.frame is not None and m.value is not None and (not wanted or stem(m.name) in wanted):
            by_name.setdefault(m.name, {})[m.frame] = m.value
    if not by_name:
        return max(findings.manifest.n_frames, 1) // 2
    distance: dict[int, float] = {}
    count: Counter[int] = Counter()
    for series in by_name.values():
        values = np.array(list(series.values()))
        middle, spread = float(np.median(values)), float(np.std(values)) or 1.0
        for frame, value in series.items():
            distance[frame] = distance.get(frame, 0.0) + ((value - middle) / spread) ** 2
            count[frame] += 1
    return min(distance, key=lambda frame: (-count[frame], distance[frame], frame))
