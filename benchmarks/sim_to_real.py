"""Simulator to real muscle: the same network taught by simulated, real or both pictures, judged on people not seen.

    python benchmarks/sim_to_real.py [--folds 2] [--epochs 4] [--phantoms 150]

About three minutes on two quiet cores with the defaults; more epochs make every row better.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from _results import data_root, record
from mskus.learn.train.config import checked_config
from mskus.learn.train.run import train
from mskus.statistics.estimate import bootstrap

CLASSES = {"superficial_aponeurosis": 1, "deep_aponeurosis": 2}
SIDE_PX = 128  # half of the shipped network's, for speed
SHARES = {"real pictures": 0.0, "simulated pictures": 1.0, "half of each": 0.5}


def scores_of(share: float, *, table: Path, folder: Path, asked: argparse.Namespace) -> pd.DataFrame:
    """Dice of every held-out picture, by networks that had not seen its participant."""
    parts = []
    for fold in range(asked.folds):
        given: dict[str, Any] = {
            "data": {
                "manifest": str(table),
                "classes": CLASSES,
                "size": [SIDE_PX, SIDE_PX],
                "patient": "participant",
                "intensity": "robust",
                "simulator": "muscle" if share else None,
                "simulated": asked.phantoms,
                "simulated_share": share,
            },
            "schedule": {
                "epochs": asked.epochs,
                "steps_per_epoch": asked.steps,
                # judged once, at the end: no epoch is chosen by the held-out participants
                "validate_every": asked.epochs,
                "averaging": 0.95,
                "threads": 1,
            },
            "split": {"folds": 5, "fold": fold},
            "output": {"folder": str(folder / f"{share}_{fold}"), "tensorboard": False},
        }
        out = folder / f"{share}_{fold}"
        if share:  # the phantoms are the same in all runs
            out.mkdir()
            (folder / "simulated").mkdir(exist_ok=True)
            (out / "simulated").symlink_to(folder / "simulated")
        parts.append(pd.read_csv(train(checked_config(given, source="benchmark")).folder / "scores.csv"))
        print(share, fold, parts[-1].filter(like="dice").mean().round(3).to_dict(), flush=True)
    return pd.concat(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=2, help="of five, by participant (2)")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--steps", type=int, default=50, help="of an epoch, batches of 16 (50)")
    parser.add_argument("--phantoms", type=int, default=150)
    asked = parser.parse_args()
    root = data_root() / "muscle" / "rectus_femoris_gait"
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        real = pd.read_csv(root / "manifest.csv")
        for column in ("image", "mask"):
            real[column] = [str(root / n) for n in real[column]]
        real.to_csv(folder / "real.csv", index=False)
        for said, share in SHARES.items():
            scores = scores_of(share, table=folder / "real.csv", folder=folder, asked=asked)
            row = {"taught by": said}
            for structure in CLASSES:
                dice = scores[f"dice_{structure}"].to_numpy(float)
                figure = bootstrap(lambda r, d=dice: float(np.nanmean(d[r])), scores["patient"].to_numpy())
                row[structure.replace("_", " ")] = figure.text(2)
            rows.append(row)
    record(
        "Training: from the simulator to real muscle",
        rows,
        data=f"muscle/rectus_femoris_gait (CC0), {len(scores)} held-out frames of {scores.patient.nunique()} people; "
        f"{asked.phantoms} simulated muscles",
        split=f"{asked.folds} of 5 folds by participant; intervals draw participants",
        kind="public data",
        command="python benchmarks/sim_to_real.py",
        note=f"Mean Dice. Every row is small_unet after {asked.epochs * asked.steps} steps of 16 pictures of "
        f"{SIDE_PX} px, judged once after the last step. The simulator has not been fitted to this set.",
    )


if __name__ == "__main__":
    main()
