"""Fibre orientation: deconvolutional regression, coarse network, wavelet bank, structure tensor and the shipped U-Net.

    python benchmarks/fascicle_network.py [--families cropped] [--phantoms 60] [--work build/folds]

Pixel by pixel on phantoms and on drawn fascicle fragments of device families that the networks have never seen, as in
Cunningham, Sánchez, May & Loram 2018 (J Imaging 4(2):29). About three minutes for the judging; folds that are not yet
in ``--work`` are trained first (a quarter of an hour a fold of the U-Net and ten minutes a peer, on two cores).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from _results import data_root, record
from mskus.features import OrientationField, gabor_orientation, structure_tensor_orientation
from mskus.features.fascicle_network import learned_orientations
from mskus.learn import datasets, evaluation, fascicle_data, simulated, train_muscle, training
from mskus.learn.evaluation import OrientationMethod
from mskus.models.cards import FOLDER, Score
from mskus.statistics import Estimate, bootstrap

FAMILIES = {
    "telemed": ("Telemed-A 660x556", "Telemed 1074x688"),
    "cropped": ("cropped 512x512 (dynamic video)",),
    "aloka": ("Aloka-like 800x652",),
}
# phantoms of these seeds were never trained on: training seeds start at one million
FIRST_PHANTOM = 80_000
SMOOTH_PX = 24.0
SHIPPED, U_NET = "network that ships", "U-Net, all steps"
LONG = "fascicle"
PEERS = {
    "deconv_regression": "deconvolutional regression, 300 steps",
    "patch_regression": "plain CNN with a coarse map, 300 steps",
    "small_unet": "U-Net, 300 steps",
}
Errors = list[NDArray[np.float64]]


def classical(method: Callable[..., OrientationField]) -> OrientationMethod:
    """A method that looks at the belly's mask only."""
    return lambda image, mask: method(image, mask=mask)


CLASSICAL = {
    "wavelet bank (log-Gabor)": classical(gabor_orientation),
    "structure tensor": classical(structure_tensor_orientation),
}


def fold_network(family: str, *, name: str, work: Path, data: Path, pictures: Path) -> OrientationMethod:
    """The network of a fold, trained if it is not there."""
    common = ["fascicle", "--data", str(data), "--simulated", str(pictures)]
    leave = [part for stratum in FAMILIES[family] for part in ("--leave-out", f"device:{stratum}")]
    fold, architecture = work / f"{name}_{family}.pt", "small_unet" if name == LONG else name
    if name == LONG:
        base = work / "fascicle_base.pt"
        if not fold.is_file() and not base.is_file():
            train_muscle.main([*common, *train_muscle.FASCICLE_BASE, "--out", str(base)])
        recipe = [*train_muscle.FASCICLE_TUNING, "--start", str(base)]
    else:
        recipe = ["--network", architecture, "--steps", str(train_muscle.PEER_STEPS)]
    if not fold.is_file():
        train_muscle.main([*common, *recipe, *leave, "--out", str(fold)])
    network = train_muscle.FASCICLE_NETWORKS[architecture]()
    training.load_weights(network, fold)
    return evaluation.network_orientation(network)


def shipped(image: NDArray[np.uint8], _: NDArray[np.bool_]) -> OrientationField:
    """The network that ships."""
    return learned_orientations(image[None])[0]


def phantoms(n: int) -> list[fascicle_data.FascicleSample]:
    """Phantoms that no network has seen."""
    made = (
        fascicle_data.phantom_sample(simulated.simulate(seed), name=str(seed))
        for seed in range(FIRST_PHANTOM, FIRST_PHANTOM + n)
    )
    return [sample for sample in made if sample is not None]


def mean_error(errors: Errors, groups: Sequence[str]) -> Estimate:
    """Mean over pictures of the mean absolute error of their pixels."""
    each = np.array([np.abs(e).mean() for e in errors])
    return bootstrap(lambda i: float(each[i].mean()), groups)


def mean_bias(errors: Errors, groups: Sequence[str]) -> Estimate:
    """Mean over pictures of the mean signed error of their pixels, positive is too steep."""
    each = np.array([e.mean() for e in errors])
    return bootstrap(lambda i: float(each[i].mean()), groups)


def once(method: OrientationMethod) -> OrientationMethod:
    """The same method, which remembers its answers."""
    known: dict[bytes, OrientationField] = {}

    def again(image: NDArray[np.uint8], mask: NDArray[np.bool_]) -> OrientationField:
        key = image.tobytes()
        if key not in known:
            known[key] = method(image, mask)
        return known[key]

    return again


