"""Nerves as another machine might have shown them: held-out pictures with the grey levels of others.

    python benchmarks/nerve_devices.py [--runs runs/nerve/shipped]

No second machine with drawn nerves is at hand, so the held-out pictures are changed: their grey levels are brought to
those of pictures from four other machines (muscle sets), or gain, dynamic range, resolution, noise and depth gain are.
Every picture is judged by the network of the fold that has not seen it. Beside it, how many such pictures the released
network would warn of or refuse. About two minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from _results import data_root, record
from mskus import models
from mskus.enhance.harmonise.grey_curves import MatchQuantiles
from mskus.enhance.harmonise.scan import Scan
from mskus.learn import muscle_sets
from mskus.learn.datasets import read_grey
from mskus.learn.manifest import class_numbers, read_manifest
from mskus.learn.train.config import read_config
from mskus.learn.train.held_out import mean_probability, trained_network
from mskus.learn.train.split import read_split
from mskus.models.picture import NetworkInput
from mskus.statistics import bootstrap, dice, wilson

U8 = NDArray[np.uint8]
Change = Callable[[U8, np.random.Generator], U8]
FOLDS = 5
CLASSES = ("nerve", "vessel")
DONORS = 12  # pictures of each other machine


def clipped(picture: NDArray[np.floating]) -> U8:
    return np.clip(picture, 0, 255).astype(np.uint8)


def depth_gain(picture: U8, low: float, high: float) -> U8:
    return clipped(picture * np.linspace(low, high, len(picture))[:, None])


def speckled(picture: U8, rng: np.random.Generator) -> U8:
    grain = cv2.GaussianBlur(rng.standard_normal(picture.shape), (0, 0), sigmaX=2.0, sigmaY=1.0)
    return clipped(picture * (1.0 + 0.4 * grain / grain.std()))


SETTINGS: dict[str, Change] = {
    "as recorded": lambda p, _: p,
    "gain, half": lambda p, _: clipped(0.5 * p),
    "gain, one and a half": lambda p, _: clipped(1.5 * p),
    "dynamic range, gamma 0.6": lambda p, _: clipped(255.0 * (p / 255.0) ** 0.6),
    "dynamic range, gamma 1.7": lambda p, _: clipped(255.0 * (p / 255.0) ** 1.7),
    "depth gain, far end at a third": lambda p, _: depth_gain(p, 1.0, 0.33),
    "depth gain, near end at a third": lambda p, _: depth_gain(p, 0.33, 1.0),
    "wider beam (sigma 4 px across)": lambda p, _: np.asarray(cv2.GaussianBlur(p, (0, 0), sigmaX=4.0, sigmaY=1.0)),
    "more speckle": speckled,
}


def other_machines() -> dict[str, list[Scan]]:
    """Pictures of other machines, cut to the ultrasound."""
    root = data_root()
    found: dict[str, list[U8]] = {}
    for one in muscle_sets.lower_limb(root):
        found.setdefault(one.device, []).append(one.image)
    readings = sorted((root / "muscle" / "architecture_readings").rglob("*.png"))
    found["LOGIQ E9"] = [read_grey(path) for path in readings if "gastrocnemius" in str(path)]
    machines = {}
    for name, pictures in found.items():
        if len(pictures) >= DONORS:
            some = [pictures[k] for k in np.linspace(0, len(pictures) - 1, DONORS).astype(int)]
            machines[name] = [Scan(image=p.astype(np.float32)) for p in some]
    return machines


def looks_like(donors: list[Scan]) -> Change:
    """Grey levels of a random picture of that machine."""

    def change(picture: U8, rng: np.random.Generator) -> U8:
        own = Scan(image=picture.astype(np.float32))
        return clipped(MatchQuantiles.fit([own], [donors[int(rng.integers(len(donors)))]]).apply(own).image)

    return change


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("runs/nerve/shipped"))
    asked = parser.parse_args()
    if not (asked.runs / "fold0" / "best.pt").is_file():
        print(f"Skipped: {asked.runs} is missing; train the folds first, see benchmarks/nerve_shipped.yaml.")
        return
    cases = read_manifest(data_root() / "nerve" / "peripheral_blocks" / "manifest.csv", patient="near_duplicate_group")
    changes = SETTINGS | {f"grey levels of {name}": looks_like(donors) for name, donors in other_machines().items()}
    shipped = models.load("nerve")
    outlier, prepared = shipped.outlier, NetworkInput.of(shipped.card)
    assert outlier is not None
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in changes}
    strange: dict[str, list[tuple[bool, bool]]] = {name: [] for name in changes}
    groups: list[str] = []
    for fold in range(FOLDS):
        run = asked.runs / f"fold{fold}"
        config = read_config(run / "config.yaml")
        network = trained_network(run, config)
        given = NetworkInput(size=config.data.size, crop=config.data.crop, intensity=config.data.intensity)
        for case in read_split(run / "split.csv", cases).held_out:
            frame, number = read_grey(case.image), len(groups)
            box = given.box(frame)
            assert case.mask is not None
            drawn = class_numbers(case.mask, shape=frame.shape)[box.slices]
            seen = np.ascontiguousarray(frame[box.slices])
            groups.append(case.patient)
            for name, change in changes.items():
                changed = change(seen, np.random.default_rng([number, len(name)]))
                share = mean_probability(network, given.picture(changed))
                large = [cv2.resize(p, (box.w, box.h), interpolation=cv2.INTER_LINEAR) for p in share]
                best = np.where(np.max(large, axis=0) >= 0.5, np.argmax(large, axis=0) + 1, 0)
                found = [dice(drawn == value, best == value) for value in (1, 2)]
                scores[name].append((found[0], found[1]))
                features = shipped.predict_with_features(prepared.picture(changed)[None, None])[1]
                distance = float(outlier.distance(features)[0])
                strange[name].append((bool(outlier.reason(distance)), outlier.refuses(distance)))
    plain = np.array(scores["as recorded"])
    rows = []
    for name in changes:
        table, said = np.array(scores[name]), np.array(strange[name])
        row = {"pictures": name}
        for c, structure in enumerate(CLASSES):
            row[f"{structure} Dice"] = bootstrap(lambda i, t=table, c=c: float(np.nanmean(t[i, c])), groups).text(2)
        lost = bootstrap(lambda i, t=table: float(np.nanmean(plain[i, 0]) - np.nanmean(t[i, 0])), groups)
        row["nerve Dice lost"] = "" if name == "as recorded" else lost.text(2)
        row["warned of or refused"] = wilson(int(said[:, 0].sum()), len(said)).text(2)
        row["refused"] = wilson(int(said[:, 1].sum()), len(said)).text(2)
        rows.append(row)
    record(
        "Nerve: other machines, imitated",
        rows,
        data=f"nerve/peripheral_blocks, {len(groups)} pictures, changed; other machines' grey levels: the muscle sets",
        split="5 folds by near-duplicate group, out-of-fold; warnings and refusals by the released network, which has"
        " learned from the unchanged pictures",
        kind="public data",
        command="python benchmarks/nerve_devices.py",
        note="Dice at each picture's own resolution, mean of the mirrored views; a picture without a vessel in which"
        " one is invented counts 0. Training saw changes of such kinds, so this is no second machine.",
    )


if __name__ == "__main__":
    main()
