"""Plots of agreement and of ranks for a paper: Bland-Altman, critical difference."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mskus.errors import StatisticsError

if TYPE_CHECKING:
    from mskus.statistics import BlandAltman, CriticalDifference

_INK, _POINT, _BAND, _LIMIT = "#3b4754", "#1565a8", "#9cc4e6", "#d9822b"


def save_bland_altman(
    a: ArrayLike,
    b: ArrayLike,
    found: BlandAltman,
    path: Path,
    *,
    names: tuple[str, str] = ("A", "B"),
    measure: str = "value",
    patients: ArrayLike | None = None,
) -> None:
    """Differences against means, with bias and limits as lines and their 95 % intervals as bands.

    Args:
        a: ``(N,)`` values of the first reader.
        b: ``(N,)`` values of the second.
        found: of :func:`mskus.statistics.bland_altman`, of the same values.
        path: of the picture; its ending says the format (png, svg, pdf).
        names: of the readers.
        measure: what was measured, with unit.
        patients: ``(N,)`` who; the pairs of one patient share a colour where there are at most ten patients.
    """
    from matplotlib.figure import Figure

    x, y = np.asarray(a, float), np.asarray(b, float)
    known = np.isfinite(x) & np.isfinite(y)
    mean, difference = (x + y)[known] / 2.0, (x - y)[known]
    figure = Figure(figsize=(6.0, 4.0), layout="constrained")
    axes = figure.subplots()
    who = None if patients is None else np.unique(np.asarray(patients)[known], return_inverse=True)[1]
    if who is not None and who.max() < 10:
        axes.scatter(mean, difference, s=16, c=who, cmap="tab10", vmin=0, vmax=9, alpha=0.8, linewidths=0)
    else:
        axes.scatter(mean, difference, s=16, color=_POINT, alpha=0.7, linewidths=0)
    for line, colour, name in (
        (found.upper, _LIMIT, "upper limit"),
        (found.bias, _INK, "bias"),
        (found.lower, _LIMIT, "lower limit"),
    ):
        axes.axhspan(line.low, line.high, color=colour, alpha=0.12, linewidth=0)
        axes.axhline(line.value, color=colour, linewidth=1.3, linestyle="-" if name == "bias" else "--")
        axes.annotate(
            f"{name}\n{line.value:.3g}",
            (1.01, line.value),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            color=colour,
            annotation_clip=False,
        )
    axes.axhline(0, color=_INK, linewidth=0.6, linestyle=":")
    low, high = min(found.lower.low, difference.min()), max(found.upper.high, difference.max())
    room = 0.05 * max(high - low, 1e-9)
    axes.set_ylim(low - room, high + room)
    axes.set_xlabel(f"mean of {names[0]} and {names[1]}: {measure}")
    axes.set_ylabel(f"{names[0]} - {names[1]}")
    one = found.n == found.n_patients
    axes.set_title(f"{found.n} pairs{'' if one else f' of {found.n_patients} patients'}", fontsize=9, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def save_critical_difference(
    found: CriticalDifference, path: Path, *, names: Sequence[str], title: str = "", most: int = 20
) -> None:
    """Demsar's diagram: methods by mean rank, bars over those that the data cannot tell apart.

    Args:
        found: of :func:`mskus.statistics.critical_difference`.
        path: of the picture.
        names: of the methods, in the order of ``found.ranks``.
        title: above it.
        most: methods shown, the best ones.

    Raises:
        StatisticsError: if there are not as many names as methods.
    """
    from matplotlib.figure import Figure

    if len(names) != len(found.ranks):
        raise StatisticsError(f"{len(names)} names are given for {len(found.ranks)} methods.")
    order = np.argsort(found.ranks, kind="stable")[:most]
    ranks, shown = found.ranks[order], len(order)
    place = {int(method): i for i, method in enumerate(order)}
    runs = [[place[m] for m in group if m in place] for group in found.groups]
    runs = [run for run in runs if len(run) > 1]
    left_count = (shown + 1) // 2
    low, high = float(np.floor(ranks.min())), float(np.ceil(ranks.max()))
    high = max(high, low + 1.0, low + found.cd)
    first_row = 1.0 + 0.45 * len(runs)
    figure = Figure(figsize=(8.0, 1.2 + 0.26 * (first_row + left_count)), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    margin = 0.75 * (high - low)
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(first_row + left_count + 0.2, -2.2)
    axes.plot([low, high], [0, 0], color=_INK, linewidth=1)
    for tick in np.linspace(low, high, 1 + min(round(high - low), 10)):
        axes.plot([tick, tick], [-0.2, 0], color=_INK, linewidth=1)
        axes.text(tick, -0.35, f"{tick:g}" if float(tick).is_integer() else f"{tick:.1f}", ha="center", fontsize=8)
    axes.plot([low, low + found.cd], [-1.3, -1.3], color=_LIMIT, linewidth=2)
    axes.text(low + found.cd / 2, -1.5, f"critical difference {found.cd:.2f}", ha="center", fontsize=8, color=_LIMIT)
    for i, (method, rank) in enumerate(zip(order, ranks, strict=True)):
        left = i < left_count
        row = first_row + (i if left else shown - 1 - i)
        end = low - 0.05 * (high - low) if left else high + 0.05 * (high - low)
        axes.plot([rank, rank, end], [0, row, row], color=_POINT, linewidth=0.8)
        text = f"{names[int(method)]}  {rank:.2f}" if left else f"{rank:.2f}  {names[int(method)]}"
        axes.text(end, row, f" {text} ", ha="right" if left else "left", va="center", fontsize=8)
    for k, run in enumerate(runs):
        y, reach = 0.4 + 0.45 * k, 0.01 * (high - low)
        axes.plot([ranks[run[0]] - reach, ranks[run[-1]] + reach], [y, y], color=_INK, linewidth=3)
    hidden = f"; best {shown} of {len(names)} shown" if shown < len(names) else ""
    words = f"mean rank (1 is best) over {found.n}; Friedman p = {found.p:.2g}{hidden}"
    axes.set_title(f"{title}\n{words}" if title else words, fontsize=9)
    figure.savefig(path, dpi=150)
