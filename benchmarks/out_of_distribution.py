"""Does the nerve network know pictures that are not its own: AUROC, shares warned of and refused by kind of picture.

    python benchmarks/out_of_distribution.py [--model nerve] [--folder FOLDER] [--count 40]

Pictures of the right kind are those whose distances lie with the network: left out of its Gaussian when it was
released. About a minute.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from _results import data_root, record
from mskus import models
from mskus.learn.datasets import read_grey
from mskus.models.picture import NetworkInput
from mskus.simulate import simulate_muscle, simulate_nerve
from mskus.simulate.bad_pictures import white_noise
from mskus.statistics import delong_auc, wilson

U8 = NDArray[np.uint8]
OTHER_PARTS = {
    "muscle, rectus femoris lengthwise": "muscle/rectus_femoris_gait/images",
    "muscle, lower leg lengthwise (several devices)": "muscle/lower_limb_masks/images",
    "muscle, panorama": "muscle/vastus_panorama",
    "infant hip": "hip/standard_plane/images",
    "bone, cadaver leg": "bone/lower_limb_unlabelled",
}
RNG = np.random.default_rng(0)
CORRUPTED: dict[str, Callable[[U8], U8]] = {
    "nerve, blurred (sigma 6 px)": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 6.0), np.uint8),
    "nerve, noise (40 grey levels)": lambda p: np.clip(p + RNG.normal(0, 40, p.shape), 0, 255).astype(np.uint8),
    "nerve, gain a quarter": lambda p: (0.25 * p).astype(np.uint8),
    "nerve, grey levels inverted": lambda p: np.asarray(255 - p, np.uint8),
    "nerve, upside down": lambda p: p[::-1].copy(),
    "nerve, turned by 90 degrees": lambda p: np.rot90(p).copy(),
    "nerve, half in shadow": lambda p: np.where(np.arange(p.shape[1]) < p.shape[1] // 2, p // 8, p).astype(np.uint8),
}


def evenly(folder: Path, count: int) -> list[Path]:
    """``count`` pictures of a folder, evenly in the order of their names."""
    paths = sorted(p for p in folder.rglob("*.png") if p.parent.name != "masks")
    return [paths[k] for k in np.unique(np.linspace(0, len(paths) - 1, min(count, len(paths))).astype(int))]


def kinds(count: int) -> Iterator[tuple[str, list[U8]]]:
    """Kinds of pictures that are not those of the network."""
    root = data_root()
    for name, folder in OTHER_PARTS.items():
        yield name, [read_grey(path) for path in evenly(root / folder, count)]
    yield "phantom, muscle", [simulate_muscle(seed=seed).image for seed in range(min(count, 10))]
    yield "phantom, nerve", [simulate_nerve(seed=seed).image for seed in range(min(count, 10))]
    own = [read_grey(path) for path in evenly(root / "nerve" / "peripheral_blocks" / "images", count)]
    for name, change in CORRUPTED.items():
        yield name, [change(picture) for picture in own]
    yield "white noise", [white_noise(np.random.default_rng(seed)) for seed in range(min(count, 10))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="nerve")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--count", type=int, default=40)
    asked = parser.parse_args()
    network = models.load(asked.model, folder=asked.folder)
    outlier, given = network.outlier, NetworkInput.of(network.card)
    if outlier is None:
        raise SystemExit(f"{asked.model} was released without features.")
    rows = []
    for name, frames in kinds(asked.count):
        batches = (np.stack([given.picture(f)]) for f in frames)
        features = np.concatenate([network.predict_with_features(batch[None])[1] for batch in batches])
        distance = outlier.distance(features)
        labels = np.repeat([0, 1], [len(outlier.seen), len(distance)])
        area = delong_auc(labels, np.concatenate([outlier.seen, distance]))
        beyond = [wilson(int((distance > end).sum()), len(distance)) for end in (outlier.limit, outlier.refusal)]
        rows.append(
            {
                "pictures": name,
                "n": len(frames),
                "AUROC (95 %)": area.text(3),
                "warned of or refused (95 %)": beyond[0].text(2),
                "refused (95 %)": beyond[1].text(2),
                "median distance": f"{np.median(distance):.1f}",
            }
        )
    kept = wilson(int((outlier.seen <= outlier.limit).sum()), len(outlier.seen))
    refused = wilson(int((outlier.seen > outlier.refusal).sum()), len(outlier.seen))
    record(
        f"Out of distribution: {asked.model}",
        rows,
        data="peripheral_blocks (right kind) against other public sets, simulated and corrupted pictures",
        split=(
            f"{len(outlier.seen)} pictures of the right kind, left out of the Gaussian group by group; a network that"
            " was trained on all of them has seen them"
        ),
        kind="public data, phantom",
        command="python benchmarks/out_of_distribution.py",
        note=(
            f"Warned of from {outlier.limit:.1f}, refused from {outlier.refusal:.1f}; median of the right kind"
            f" {np.median(outlier.seen):.1f}, of which {kept.text(2)} are kept without a warning and {refused.text(2)}"
            " refused (these set the limits). Intervals: DeLong and Wilson, every picture on its own."
            " Corrupted pictures are changed copies of the right kind."
        ),
    )


if __name__ == "__main__":
    main()
