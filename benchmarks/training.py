"""Training: pictures a second beside a bare PyTorch loop, and whether a killed run reaches the same figures.

    python benchmarks/training.py [--steps 30] [--rounds 3] [--kills 3]

About three minutes on two quiet cores.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import torch
import yaml
from torch.utils.data import IterableDataset

from _results import data_root, record
from mskus.learn import networks, training
from mskus.learn.losses import SegmentationLoss
from mskus.learn.manifest import read_manifest
from mskus.learn.train.config import ScheduleConfig, TrainConfig, checked_config
from mskus.learn.train.material import gather
from mskus.learn.train.precision import arithmetic
from mskus.learn.train.run import train
from mskus.learn.train.sampler import EpochSampler

BATCH, WARM_STEPS = 16, 5
CODE = (
    "import sys; from mskus.learn.train.config import read_config; from mskus.learn.train.run import train; "
    "train(read_config(sys.argv[1]), resume='--resume' in sys.argv)"
)


class Endless(IterableDataset[Any]):
    """The very examples of a run, for the bare loop."""

    def __init__(self, config: TrainConfig, steps: int) -> None:
        self.material, self.steps = gather(config), steps

    def __iter__(self) -> Iterator[Any]:
        sampler = EpochSampler(self.material.pools, batch=BATCH, steps=self.steps, seed=0)
        return (self.material.training[draw] for draw in sampler)


def manifest(folder: Path, pictures: int) -> Path:
    """The first pictures of the nerve set, as a manifest with whole paths."""
    root = data_root() / "nerve" / "peripheral_blocks"
    table = pd.read_csv(root / "manifest.csv").head(pictures)
    for column in ("image", "mask"):
        table[column] = [str(root / name) for name in table[column]]
    table.to_csv(folder / "manifest.csv", index=False)
    return folder / "manifest.csv"


def run_of(table: Path, out: Path, **schedule: Any) -> dict[str, Any]:
    return {
        "data": {
            "manifest": str(table),
            "classes": {"nerve": 1, "vessel": 2},
            "patient": "near_duplicate_group",
            "workers": 1,
        },
        "schedule": {"batch": BATCH, "threads": 1, **schedule},
        "split": {"folds": 0},
        "output": {"folder": str(out), "tensorboard": False},
    }


class Clock:
    """When each step reached its loss; both loops call the same loss once a step."""

    def __init__(self) -> None:
        self.times: list[tuple[float, float]] = []
        self._honest = SegmentationLoss.__call__

    def __enter__(self) -> Clock:
        def timed(loss: SegmentationLoss, *given: torch.Tensor) -> torch.Tensor:
            self.times.append((time.perf_counter(), time.process_time()))
            return self._honest(loss, *given)

        SegmentationLoss.__call__ = timed  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        SegmentationLoss.__call__ = self._honest  # type: ignore[method-assign]

    @property
    def speed(self) -> np.ndarray:
        """Pictures a second on the wall's clock and on the processor's own, which other programs do not slow."""
        kept = np.array(self.times[WARM_STEPS:])
        return BATCH * (len(kept) - 1) / (kept[-1] - kept[0])


def throughput(table: Path, folder: Path, *, steps: int, rounds: int) -> np.ndarray:
    """``(rounds, 2, 2)`` pictures a second: bare loop and room in turns; wall and processor."""
    pairs = []
    for number in range(rounds):
        out = folder / f"speed{number}"
        # two epochs, so that a checkpoint is written within the time that counts
        config = checked_config(run_of(table, out, epochs=2, steps_per_epoch=steps // 2), source="benchmark")
        with Clock() as bare:
            training.fit(
                networks.build("small_unet", n_classes=2),
                Endless(config, steps),
                loss=SegmentationLoss({"bce": 5.0, "dice": 1.0}),
                schedule=training.Schedule(steps=steps, batch=BATCH),
                seed=0,
                say=lambda _: None,
            )
        with Clock() as room:
            train(config)
        pairs.append((bare.speed, room.speed))
        print(f"round {number + 1}: bare {bare.speed.round(1)}, room {room.speed.round(1)} pictures/s", flush=True)
    return np.array(pairs)


def resume(table: Path, folder: Path, *, kills: int) -> tuple[float, int]:
    """Largest difference of a figure between a whole run and one killed so often; and the epochs compared."""

    def told(name: str) -> Path:
        given = run_of(table, folder / name, epochs=4, steps_per_epoch=4, precision="32")
        given |= {"split": {"folds": 4}, "network": {"options": {"channels": [8, 16, 24]}}}
        given["data"] |= {"size": [128, 128]}
        path = folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(given))
        return path

    subprocess.run([sys.executable, "-c", CODE, str(told("whole"))], check=True)
    path, rng = told("killed"), np.random.default_rng()
    metrics = folder / "killed" / "metrics.csv"
    for kill in range(kills):
        process = subprocess.Popen([sys.executable, "-c", CODE, str(path), "--resume"], start_new_session=True)
        while process.poll() is None and (not metrics.exists() or len(pd.read_csv(metrics)) <= kill):
            time.sleep(0.02)
        time.sleep(rng.uniform(0.0, 1.0))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run([sys.executable, "-c", CODE, str(path), "--resume"], check=True)
    whole, killed = (pd.read_csv(folder / name / "metrics.csv") for name in ("whole", "killed"))
    return float((whole - killed).abs().to_numpy().max()), len(killed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=3)
    asked = parser.parse_args()
    cv2.setNumThreads(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = manifest(folder, 48)
        cases = len(read_manifest(table))
        pairs = throughput(table, folder, steps=asked.steps, rounds=asked.rounds)
        difference, epochs = resume(table, folder, kills=asked.kills)
    ratios = pairs[:, 1] / pairs[:, 0]
    rows: list[dict[str, str]] = []
    for clock, said in enumerate(("on the wall's clock", "of processor time")):
        r = ratios[:, clock]
        rows.append(
            {
                "question": f"pictures a second {said}",
                "bare loop": f"{np.median(pairs[:, 0, clock]):.1f}",
                "mskus train": f"{np.median(pairs[:, 1, clock]):.1f}",
                "ratio (lowest to highest)": f"{np.median(r):.2f} ({r.min():.2f} to {r.max():.2f})",
                "wanted": "at least 0.80",
            }
        )
    rows.append(
        {
            "question": f"largest difference of a figure after {asked.kills} kills at random, {epochs} epochs",
            "mskus train": f"{difference:.1e}",
            "wanted": "0",
        }
    )
    record(
        "Training: speed beside a bare loop, and resuming",
        rows,
        data=f"nerve/peripheral_blocks, {cases} pictures, 256x256, batches of {BATCH}, small_unet,"
        f" precision {arithmetic(ScheduleConfig())}",
        split="speed: none; resuming: one of four folds by near-duplicate group held out",
        kind="public data",
        command="python benchmarks/training.py",
        note="Both loops train the same network with the same loss, averaging, clipping and examples; the bare loop "
        "writes no checkpoints. Ranges are over rounds, not bootstrap intervals.",
    )


if __name__ == "__main__":
    main()
