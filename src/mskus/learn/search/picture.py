"""A cell as a graph, and all candidates with the front of score against cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mskus.learn.search.evolution import unbeaten
from mskus.learn.search.genotype import Genotype, kind_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_COLOURS = {"down": "#b3541e", "up": "#1e6fb3", "normal": "#444444"}
_INPUTS = {"down": ("two cells before", "cell before"), "up": ("skip", "coarser cell")}
_UNITS = {"multiplications": "million multiplications a picture", "parameters": "parameters", "ms": "ms a frame"}


def draw_cells(genotype: Genotype, path: Path) -> None:
    """Both cells of a genotype as a PNG: nodes from left to right, an arrow an operation."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.1 + 1.2 * len(genotype.down)), layout="constrained")
    above, below = figure.subplots(2, 1)
    _draw_cell(above, genotype, "down")
    _draw_cell(below, genotype, "up")
    size = f"{genotype.width} features, times {genotype.growth:g} a level, {genotype.depth} cells each way"
    figure.suptitle(size, fontsize=10)
    figure.savefig(path, dpi=110)


def _draw_cell(axes: Axes, genotype: Genotype, name: Literal["down", "up"]) -> None:
    cell = genotype.cells[name]
    places = {0: (0.0, 0.75), 1: (0.0, -0.75), **{n + 2: (2.2 * (n + 1), 0.0) for n in range(len(cell))}}
    end = (2.2 * (len(cell) + 1), 0.0)
    for n, node in enumerate(cell):
        for side, edge in zip((1, -1), node, strict=True):
            kind = kind_of(name, edge.source)
            _arrow(axes, places[edge.source], places[n + 2], edge.operation, colour=_COLOURS[kind], bend=0.28 * side)
        _arrow(axes, places[n + 2], end, "", colour="#bbbbbb", bend=0.45 if n < len(cell) - 1 else 0.0)
    labels = dict(enumerate(_INPUTS[name])) | {n + 2: str(n + 2) for n in range(len(cell))}
    for number, (x, y) in places.items():
        _box(axes, x, y, labels[number])
    _box(axes, *end, "side by side")
    axes.set(xlim=(-1.0, end[0] + 0.9), ylim=(-1.7, 1.7), title=f"{name} cell")
    axes.axis("off")


def _box(axes: Axes, x: float, y: float, text: str) -> None:
    style = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": "black"}
    axes.text(x, y, text, ha="center", va="center", fontsize=9, bbox=style, zorder=3)


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], text: str, *, colour: str, bend: float
) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "connectionstyle": f"arc3,rad={-bend}", "shrinkA": 12, "shrinkB": 12}
    axes.annotate("", end, start, arrowprops=style)
    # the middle of the arc lies off the middle of the chord, square to it
    dx, dy = end[0] - start[0], end[1] - start[1]
    x, y = (start[0] + end[0]) / 2 - bend * dy / 2, (start[1] + end[1]) / 2 + bend * dx / 2
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