def row(
    label: str, method: OrientationMethod, samples: Sequence[fascicle_data.FascicleSample], *, where: str, kind: str
) -> tuple[dict[str, Any], list[Score]]:
    """One line of the table, pixel by pixel and after smoothing over the belly, and its scores for a card."""
    groups, method = [s.group for s in samples], once(method)
    seen: Any = "labelled" if kind == "phantom" else "box"
    plain = evaluation.orientation_errors(method, samples, seen=seen)
    smooth = evaluation.orientation_errors(method, samples, seen=seen, smooth_px=SMOOTH_PX)
    found = {
        "mean error of a pixel, deg": mean_error(plain, groups),
        "smoothed over the belly, deg": mean_error(smooth, groups),
        "too steep by, deg": mean_bias(plain, groups),
    }
    cells = {metric: value.text(2) for metric, value in found.items()}
    split = "phantoms of other seeds" if kind == "phantom" else "leave one device family out"
    scores = [_score(metric, value, data=where, split=split, kind=kind) for metric, value in found.items()]
    return {"judged on": where, "pictures": len(samples), "method": label} | cells, scores


def _score(metric: str, value: Estimate, *, data: str, split: str, kind: str) -> Score:
    return Score.model_validate(
        {
            "metric": metric.removesuffix(", deg"),
            "value": round(value.value, 3),
            "low": round(value.low, 3),
            "high": round(value.high, 3),
            "unit": "deg",
            "data": data,
            "split": split,
            "kind": kind,
        }
    )


def of_fold(methods: dict[tuple[str, str], OrientationMethod], family: str) -> dict[str, OrientationMethod]:
    """The networks that have not seen that family."""
    return {label: method for (label, left_out), method in methods.items() if left_out == family}


def main() -> None:
    """Judge every method on phantoms and on held-out families."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/folds"), help="folder of the folds' checkpoints")
    parser.add_argument("--simulated", type=Path, default=Path("build/simulated"), help="of mskus.learn.simulated")
    parser.add_argument("--families", nargs="*", default=list(FAMILIES), choices=list(FAMILIES))
    parser.add_argument(
        "--peers",
        nargs="+",
        default=["cropped"],
        choices=list(FAMILIES),
        help="families that the peers are trained for",
    )
    parser.add_argument("--phantoms", type=int, default=60)
    args = parser.parse_args()
    data = data_root()
    made = phantoms(args.phantoms)
    rows, scores = [], []

    def judge(label: str, method: OrientationMethod, samples: Any, *, where: str, kind: str = "public data") -> None:
        line, marks = row(label, method, samples, where=where, kind=kind)
        rows.append(line)
        if label == SHIPPED or (label == U_NET and kind != "phantom"):
            scores.extend(marks)

    samples = fascicle_data.load_lower_limb_fascicles(data)
    folds = [(LONG, U_NET, family) for family in args.families]
    folds += [(name, label, family) for name, label in PEERS.items() for family in args.peers]
    methods = {
        (label, family): fold_network(family, name=name, work=args.work, data=data, pictures=args.simulated)
        for name, label, family in folds
    }
    judge(SHIPPED, shipped, made, where="phantoms", kind="phantom")
    for label, method in {**of_fold(methods, args.peers[0]), **CLASSICAL}.items():
        judge(label, method, made, where="phantoms", kind="phantom")
    for family in args.families:
        _, held = datasets.leave_out(samples, [f"device:{stratum}" for stratum in FAMILIES[family]])
        for label, method in {**of_fold(methods, family), **CLASSICAL}.items():
            judge(label, method, held, where=f"lower_limb_masks, {' and '.join(FAMILIES[family])}")
    record(
        "Fibre orientation, pixel by pixel",
        rows,
        data="lower_limb_masks, fascicle (Apache-2.0): drawn fragments, pixels taken as square; phantoms from seed"
        f" {FIRST_PHANTOM}",
        split="leave one device family out (both Telemed families together); phantoms: the fold without the cropped"
        " family, and the network that ships",
        kind="public data and phantom",
        command="python benchmarks/fascicle_network.py",
        note="Smoothed: confidence-weighted mean over 7.5 % of the width. Too steep: towards the fascicle's own side."
        " Asked for: under 1.5 deg on phantoms, under 3 deg on drawn fascicles. Published (Cunningham 2018, calves of"
        " eight people, one left out): about 6 deg.",
    )
    if (FOLDER / "muscle_fascicle.card.json").is_file():
        from mskus.learn import export, muscle_cards

        export.write_card(muscle_cards.with_scores("muscle_fascicle", scores, folder=FOLDER), FOLDER)


if __name__ == "__main__":
    main()
