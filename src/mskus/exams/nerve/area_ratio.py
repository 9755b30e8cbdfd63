"""Area of a nerve at one site over that at another, as wrist over forearm in carpal tunnel syndrome."""

from __future__ import annotations

import math

from mskus.errors import ExamError
from mskus.exams.nerve.measure import AREA
from mskus.findings import Findings, Measurement

_METHOD = "area at the first site over area at the second; relative errors taken for independent"


def area_ratio(
    first: Findings, second: Findings, *, nerve: str = "nerve_1", second_nerve: str | None = None
) -> Measurement:
    """Ratio of a nerve's areas in two recordings.

    Args:
        first: findings at the site of interest, such as the wrist.
        second: findings at the site it is compared with, such as the forearm.
        nerve: which nerve of the first.
        second_nerve: which of the second; that of the same name by default.

    Returns:
        ``cross_sectional_area_ratio`` with its interval; withheld where an area is, or where an area has no scale.

    Raises:
        ExamError: if one of the findings is not of the nerve exam, or has no such nerve.

    Source:
        Hobson-Webb, Massey, Juel & Sanders 2008, Clin Neurophysiol 119:1353.
    """
    areas = [_area(first, nerve), _area(second, second_nerve or nerve)]
    common = {"name": "cross_sectional_area_ratio", "unit": "1", "method": _METHOD}
    for which, area in zip(("first", "second"), areas, strict=True):
        if area.value is None:
            return Measurement(**common, value=None, withheld=f"area at the {which} site: {area.withheld}")
        if area.unit != "mm2":
            return Measurement(
                **common, value=None, withheld=f"no scale at the {which} site: pixels of two pictures do not compare"
            )
    a, b = ((area.value or 0.0) for area in areas)
    ratio = a / b
    known = None
    if areas[0].interval is not None and areas[1].interval is not None:
        (a_low, a_high), (b_low, b_high) = areas[0].interval, areas[1].interval
        down, up = (
            math.hypot(math.log(a / a_low), math.log(b_high / b)),
            math.hypot(math.log(a_high / a), math.log(b / b_low)),
        )
        known = (ratio * math.exp(-down), ratio * math.exp(up))
    return Measurement(
        **common, value=ratio, interval=known, flags=tuple(dict.fromkeys(areas[0].flags + areas[1].flags))
    )


def _area(findings: Findings, nerve: str) -> Measurement:
    """A clip's own area, else that of its only frame."""
    if findings.exam != "nerve":
        raise ExamError(f"An area ratio needs findings of the nerve exam; these are of the {findings.exam} exam.")
    stem = f"{nerve}_{AREA.removesuffix('mm2')}"
    found = findings.values(f"{stem}mm2") or findings.values(f"{stem}px2")
    if not found:
        ends = (f"_{AREA}", f"_{AREA.removesuffix('mm2')}px2")
        names = sorted({m.name.partition("_cross")[0] for m in findings.measurements if m.name.endswith(ends)})
        raise ExamError(f"There is no {nerve} in these findings; there are: {', '.join(names) or 'none'}.")
    return found[0]
