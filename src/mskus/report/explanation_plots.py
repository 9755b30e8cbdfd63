"""Pictures of an explanation: what counts, how it counts, and which known cases look alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

_INK, _BAR, _BAND = "#3b4754", "#1565a8", "#9cc4e6"


def save_importance(table: pd.DataFrame, path: Path, *, shown: int = 20) -> None:
    """Bars of permutation importance with the range of the shuffles.

    Args:
        table: of :func:`mskus.learn.classical.explain.permutation_importance`.
        path: of the picture.
        shown: how many of the first rows.
    """
    from matplotlib.figure import Figure

    top = table.head(shown).iloc[::-1]
    figure = Figure(figsize=(6.4, 1.1 + 0.26 * len(top)), layout="constrained")
    axes = figure.subplots()
    around = np.clip(np.abs(top[["low", "high"]].to_numpy().T - top["importance"].to_numpy()), 0, None)
    axes.barh(np.arange(len(top)), top["importance"], xerr=around, color=_BAR, ecolor=_INK, height=0.7)
    more = [f"  (+{len(others.split(', '))} alike)" if others else "" for others in top["together_with"].fillna("")]
    axes.set_yticks(np.arange(len(top)), [f + m for f, m in zip(top["feature"], more, strict=True)], fontsize=8)
    axes.axvline(0, color=_INK, linewidth=0.8)
    axes.set_xlabel("log loss gained when shuffled (nats)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def save_partial_dependence(curves: dict[str, pd.DataFrame], path: Path, *, of_class: object) -> None:
    """One panel a feature: mean probability of a class over the feature's values, with the middle 80 % of rows.

    Args:
        curves: tables of :func:`mskus.learn.classical.explain.partial_dependence` by feature.
        path: of the picture.
        of_class: the class shown.
    """
    from matplotlib.figure import Figure

    columns = min(3, len(curves))
    rows = -(-len(curves) // columns)
    figure = Figure(figsize=(2.8 * columns, 2.2 * rows + 0.3), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, (name, table) in zip(panels.flat, curves.items(), strict=False):
        one = table[table["class"] == of_class]
        axes.fill_between(one["value"], one["low"], one["high"], color=_BAND, alpha=0.6, linewidth=0)
        axes.plot(one["value"], one["probability"], color=_BAR)
        axes.set_xlabel(name, fontsize=8)
        axes.set_ylim(0, 1)
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in panels.flat[len(curves) :]:
        axes.set_visible(False)
    for row in panels:
        row[0].set_ylabel(f"P({of_class})", fontsize=8)
    figure.savefig(path, dpi=150)


def save_contact_sheet(
    rows: Sequence[Sequence[tuple[NDArray[np.generic], str]]], path: Path, *, size_px: int = 160
) -> None:
    """Pictures in rows with a line of text above each.

    Args:
        rows: ``(H, W)`` pictures 0-255 and what to write, row by row.
        path: of the sheet.
        size_px: of a picture's cell.
    """
    import cv2
    from PIL import Image, ImageDraw

    band = 14
    width = max(len(row) for row in rows)
    sheet = Image.new("L", (width * (size_px + 4), len(rows) * (size_px + band + 4)), 255)
    draw = ImageDraw.Draw(sheet)
    for r, row in enumerate(rows):
        for c, (picture, text) in enumerate(row):
            scale = size_px / max(picture.shape)
            fit = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
            small = cv2.resize(np.clip(picture, 0, 255).astype(np.uint8), fit, interpolation=cv2.INTER_AREA)
            x, y = c * (size_px + 4), r * (size_px + band + 4)
            sheet.paste(Image.fromarray(small), (x, y + band))
            draw.text((x + 1, y + 1), text[: size_px // 6], fill=0)
    sheet.save(path)
