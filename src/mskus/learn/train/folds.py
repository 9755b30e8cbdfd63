"""Cross-validation by patient: one run a fold, and a table of what they reached."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mskus.errors import LearnError
from mskus.learn.manifest import write_table
from mskus.learn.train.config import TrainConfig
from mskus.learn.train.run import TrainResult, train


def train_folds(
    config: TrainConfig, *, resume: bool = False, say: Callable[[str], None] = lambda _: None
) -> list[TrainResult]:
    """Train a network for every fold, each in its own folder ``fold0, fold1 ...`` of the output folder.

    ``scores.csv`` in the output folder holds every picture once, scored by the network that did not see its patient;
    ``folds.csv`` the figures of each fold.

    Args:
        config: with ``split.folds`` of two or more.
        resume: leave finished folds, go on with the others.
        say: takes a line a fold.

    Raises:
        LearnError: as :func:`train`; and if there are no folds.
    """
    import pandas as pd

    if config.split.folds < 2 or config.split.column is not None:
        raise LearnError("split.fold = all needs split.folds of 2 or more, and no split.column.")
    results = []
    for fold in range(config.split.folds):
        one = config.model_copy(
            update={
                "split": config.split.model_copy(update={"fold": fold}),
                "output": config.output.model_copy(update={"folder": config.output.folder / f"fold{fold}"}),
            }
        )
        results.append(train(one, resume=resume))
        figures = ", ".join(f"{name} {value:.4f}" for name, value in results[-1].metrics.items())
        say(f"fold {fold + 1} of {config.split.folds}: {figures}")
    table = pd.DataFrame([{"fold": n, **r.metrics, "epochs": r.epochs} for n, r in enumerate(results)])
    write_table(table, config.output.folder / "folds.csv")
    scores = [pd.read_csv(r.folder / "scores.csv").assign(fold=n) for n, r in enumerate(results)]
    write_table(pd.concat(scores), config.output.folder / "scores.csv")
    return results


def mean_figures(results: list[TrainResult]) -> dict[str, float]:
    """Mean over folds of every figure."""
    return {name: float(np.mean([r.metrics[name] for r in results])) for name in results[0].metrics}
