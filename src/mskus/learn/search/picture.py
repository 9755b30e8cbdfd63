"""A cell as a graph, and all candidates with the front of score against cost."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mskus.learn.search.evolution import unbeaten
from mskus.learn.search.genotype import Edge, Genotype, kind_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_COLOURS = {"down": "#b3541e", "up": "#1e6fb3", "normal": "#444444"}
_INPUTS = {"down": ("two cells before", "cell before"), "up": ("skip", "coarser cell")}
_UNITS = {"multiplications": "million multiplications a picture", "parameters": "parameters", "ms": "ms a frame"}


def draw_cells(genotype: Genotype, path: Path) -> None:
    """Both cells of a genotype as a PNG: nodes from left to right, an arrow an operation."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.4 * (len(genotype.down) + 1), 6.4))
    figure.subplots_adjust(left=0.01, right=0.99, bottom=0.01, top=0.9, hspace=0.12)
    above, below = figure.subplots(2, 1)
    _draw_cell(above, genotype, "down")
    _draw_cell(below, genotype, "up")
    size = f"{genotype.width} features, times {genotype.growth:g} a level, {genotype.depth} cells each way"
    figure.suptitle(size, fontsize=11)
    figure.savefig(path, dpi=110)


def _draw_cell(axes: Axes, genotype: Genotype, name: Literal["down", "up"]) -> None:
    cell = genotype.cells[name]
    places = {0: (0.0, 0.7), 1: (0.0, -0.7), **{n + 2: (2.4 * (n + 1), 0.0) for n in range(len(cell))}}
    axes.set(xlim=(-0.7, 2.4 * len(cell) + 0.4), ylim=(-2.1, 2.1))
    axes.axis("off")
    axes.set_title(f"{name} cell; its output is {', '.join(map(str, list(places)[2:]))} side by side", fontsize=10)
    for n, (a, b) in enumerate(cell):
        above = [_is_above(a, first=True), _is_above(b, first=False)]
        if a.source == b.source:
            above = [True, False]
        for edge, up in zip((a, b), above, strict=True):
            # the further an arrow goes, the wider it swings around what lies between
            between = n + 1 - max(edge.source, 1)
            swing = 0.1 if n == 0 else 0.3 + 0.55 * between
            colour = _COLOURS[kind_of(name, edge.source)]
            ends = places[edge.source], places[n + 2]
            _arrow(axes, *ends, edge.operation, colour=colour, swing=swing if up else -swing)
    labels = dict(enumerate(_INPUTS[name]))
    for number, (x, y) in places.items():
        style = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": "black"}
        axes.text(x, y, labels.get(number, str(number)), ha="center", va="center", fontsize=9, bbox=style, zorder=3)


def _is_above(edge: Edge, *, first: bool) -> bool:
    """Arrows of the upper input run above, those of the lower one below; of a node's two, one each."""
    return edge.source == 0 if edge.source < 2 else first


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], text: str, *, colour: str, swing: float
) -> None:
    """A curve whose middle lies ``swing`` above the straight line."""
    (x0, y0), (x1, y1) = axes.transData.transform([start, end])
    up = axes.transData.transform((0.0, swing))[1] - axes.transData.transform((0.0, 0.0))[1]
    bend = 2.0 * up / math.hypot(x1 - x0, y1 - y0)
    curve = f"arc3,rad={-bend}"
    style = {"arrowstyle": "-|>", "color": colour, "connectionstyle": curve, "shrinkA": 12, "shrinkB": 12}
    axes.annotate("", end, start, arrowprops=style)
    middle = ((x0 + x1) / 2 - bend * (y1 - y0) / 2, (y0 + y1) / 2 + bend * (x1 - x0) / 2)
    x, y = axes.transData.inverted().transform(middle)
    plain = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    axes.text(x, y, text, color=colour, ha="center", va="center", fontsize=8, bbox=plain, zorder=4)


def draw_front(trials: pd.DataFrame, path: Path, *, cost: str = "multiplications") -> None:
    """All candidates as a PNG: score against cost, the Pareto front joined, those given up early hollow."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 4.2), layout="constrained")
    axes = figure.subplots()
    whole = trials[trials["state"] == "complete"]
    given_up = trials[trials["state"] != "complete"]
    axes.scatter(given_up[cost], given_up["score"], facecolors="none", edgecolors="#999999", label="given up early")
    axes.scatter(whole[cost], whole["score"], color="#1e6fb3", label="trained to the end")
    front = whole.iloc[unbeaten(whole["score"].tolist(), whole[cost].tolist())].sort_values(cost)
    axes.plot(front[cost], front["score"], color="#b3541e", label="no other is better and cheaper")
    axes.set(xlabel=_UNITS[cost], ylabel="score of the short training")
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=110)
