"""Direction of drawn fascicle fragments on device families that the network has never seen, against classical methods.

Folds that are not yet in ``--work`` are trained first: a base on simulated muscle alone, then a fine tuning on the
families that the fold may see.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from _results import data_root, record
from mskus.features import OrientationField, gabor_orientation, structure_tensor_orientation
from mskus.learn import datasets, evaluation, fascicle_data, networks, train_muscle, training
from mskus.learn.fascicle_data import FascicleSample
from mskus.models.cards import FOLDER, Score
from mskus.statistics import Estimate, bootstrap

FAMILIES = ("Aloka-like 800x652", "Telemed 1074x688", "Telemed-A 660x556", "cropped 512x512 (dynamic video)")
Errors = list[NDArray[np.float64]]
METHODS: dict[str, Callable[..., OrientationField]] = {
    "Gabor bank": gabor_orientation,
    "structure tensor": structure_tensor_orientation,
}


def fold_network(families: Sequence[str], *, work: Path, data: Path, simulated: Path) -> networks.SmallUNet:
    """The network of a fold, trained if it is not there."""
    common = ["fascicle", "--data", str(data), "--simulated", str(simulated)]
    base, fold = work / "fascicle_base.pt", work / f"fascicle_{families[0].split()[0].split('-')[0].lower()}.pt"
    if not base.is_file():
        train_muscle.main([*common, *train_muscle.FASCICLE_BASE, "--out", str(base)])
    if not fold.is_file():
        leave = [part for family in families for part in ("--leave-out", f"device:{family}")]
        train_muscle.main([*common, *train_muscle.FASCICLE_TUNING, "--start", str(base), *leave, "--out", str(fold)])
    network = networks.fascicle_network()
    training.load_weights(network, fold)
    return network


def classical_errors(method: Callable[..., OrientationField], samples: Sequence[FascicleSample]) -> Errors:
    """As :func:`evaluation.fragment_errors`; the method sees the box that holds the fragments."""
    out = []
    for sample in samples:
        height, width = sample.image.shape
        size = (320, max(16, round(height / width * 20) * 16))
        x, y, w, h = sample.belly
        box = np.zeros((height, width), np.uint8)
        box[max(0, y - 5) : y + h + 5, max(0, x - 5) : x + w + 5] = 1
        image = cv2.resize(sample.image, size, interpolation=cv2.INTER_AREA)
        mask = cv2.resize(box, size, interpolation=cv2.INTER_NEAREST) > 0
        drawn = cv2.resize(sample.angle_deg.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
        field = method(image, mask=mask)
        known = np.isfinite(drawn)
        out.append((field.angle_deg[known].astype(np.float64) - drawn[known] + 90.0) % 180.0 - 90.0)
    return out


def figures(errors: Errors, groups: Sequence[str]) -> dict[str, Estimate]:
    """Median absolute error of the pixels and of the pictures' own medians."""
    middle = np.array([np.median(e) for e in errors])

    def pixels(rows: NDArray[np.intp]) -> float:
        return float(np.median(np.abs(np.concatenate([errors[int(i)] for i in rows]))))

    return {
        "median |error| of fragment pixels, deg": bootstrap(pixels, groups, repeats=300),
        "median |error| of a picture, deg": bootstrap(lambda i: float(np.median(np.abs(middle[i]))), groups),
        "median signed error, deg": bootstrap(lambda i: float(np.median(middle[i])), groups),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/folds"), help="folder of the folds' checkpoints")
    parser.add_argument("--simulated", type=Path, default=Path("build/simulated"), help="of mskus.learn.simulated")
    args = parser.parse_args()
    data = data_root()
    samples = fascicle_data.load_lower_limb_fascicles(data)
    rows: list[dict[str, Any]] = []
    scores: list[Score] = []
    for family in FAMILIES:
        out = [f for f in FAMILIES if f.startswith("Telemed")] if family.startswith("Telemed") else [family]
        network = fold_network(out, work=args.work, data=data, simulated=args.simulated)
        _, held = datasets.leave_out(samples, [f"device:{family}"])
        groups = [s.group for s in held]
        by_method = {"network": evaluation.fragment_errors(network, held)}
        by_method |= {name: classical_errors(method, held) for name, method in METHODS.items()}
        for name, errors in by_method.items():
            found = figures(errors, groups)
            rows.append({"held out": family, "pictures": len(held), "method": name})
            rows[-1] |= {metric: value.text(2) for metric, value in found.items()}
            if name == "network":
                scores += [_score(metric, value, family) for metric, value in found.items()]
    record(
        "Fascicle network, unseen device families",
        rows,
        data="lower_limb_masks, fascicle (Apache-2.0): direction of the drawn fragments, pixels taken as square",
        split="leave one device family out (both Telemed families together)",
        kind="public data",
        command="python benchmarks/fascicle_network.py",
        note="Only fragments that were drawn count; intervals draw near-duplicate groups.",
    )
    if (FOLDER / "muscle_fascicle.card.json").is_file():
        from mskus.learn import export, muscle_cards

        export.write_card(muscle_cards.with_scores("muscle_fascicle", scores, folder=FOLDER), FOLDER)


def _score(metric: str, value: Estimate, family: str) -> Score:
    name, unit = metric.rsplit(", ", 1)
    return Score(
        metric=name,
        value=round(value.value, 3),
        low=round(value.low, 3),
        high=round(value.high, 3),
        unit=unit,
        data=f"lower_limb_masks, {family}",
        split="leave one device family out",
        kind="public data",
    )


if __name__ == "__main__":
    main()
