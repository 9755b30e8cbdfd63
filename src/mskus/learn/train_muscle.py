"""Train the muscle networks: ``python -m mskus.learn.train_muscle aponeurosis|fascicle --data DIR --out FILE``.

Without ``--leave-out`` this reproduces the shipped network; with it, a fold of the published split.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import cv2

from mskus.learn import datasets, losses, networks, sampling, training

SEED = 20240611
APONEUROSIS_SHARES = {"rectus_femoris_gait": 0.3, "lower_limb_masks": 0.45, "simulation": 0.25}


def train_aponeurosis(
    samples: Sequence[datasets.MaskSample],
    *,
    schedule: training.Schedule,
    start: Path | None = None,
    seed: int = SEED,
) -> networks.SmallUNet:
    """The aponeurosis network trained on these samples, optionally from an earlier checkpoint."""
    network = networks.seeded(networks.aponeurosis_network, seed=seed)
    if start is not None:
        training.load_weights(network, start)
    examples = sampling.MaskExamples(samples, shares=APONEUROSIS_SHARES, seed=seed)
    trained = training.fit(network, examples, loss=losses.mask_loss, schedule=schedule, seed=seed)
    assert isinstance(trained, networks.SmallUNet)
    return trained


def aponeurosis_samples(data: Path, *, simulated: Path | None) -> list[datasets.MaskSample]:
    """All labelled aponeurosis pictures: real ones and, if given, simulated ones."""
    samples = datasets.load_rectus_femoris(data) + datasets.load_lower_limb_aponeuroses(data)
    if simulated is not None:
        samples += datasets.load_simulated(simulated)
    return samples


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["aponeurosis", "fascicle"])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("MSKUS_DATA", "../shared/data")))
    parser.add_argument("--out", type=Path, required=True, help="checkpoint (.pt) or network (.onnx) to write")
    parser.add_argument("--simulated", type=Path, help="folder written by mskus.learn.simulated")
    parser.add_argument("--leave-out", action="append", default=[], help="participant:3 or device:NAME; repeatable")
    parser.add_argument("--without", action="append", default=[], help="leave out a whole set")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from")
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args(arguments)
    # OpenCV's thread pool does not survive the fork into the worker that prepares examples
    cv2.setNumThreads(0)
    schedule = training.Schedule(steps=given.steps, rate=given.rate, batch=given.batch, threads=given.threads)
    samples = aponeurosis_samples(given.data, simulated=given.simulated)
    samples = [s for s in samples if s.source not in given.without]
    if given.leave_out:
        samples, _ = datasets.leave_out(samples, given.leave_out)
    print(f"{len(samples)} training pictures")
    network = train_aponeurosis(samples, schedule=schedule, start=given.start, seed=given.seed)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    training.save_weights(network, given.out)


if __name__ == "__main__":
    main()
