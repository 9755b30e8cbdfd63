"""Architecture search: evolution against chance where the best is known, and what was found for nerves beside others.

    python benchmarks/search.py [--seeds 20] [--steps 500]

About three minutes on a quiet core. What stands at the whole schedule of the five folds is in the section of the nerve
exam; here all networks have the same short training, on the fold that the search never saw.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
import optuna
import pandas as pd

from _results import data_root, record
from mskus.learn.networks import build, parameter_count
from mskus.learn.search.config import SpaceConfig
from mskus.learn.search.evolution import AgingEvolution
from mskus.learn.search.genotype import plain_genotype, read_genotype, write_genotype
from mskus.learn.search.picture import draw_cells
from mskus.learn.train.config import checked_config
from mskus.learn.train.run import train
from mskus.statistics import bootstrap

COMMAND = "python benchmarks/search.py"
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "search_cell.png"
CHOICES = SpaceConfig().choices()
NOISE, TRIALS = 0.05, 150


def found(strategy: Literal["evolution", "random"], seed: int) -> float:
    """True score of the candidate with the highest noisy one: the share of genes that are as in a hidden target."""
    rng = np.random.default_rng([7, seed])  # not the stream that the sampler draws from
    target = {name: values[int(rng.integers(len(values)))] for name, values in CHOICES.items()}
    sampler = AgingEvolution(CHOICES, seed=seed, strategy=strategy)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    true: dict[int, float] = {}
    for _ in range(TRIALS):
        trial = study.ask()
        genes = {name: trial.suggest_categorical(name, values) for name, values in CHOICES.items()}
        true[trial.number] = float(np.mean([genes[name] == target[name] for name in genes]))
        study.tell(trial, true[trial.number] + float(rng.normal(0.0, NOISE)))
    return true[study.best_trial.number]


def known_landscape(seeds: int) -> None:
    """Both strategies on the same hidden targets."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    best = {strategy: np.array([found(strategy, s) for s in range(seeds)]) for strategy in ("evolution", "random")}
    rows = []
    for strategy, scores in best.items():
        estimate = bootstrap(lambda drawn, scores=scores: float(scores[drawn].mean()), np.arange(seeds))
        rows.append({"strategy": strategy, "genes right in the best found": estimate.text(2)})
    gain = best["evolution"] - best["random"]
    paired = bootstrap(lambda drawn: float(gain[drawn].mean()), np.arange(seeds))
    record(
        "Architecture search: evolution against chance",
        rows,
        data=f"{seeds} hidden target genotypes of {len(CHOICES)} genes; a score is the share of genes that are right, "
        f"plus noise of {NOISE}",
        split="none; intervals over targets",
        kind="phantom",
        command=COMMAND,
        note=f"{TRIALS} candidates each. Evolution minus chance, by target: {paired.text(2)}. A made landscape without "
        "traps: it shows that the search works, not that cells of networks are such a landscape.",
    )


def short_run(table: Path, out: Path, network: dict[str, Any], steps: int) -> dict[str, Any]:
    """The same short training for every network; fold 0 is held out."""
    return {
        "data": {
            "manifest": str(table),
            "patient": "near_duplicate_group",
            "classes": {"nerve": 1, "vessel": 2},
            "size": [128, 128],
            "crop": "content",
            "workers": 0,
        },
        "network": network,
        "augmentation": {"intensity": 0.3},
        "loss": {"terms": {"bce": 1, "dice": 1}},
        "schedule": {"epochs": 1, "steps_per_epoch": steps, "batch": 8, "averaging": 0.98, "threads": 1},
        "split": {"folds": 5, "fold": 0},
        "output": {"folder": str(out), "tensorboard": False},
    }


def on_nerves(steps: int) -> None:
    """The shipped genotype, its like by hand and the networks made for speed."""
    table = data_root() / "nerve" / "peripheral_blocks" / "manifest.csv"
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        by_hand = Path(folder) / "plain.json"
        write_genotype(plain_genotype(), by_hand)
        networks: dict[str, dict[str, Any]] = {
            "searched": {"name": "searched"},
            "the same cells by hand": {"name": "searched", "options": {"genotype": str(by_hand)}},
            "small_unet": {"name": "small_unet"},
            "light": {"name": "light"},
        }
        for name, network in networks.items():
            config = checked_config(short_run(table, Path(folder) / name, network, steps), source=name)
            scores = pd.read_csv(train(config).folder / "scores.csv")
            built = build(network["name"], n_classes=2, **network.get("options", {}))
            row = {"network": name, "parameters": f"{parameter_count(built) / 1e6:.2f} M"}
            for structure in ("nerve", "vessel"):
                dice = scores[f"dice_{structure}"].to_numpy()
                estimate = bootstrap(lambda drawn, dice=dice: float(np.nanmean(dice[drawn])), scores["patient"])
                row[f"Dice {structure}"] = estimate.text(3)
            rows.append(row)
    cells = read_genotype("nerve")
    record(
        "Architecture search: nerves, short training",
        rows,
        data="nerve/peripheral_blocks, 128x128 of the content box",
        split="grouped by near-duplicates, fold 0 of 5 held out: neither training nor search has seen it",
        kind="public data",
        command=COMMAND,
        note=f"{steps} steps of 8 pictures each, one run a network. Found by `mskus search "
        f"benchmarks/nerve_search.yaml`: width {cells.width}, growth {cells.growth:g}, depth {cells.depth}.",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--steps", type=int, default=500)
    asked = parser.parse_args()
    draw_cells(read_genotype("nerve"), PICTURE)
    known_landscape(asked.seeds)
    on_nerves(asked.steps)


if __name__ == "__main__":
    main()
