"""Judge a comparison: rank the cells, say which differ, and correct the winner for having been chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mskus.errors import LearnError
from mskus.learn.classical.cell_result import CellResult
from mskus.learn.classical.scores import auc
from mskus.statistics import Estimate, bootstrap

if TYPE_CHECKING:
    import pandas as pd


def ranking(results: Sequence[CellResult]) -> pd.DataFrame:
    """One row a cell, best first, with its paired difference from the best."""
    import pandas as pd

    rows = []
    for place, r in enumerate(results, start=1):
        row: dict[str, Any] = {
            "rank": place,
            "preprocess": r.preprocess,
            "features": r.features,
            "selection": r.selection,
            "classifier": r.classifier,
            "columns": r.n_columns,
        }
        for prefix, scores in (("", r.scores), ("patient ", r.patient_scores)):
            for name, estimate in scores.items():
                row |= {
                    prefix + name: estimate.value,
                    f"{prefix}{name} low": estimate.low,
                    f"{prefix}{name} high": estimate.high,
                }
        if not r.failure:
            behind = auc_difference(results[0], r)
            row |= {"AUC behind best": behind.value, "behind low": behind.low, "behind high": behind.high}
        rows.append(row | {"seconds": r.seconds, "failure": r.failure})
    return pd.DataFrame(rows)


def auc_difference(first: CellResult, second: CellResult) -> Estimate:
    """Area under the curve of the first minus that of the second on the same pictures, drawing whole patients."""
    truth, p, q = np.array(first.truth), np.array(first.probabilities), np.array(second.probabilities)
    return bootstrap(lambda rows: auc(truth[rows], p[rows]) - auc(truth[rows], q[rows]), first.patients, repeats=500)


def winner_without_optimism(results: Sequence[CellResult], *, repeats: int = 500, seed: int = 0) -> Estimate:
    """Area under the curve to expect of "the best cell", corrected for having been chosen among many.

    In each draw of patients the best cell is chosen on those drawn and judged on those left out (bootstrap bias
    corrected cross-validation; Tsamardinos, Greasidou & Borboudakis 2018, Machine Learning 107:1895).

    Args:
        results: cells on the same pictures, two or more without failure.
        repeats: draws.
        seed: of the draws.

    Raises:
        LearnError: if no cell has a result.
    """
    done = [r for r in results if not r.failure]
    if not done:
        raise LearnError("No cell of the grid has a result.")
    truth, who = np.array(done[0].truth), np.array(done[0].patients)
    chances = [np.array(r.probabilities) for r in done]
    names = np.unique(who)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(repeats):
        drawn = rng.choice(names, len(names))
        inside = np.concatenate([np.flatnonzero(who == name) for name in drawn])
        outside = np.flatnonzero(~np.isin(who, drawn))
        best = int(np.argmax([np.nan_to_num(auc(truth[inside], p[inside]), nan=-1.0) for p in chances]))
        found.append(auc(truth[outside], chances[best][outside]) if len(outside) else np.nan)
    known = np.array(found)[np.isfinite(found)]
    if not len(known):
        raise LearnError("There are too few patients to correct the best cell's score for its choice.")
    low, high = np.percentile(known, [2.5, 97.5])
    return Estimate(float(known.mean()), float(low), float(high), 1.0 - len(known) / repeats)
