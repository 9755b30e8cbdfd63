"""A sheet of pictures with drawn and predicted outlines, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_DRAWN, _PREDICTED = "#56b4e9", "#e69f00"  # told apart by colour-blind readers as well


class SheetCase(NamedTuple):
    """A picture ``(H, W)`` 0-255 (None: black), the two masks ``(H, W)`` and what stands above it."""

    picture: NDArray[np.generic] | None
    truth: NDArray[np.bool_]
    predicted: NDArray[np.bool_]
    title: str


def save_mask_sheet(cases: Sequence[SheetCase], path: Path, *, columns: int = 4) -> None:
    """Draw both outlines on each picture: the drawn one blue and whole, the predicted one orange and dashed.

    Args:
        cases: in order.
        path: of the sheet; its ending says the format.
        columns: pictures in a row.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    columns = max(1, min(columns, len(cases)))
    rows = -(-len(cases) // columns)
    figure = Figure(figsize=(2.6 * columns, 2.5 * rows + 0.4), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes in panels.flat:
        axes.set_axis_off()
    for axes, case in zip(panels.flat, cases, strict=False):
        shown = np.zeros(case.truth.shape) if case.picture is None else case.picture
        axes.imshow(shown, cmap="gray", vmin=0, vmax=255)
        for mask, colour, style in ((case.truth, _DRAWN, "solid"), (case.predicted, _PREDICTED, "dashed")):
            if mask.any() and not mask.all():
                axes.contour(mask, levels=[0.5], colors=[colour], linewidths=1.1, linestyles=[style])
        axes.set_title(case.title, fontsize=7)
    key = [Line2D([], [], color=_DRAWN, label="drawn"), Line2D([], [], color=_PREDICTED, ls="--", label="predicted")]
    figure.legend(handles=key, loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    figure.savefig(path, dpi=110)
