"""Plots of a classifier for a paper: ROC and precision-recall, calibration, confusion."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.statistics import auc, average_precision, precision_recall_curve, reliability, roc_at, roc_curve
from mskus.statistics.estimate import draws_by_group

_INK, _COLOURS = "#3b4754", ("#1565a8", "#d9822b", "#2e8b57", "#8e44ad", "#c0392b", "#7f8c8d")


def save_roc(
    labels: ArrayLike,
    scores: Mapping[str, ArrayLike],
    path: Path,
    *,
    patients: ArrayLike | None = None,
    repeats: int = 500,
) -> None:
    """ROC of each score with the pointwise 95 % band of a bootstrap by patient, and precision-recall beside it.

    Args:
        labels: ``(N,)`` 0 or 1.
        scores: ``(N,)`` each by name.
        path: of the picture; its ending says the format.
        patients: ``(N,)`` who; every row its own where not given.
        repeats: draws of the band.
    """
    from matplotlib.figure import Figure

    y = np.asarray(labels)
    who = np.arange(len(y)) if patients is None else np.asarray(patients)
    figure = Figure(figsize=(8.4, 4.1), layout="constrained")
    left, right = figure.subplots(1, 2)
    grid = np.linspace(0, 1, 201)
    for colour, (name, given) in zip(_COLOURS * len(scores), scores.items(), strict=False):
        s = np.asarray(given, float)
        drawn = [roc_at(y[i], s[i], grid) for i in draws_by_group(who, repeats=repeats) if len(np.unique(y[i])) == 2]
        if drawn and len(np.unique(who)) > 1:
            low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
            left.fill_between(grid, low, high, color=colour, alpha=0.15, linewidth=0)
        curve = roc_curve(y, s)
        left.plot(
            curve.false_positive_rate,
            curve.true_positive_rate,
            color=colour,
            linewidth=1.5,
            label=f"{name}: AUC {auc(y, s):.3f}",
        )
        both = precision_recall_curve(y, s)
        right.step(
            np.concatenate([[0], both.recall]),
            np.concatenate([both.precision[:1], both.precision]),
            color=colour,
            linewidth=1.5,
            label=f"{name}: AP {average_precision(y, s):.3f}",
        )
    left.plot([0, 1], [0, 1], color=_INK, linewidth=0.7, linestyle=":")
    right.axhline(float(y.mean()), color=_INK, linewidth=0.7, linestyle=":")
    for axes, x_label, y_label in (
        (left, "1 - specificity", "sensitivity"),
        (right, "recall (sensitivity)", "precision (PPV)"),
    ):
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel=x_label, ylabel=y_label, aspect="equal")
        axes.legend(fontsize=8, frameon=False, loc="lower right" if axes is left else "lower left")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def save_calibration(labels: ArrayLike, chances: Mapping[str, ArrayLike], path: Path, *, bins: int = 10) -> None:
    """Share that came true against the predicted chance with Wilson's intervals, and how often each chance was said.

    Args:
        labels: ``(N,)`` 0 or 1.
        chances: ``(N,)`` each by name, 0 to 1.
        path: of the picture.
        bins: of equal width.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.4, 5.2), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    edges = np.linspace(0, 1, bins + 1)
    for colour, (name, given) in zip(_COLOURS * len(chances), chances.items(), strict=False):
        p = np.asarray(given, float)
        curve = reliability(labels, p, bins=bins)
        reach = np.clip([curve.share - curve.low, curve.high - curve.share], 0, None)
        upper.errorbar(curve.chance, curve.share, yerr=reach, color=colour, marker="o", ms=4, lw=1.2, label=name)
        lower.hist(p, bins=list(edges), color=colour, alpha=0.5)
    upper.plot([0, 1], [0, 1], color=_INK, linewidth=0.7, linestyle=":")
    upper.set(ylim=(-0.02, 1.02), ylabel="share that came true")
    upper.legend(fontsize=8, frameon=False, loc="upper left")
    lower.set(xlim=(-0.02, 1.02), xlabel="predicted chance", ylabel="cases")
    for axes in (upper, lower):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def save_confusion(counts: NDArray[np.int64], classes: ArrayLike, path: Path) -> None:
    """Confusion matrix: counts, and shares of each true class as shade.

    Args:
        counts: ``(q, q)``, rows the true class.
        classes: ``(q,)`` names.
        path: of the picture.
    """
    from matplotlib.figure import Figure

    names = [str(name) for name in np.asarray(classes).tolist()]
    total = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)
    size = 2.2 + 0.55 * len(names)
    figure = Figure(figsize=(size + 0.6, size), layout="constrained")
    axes = figure.subplots()
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (i, j), count in np.ndenumerate(counts):
        colour = "white" if share[i, j] > 0.55 else _INK
        axes.text(j, i, f"{count}\n{100 * share[i, j]:.0f} %", ha="center", va="center", fontsize=9, color=colour)
    axes.set_xticks(range(len(names)), names, rotation=30 if max(map(len, names)) > 6 else 0)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted", ylabel="true")
    figure.savefig(path, dpi=150)
