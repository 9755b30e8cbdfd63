"""Do the nerve network's area intervals hold the truth, and what does int8 lose? On held-out folds.

    python benchmarks/uncertainty.py [--runs runs/nerve/shipped] [--write] [--int8]

``--runs`` is the folder of ``mskus train benchmarks/nerve_shipped.yaml --fold all``. Which pictures a fold's network
has not seen is read from the run itself (``split.csv``), not computed anew. ``--write`` puts the intervals on the
shipped network's card. About half a minute a fold; ``--int8`` as long again.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from _results import data_root, record
from mskus import models
from mskus.learn.interval_fit import judged_areas, measured_coverage, with_intervals
from mskus.learn.manifest import Case, read_manifest
from mskus.learn.quantise import quantise
from mskus.learn.train.release_run import read_about, release_run
from mskus.learn.train.split import read_split
from mskus.models.cards import FOLDER
from mskus.models.picture import NetworkInput
from mskus.models.uncertainty import ask_views
from mskus.statistics import calibrate_ratio

CLASSES = {"nerve": 1, "vessel": 2}
SHARES = (0.8, 0.9, 0.95)
DATA = "peripheral_blocks"
FOLDS = 5
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


def promised(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the structures whose 95 % intervals are possible: not where too many areas are of nothing."""
    kept = []
    for structure, part in table.groupby("structure"):
        rule = calibrate_ratio(part["predicted"], part["spread"], part["truth"], groups=part["patient"], share=0.95)
        if np.isfinite(rule.quantile):
            kept.append(part)
        else:
            print(f"{structure}: no interval, {(part['truth'] == 0).sum()} of {len(part)} areas are of nothing")
    return pd.concat(kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs/nerve/shipped"))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--int8", action="store_true")
    asked = parser.parse_args()
    runs = [asked.runs / f"fold{fold}" for fold in range(FOLDS)]
    if not (runs[0] / "best.pt").is_file():
        print(f"Skipped: {runs[0]} is missing; train the folds first, see benchmarks/nerve_shipped.yaml.")
        return
    cases = read_manifest(data_root() / "nerve" / DATA / "manifest.csv", patient="near_duplicate_group")
    about = read_about(Path(__file__).with_name("nerve_about.yaml"))
    folder = asked.runs / "released"
    tables, lost = [], []
    for fold, run in enumerate(runs):
        if not (run / "best.pt").is_file():
            continue
        name, split = f"nerve_fold{fold}", read_split(run / "split.csv", cases)
        release_run(run, about=about.model_copy(update={"name": name}), folder=folder)
        tables.append(areas(name, folder, split.held_out))
        if asked.int8:
            card = quantise(
                name,
                cases=split.training,
                judged=split.held_out,
                classes=CLASSES,
                folder=folder,
                data=DATA,
                most_lost=1.0,
            )
            lost += [
                {"fold": fold, "figure": s.metric, "value (95 %)": f"{s.value:.4f} ({s.low} to {s.high})"}
                for s in card.scores
            ]
    table = pd.concat(tables, ignore_index=True)
    record(
        "Uncertainty: intervals of nerve and vessel area",
        coverage_rows(table),
        data=DATA,
        split=SPLIT,
        kind="public data",
        command="python benchmarks/uncertainty.py --write --int8",
        note=f"{len(tables)} of {FOLDS} folds. Six views of each picture; split conformal, every group weighs alike.",
    )
    if lost:
        record(
            "int8: loss of Dice",
            lost,
            data=DATA,
            split="grouped 5-fold, held-out pictures that show the class",
            kind="public data",
            command="python benchmarks/uncertainty.py --write --int8",
        )
    if asked.write:
        with_intervals(models.card("nerve", folder=FOLDER), promised(table), folder=FOLDER, data=DATA)


if __name__ == "__main__":
    main()
