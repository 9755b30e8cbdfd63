"""The simulator as an endless source: examples a second that reach the training, for a few ways to renew phantoms.

    python benchmarks/simulator_source.py [--phantoms 64] [--epochs 3]

About one minute on two quiet cores.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from torch.utils.data import DataLoader

from _results import record
from mskus.learn.train.config import TrainConfig, checked_config
from mskus.learn.train.material import gather
from mskus.learn.train.sampler import EpochSampler

BATCH = 16


def run_of(folder: Path, *, phantoms: int, anew: int) -> TrainConfig:
    given = {
        "data": {
            "simulator": "muscle",
            "simulated": phantoms,
            "simulated_anew": anew,
            "classes": {"superficial_aponeurosis": 1, "deep_aponeurosis": 2},
        },
        "output": {"folder": str(folder)},
    }
    return checked_config(given, source="benchmark")


def examples_a_second(config: TrainConfig, *, epochs: int, workers: int) -> list[float]:
    """Of every epoch after the first, in which all phantoms are new in any case."""
    material = gather(config)
    steps = config.data.simulated // BATCH
    sampler = EpochSampler(material.pools, batch=BATCH, steps=steps, seed=0)
    loader = DataLoader(
        material.training,
        batch_size=BATCH,
        sampler=sampler,
        num_workers=workers,
        persistent_workers=workers > 0,
        worker_init_fn=lambda _: cv2.setNumThreads(0),
    )
    speeds = []
    for epoch in range(epochs + 1):
        sampler.set_epoch(epoch)
        started, seen = time.perf_counter(), 0
        for image, *_ in loader:
            seen += len(image)
        speeds.append(seen / (time.perf_counter() - started))
    return speeds[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phantoms", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=3)
    asked = parser.parse_args()
    cv2.setNumThreads(0)
    rows, base = [], {}
    for share in (0.0, 0.25, 1.0):
        row = {"phantoms renewed in an epoch": f"{100 * share:.0f} %"}
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as name:
                config = run_of(Path(name), phantoms=asked.phantoms, anew=round(share * asked.phantoms))
                speeds = examples_a_second(config, epochs=asked.epochs, workers=workers)
            middle = float(np.median(speeds))
            base.setdefault(workers, middle)
            row[f"examples a second, {workers} worker(s)"] = f"{middle:.0f} ({min(speeds):.0f} to {max(speeds):.0f})"
            row[f"ratio to kept phantoms, {workers} worker(s)"] = f"{middle / base[workers]:.2f}"
        rows.append(row)
        print(row, flush=True)
    record(
        "Simulator as an endless source",
        rows,
        data=f"muscle simulator, windows of {asked.phantoms} phantoms, 256x256, batches of {BATCH}",
        split="none",
        kind="phantom",
        command="python benchmarks/simulator_source.py",
        note="Examples that leave the loader, augmented, without any training; ranges are over epochs.",
    )


if __name__ == "__main__":
    main()
