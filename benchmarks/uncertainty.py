"""Do the nerve network's area intervals hold the truth, and what does int8 lose? On held-out folds.

    python benchmarks/uncertainty.py --folder FOLDER [--write] [--int8]

FOLDER holds networks of the folds, released as nerve_fold0 ... nerve_fold4 (mskus.learn.release), each trained without
its part of GroupKFold(5, shuffle=True, random_state=0) over near-duplicate groups. ``--write`` puts the intervals on
the shipped network's card. About half a minute a fold; ``--int8`` as long again.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold

from _results import data_root, record
from mskus import models
from mskus.learn.interval_fit import judged_areas, measured_coverage, with_intervals
from mskus.learn.manifest import Case, read_manifest
from mskus.learn.quantise import quantise
from mskus.models.cards import FOLDER
from mskus.models.picture import NetworkInput
from mskus.models.uncertainty import ask_views
from mskus.statistics import calibrate_ratio

CLASSES = {"nerve": 1, "vessel": 2}
SHARES = (0.8, 0.9, 0.95)
DATA = "peripheral_blocks"
SPLIT = "grouped 5-fold: areas by the network that had not seen the group; intervals calibrated on other groups again"


def areas(name: str, folder: Path, cases: list[Case]) -> pd.DataFrame:
    network = models.load(name, folder=folder)
    return judged_areas(
        lambda batch: ask_views(network, batch),
        cases=cases,
        classes=CLASSES,
        names=network.card.classes,
        given=NetworkInput.of(network.card),
    )


def coverage_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for structure, part in table.groupby("structure"):
        for share in SHARES:
            rule = calibrate_ratio(
                part["predicted"], part["spread"], part["truth"], groups=part["patient"], share=share
            )
            factor = np.exp(rule.quantile * (part["spread"].median() + rule.floor))
            rows.append(
                {
                    "area of": structure,
                    "found in": len(part),
                    "where nothing is": int((part["truth"] == 0).sum()),
                    "promised": f"{share:.2f}",
                    "held (95 %)": measured_coverage(part, share=share).text(3),
                    "median interval": f"area / {factor:.2f} to area x {factor:.2f}" if np.isfinite(factor) else "none",
                }
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("runs/nerve/released"))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--int8", action="store_true")
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        print(f"Skipped: {asked.folder} is missing; release the networks of the folds there first.")
        return
    cases = read_manifest(data_root() / "nerve" / DATA / "manifest.csv", patient="near_duplicate_group")
    folds = GroupKFold(5, shuffle=True, random_state=0).split(cases, groups=[c.patient for c in cases])
    tables, lost = [], []
    for fold, (rest, left) in enumerate(folds):
        name = f"nerve_fold{fold}"
        if name not in models.available(folder=asked.folder):
            continue
        judged = [cases[k] for k in left]
        tables.append(areas(name, asked.folder, judged))
        if asked.int8:
            card = quantise(
                name,
                cases=[cases[k] for k in rest],
                judged=judged,
                classes=CLASSES,
                folder=asked.folder,
                data=DATA,
                most_lost=1.0,
            )
            lost += [
                {"fold": fold, "figure": s.metric, "value (95 %)": f"{s.value:.4f} ({s.low} to {s.high})"}
                for s in card.scores
            ]
    if not tables:
        raise SystemExit(f"{asked.folder} holds no nerve_fold0 ... nerve_fold4; release the folds' networks there.")
    table = pd.concat(tables, ignore_index=True)
    record(
        "Uncertainty: intervals of nerve and vessel area",
        coverage_rows(table),
        data=DATA,
        split=SPLIT,
        kind="public data",
        command="python benchmarks/uncertainty.py --folder FOLDER --write --int8",
        note=f"{len(tables)} of 5 folds. Six views of each picture; split conformal, every group weighs alike.",
    )
    if lost:
        record(
            "int8: loss of Dice",
            lost,
            data=DATA,
            split="grouped 5-fold, held-out pictures that show the class",
            kind="public data",
            command="python benchmarks/uncertainty.py --folder FOLDER --write --int8",
        )
    if asked.write:
        with_intervals(models.card("nerve", folder=FOLDER), table, folder=FOLDER, data=DATA)


if __name__ == "__main__":
    main()
