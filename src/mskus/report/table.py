"""Findings as a table: one row a measurement and frame."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from mskus.findings import Findings

COLUMNS = ("name", "value", "unit", "low", "high", "frame", "time_s", "method", "flags", "withheld")

Cell = str | float | int | None


def measurement_rows(findings: Findings) -> Iterator[tuple[Cell, ...]]:
    """Rows in the order of the measurements, cells in the order of :data:`COLUMNS`.

    ``time_s`` is the frame's time from the clip's first frame, None for a clip's own value or an unknown frame rate;
    several flags are joined by ``"; "``.
    """
    times = findings.manifest.frame_times_s
    for m in findings.measurements:
        low, high = m.interval if m.interval is not None else (None, None)
        known = times is not None and m.frame is not None and 0 <= m.frame < len(times)
        time_s = times[m.frame] if known and times is not None and m.frame is not None else None
        yield m.name, m.value, m.unit, low, high, m.frame, time_s, m.method, "; ".join(m.flags), m.withheld


def measurement_table(findings: Findings) -> pd.DataFrame:
    """Every measurement as a row of a pandas table.

    Args:
        findings: what the exam found.

    Returns:
        Columns ``name, value, unit, low, high, frame, time_s, method, flags, withheld``; ``value``, ``low``, ``high``
        and ``time_s`` are floats (nan where there is none), ``frame`` a nullable integer.

    Example:
        >>> from mskus.findings import Findings, Measurement
        >>> m = Measurement(name="pennation_angle_deg", value=14.2, unit="deg", interval=(13.1, 15.3), frame=0)
        >>> measurement_table(Findings(exam="muscle", measurements=[m]))[["value", "low", "high"]].values.tolist()
        [[14.2, 13.1, 15.3]]
    """
    import pandas as pd

    table = pd.DataFrame(list(measurement_rows(findings)), columns=list(COLUMNS))
    return table.astype({"value": float, "low": float, "high": float, "time_s": float, "frame": "Int64"})


def measurement_csv(findings: Findings) -> str:
    """The same table as CSV text with a header line (RFC 4180, ``.`` as decimal point, empty cell for nothing)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in measurement_rows(findings):
        writer.writerow(["" if cell is None else f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row])
    return text.getvalue()
