"""Train the fascicle network: ``python -m mskus.learn.train_muscle fascicle --data DIR --out FILE``.

Without ``--leave-out`` this reproduces the shipped network; with it, a fold of the published split. Aponeurosis
networks are trained by ``mskus train benchmarks/aponeurosis.yaml``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import cv2
from torch import nn

from mskus.errors import MskusError
from mskus.learn import datasets, export, fascicle_data, losses, muscle_cards, networks, sampling, training

SEED = 20240611
# the recipe in two stages: a base on simulated muscle, shared by the folds, then tuning on what is allowed
FASCICLE_BASE = ("--steps", "1900", "--without", "lower_limb_masks")
FASCICLE_TUNING = ("--steps", "250", "--rate", "1.5e-3")
# the published networks beside ours, with as many multiplications a picture
PEER_CHANNELS = (8, 24, 48, 96)
FASCICLE_NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "small_unet": networks.fascicle_network,
    "deconv_regression": partial(networks.build, "deconv_regression", n_classes=3, channels=PEER_CHANNELS),
    "patch_regression": partial(networks.build, "patch_regression", n_classes=3, channels=PEER_CHANNELS),
}
PEER_STEPS = 300
FASCICLE_SHARES = {"lower_limb_masks": 0.6, "simulation": 0.4}


def fascicle_samples(data: Path, *, simulated: Path | None) -> list[fascicle_data.FascicleSample]:
    """All labelled fascicle pictures: real ones and, if given, simulated ones."""
    samples = fascicle_data.load_lower_limb_fascicles(data)
    if simulated is not None:
        samples += fascicle_data.load_simulated_fascicles(simulated)
    return samples


def train_fascicle(
    samples: Sequence[fascicle_data.FascicleSample],
    *,
    schedule: training.Schedule,
    name: str = "small_unet",
    start: Path | None = None,
    seed: int = SEED,
) -> nn.Module:
    """The fascicle network, or one of its peers, trained on these samples, optionally from an earlier checkpoint."""
    network = networks.seeded(FASCICLE_NETWORKS[name], seed=seed)
    if start is not None:
        training.load_weights(network, start)
    examples = sampling.FascicleExamples(samples, shares=FASCICLE_SHARES, seed=seed)
    return training.fit(network, examples, loss=losses.fascicle_loss, schedule=schedule, seed=seed)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["fascicle"])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("MSKUS_DATA", "../shared/data")))
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        help="checkpoint (.pt), or network (.onnx) with its card and checkpoint beside it",
    )
    parser.add_argument("--simulated", type=Path, help="folder written by mskus.learn.simulated")
    parser.add_argument("--leave-out", action="append", default=[], help="participant:3 or device:NAME; repeatable")
    parser.add_argument("--without", action="append", default=[], help="leave out a whole set")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from")
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--command", help="what the card names as the training command, if not this one")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--network", choices=FASCICLE_NETWORKS, default="small_unet")
    given = parser.parse_args(arguments)
    # OpenCV's thread pool does not survive the fork into the worker that prepares examples
    cv2.setNumThreads(0)
    schedule = training.Schedule(steps=given.steps, rate=given.rate, batch=given.batch, threads=given.threads)
    samples = _chosen(fascicle_samples(given.data, simulated=given.simulated), given)
    network = train_fascicle(samples, schedule=schedule, name=given.network, start=given.start, seed=given.seed)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    training.save_weights(network, given.out.with_suffix(".pt"))
    if given.out.suffix == ".onnx":
        said = given.command or " ".join(["python -m mskus.learn.train_muscle", *(arguments or sys.argv[1:])])
        release(network, samples=samples, path=given.out, command=said, seed=given.seed)


def release(
    network: nn.Module,
    *,
    samples: Sequence[fascicle_data.FascicleSample],
    path: Path,
    command: str,
    seed: int = SEED,
) -> None:
    """Write the ONNX file and its card."""
    digest = export.export_onnx(network, path, size=(192, 320), free_size=True)
    made = muscle_cards.fascicle_card(network, samples=samples, sha256=digest, command=command, seed=seed)
    export.write_card(made, path.parent)


def _chosen(
    samples: list[fascicle_data.FascicleSample], given: argparse.Namespace
) -> list[fascicle_data.FascicleSample]:
    # without the sources left out before the strata are looked up, so that a leak is a leak of what is trained on
    kept = [s for s in samples if s.source not in given.without]
    if given.leave_out:
        kept, _ = datasets.leave_out(kept, given.leave_out)
    print(f"{len(kept)} training pictures")
    return kept


if __name__ == "__main__":
    try:
        main()
    except MskusError as error:
        sys.exit(str(error))
