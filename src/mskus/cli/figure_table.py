"""A table of figures with their intervals at the end of a command."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mskus.statistics import Estimate


def print_figures(frame: pd.DataFrame, *, lead: Sequence[str]) -> None:
    """Print figures: what they are of, value, 95 % interval and, where there is one, the interval by patient.

    Args:
        frame: columns ``lead``, ``value``, ``low``, ``high``; optional ``patient_bootstrap_low`` and ``_high``.
        lead: columns in front, such as ``("between", "figure")``.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from mskus.cli.tables import console

    by_patient = "patient_bootstrap_low" in frame.columns
    table = Table(box=SIMPLE_HEAD)
    for name in lead:
        table.add_column(name.capitalize())
    for name in ("Value", "95 % interval", *(["by patient"] if by_patient else [])):
        table.add_column(name, justify="right")
    for row in frame.to_dict("records"):
        cells = [*(str(row[name]) for name in lead), f"{row['value']:.4g}", interval_text(row["low"], row["high"])]
        if by_patient:
            cells.append(interval_text(row["patient_bootstrap_low"], row["patient_bootstrap_high"]))
        table.add_row(*cells)
    console().print(table)


def figure_cells(estimate: Estimate, by_patient: Estimate | None) -> dict[str, float | None]:
    """The columns of a figure: value, its interval, and the ends and skipped draws of the bootstrap by patient."""
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "patient_bootstrap_low": by_patient.low if by_patient else None,
        "patient_bootstrap_high": by_patient.high if by_patient else None,
        "draws_skipped": by_patient.skipped if by_patient else None,
    }


def interval_text(low: float | None, high: float | None) -> str:
    """``"1.2 to 3.4"``; nothing where there is no interval.

    Example:
        >>> interval_text(1.23456, 2.0), interval_text(None, None)
        ('1.235 to 2', '')
    """
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return ""
    return f"{low:.4g} to {high:.4g}"
