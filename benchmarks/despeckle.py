"""Despeckling filters: what they do to a phantom's speckle and edges, and what the next task gains or loses by them.

``--picture FILE`` draws the montage of the docs instead.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import _despeckle_tasks as tasks
from _results import record
from _speckle_phantom import JudgedPhantom, judged_phantom
from mskus.enhance import methods
from mskus.enhance.despeckle.judge import judge
from mskus.statistics import bootstrap

FIRST_SEED = 100  # defaults were chosen on seeds 1 and 2
COLUMNS = {
    "looks": ("equivalent looks", 2),
    "contrast_to_noise": ("contrast to noise", 2),
    "edge_merit": ("edges (FOM)", 3),
    "similarity": ("SSIM with the truth", 3),
    "structure_removed": ("structure removed (r)", 3),
    "level_shift": ("level shift", 1),
}


def phantom_scores(phantoms: list[JudgedPhantom], method: str) -> list[dict[str, float]]:
    out = []
    for p in phantoms:
        after = tasks.filtered(p.image, method)
        scores = judge(p.image, after, homogeneous=p.homogeneous, contrast=(p.cyst, p.around), reference=p.reference)
        out.append(scores.as_dict())
    return out


def milliseconds(image: np.ndarray[Any, np.dtype[np.uint8]], method: str) -> float:
    """Best of five, after compilation."""
    taken = []
    for _ in range(6):
        started = time.perf_counter()
        tasks.filtered(image, method)
        taken.append(time.perf_counter() - started)
    return 1e3 * min(taken[1:])


def verdict(made: list[tasks.Task], name: str) -> str:
    """In words, from the intervals of the paired differences."""
    helped = [task for task in made if task.effect(name).low > 0]
    found = {
        "helps": helped,
        "there better than a plain blur": [t for t in helped if t.effect(name, against=tasks.BLUR).low > 0],
        "harms": [task for task in made if task.effect(name).high < 0],
    }
    parts = [f"{word}: {', '.join(t.short for t in group)}" for word, group in found.items() if group]
    return "; ".join(parts) or "only looks different"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=6, help="speckle phantoms")
    parser.add_argument("--pictures", type=int, default=20, help="pictures of each task")
    parser.add_argument("--picture", type=Path, help="draw the montage to this PNG and stop")
    args = parser.parse_args()
    names = [tasks.NONE, tasks.BLUR, *methods("despeckle")]
    if args.picture:
        montage([tasks.NONE, *methods("despeckle")], args.picture)
        return
    phantoms = [judged_phantom(seed=FIRST_SEED + k) for k in range(args.n)]
    rows: list[dict[str, Any]] = []
    for name in names:
        scores = phantom_scores(phantoms, name)
        row: dict[str, Any] = {"filter": name}
        for column, (label, digits) in COLUMNS.items():
            values = np.array([s[column] for s in scores])
            row[label] = bootstrap(lambda i, v=values: float(v[i].mean()), np.arange(len(values))).text(digits)
        row["ms, 800x600"] = f"{milliseconds(phantoms[0].image, name):.1f}" if name != tasks.NONE else ""
        rows.append(row)
    record(
        "Despeckling on phantoms",
        rows,
        data=f"{args.n} speckle phantoms 800x600 at 60 dB (layers, fasciae, fibres, nerve, cyst, bright lesion)",
        split="defaults were chosen on two other phantoms; intervals draw phantoms",
        kind="phantom",
        command="python benchmarks/despeckle.py",
        note="The truth is the expected grey level, blurred as the picture is. Structure removed: correlation of what a"
        " filter takes away with the truth. Goal: none over 300 ms; lee, enhanced_lee, kuan, frost, gamma_map, median,"
        " wiener and bilateral under 10 ms.",
    )
    made = [
        tasks.thresholding(names, n=args.pictures),
        tasks.phantom_segmentation(names, n=args.pictures),
        tasks.traced_segmentation(names, n=args.pictures),
        tasks.pennation(names, n=args.pictures),
        tasks.texture_classification(names, n=2 * args.pictures),
    ]
    rows = []
    for name in names:
        row = {"filter": name}
        effects = [task.effect(name) for task in made]
        for task, effect in zip(made, effects, strict=True):
            if name == tasks.NONE:
                row[task.name] = f"{task.value(name):.{task.digits}f}"
            else:
                row[task.name] = (
                    f"{effect.value:+.{task.digits}f} ({effect.low:+.{task.digits}f} to {effect.high:+.{task.digits}f})"
                )
        row["verdict"] = "" if name == tasks.NONE else verdict(made, name)
        rows.append(row)
    record(
        "Despeckling before the next task",
        rows,
        data=f"{args.pictures} speckle phantoms, simulated muscles, frames of rectus_femoris_gait (CC0) and pictures of"
        f" architecture_readings (CC0) each; {2 * args.pictures} pictures of peripheral_blocks (CC BY 4.0)",
        split="phantoms and readings unseen by the networks; the traced people were seen, without a filter; nerve or"
        " vessel by 5 folds of near-duplicate groups, features and classifier learned anew under every filter",
        kind="phantom and public data",
        command="python benchmarks/despeckle.py",
        note="First row: the score without a filter. Other rows: paired difference to it, greater is better; intervals"
        " draw phantoms, people, subjects or near-duplicate groups, without correction for the number of filters. The"
        " networks learned from pictures without a filter.",
    )


def montage(names: list[str], path: Path) -> None:
    """All filters on the left half of one phantom, four in a row, the truth last."""
    phantom = judged_phantom(seed=FIRST_SEED)
    pictures = [(name, tasks.whole(tasks.filtered(phantom.image, name))) for name in names]
    pictures[0] = ("speckle", pictures[0][1])
    tiles = []
    for name, picture in [*pictures, ("truth", phantom.reference)]:
        tile = cv2.resize(picture[80:, 180:660], (204, 221), interpolation=cv2.INTER_AREA)
        tile = cv2.copyMakeBorder(tile, 22, 2, 2, 2, cv2.BORDER_CONSTANT, value=255)
        cv2.putText(tile, name, (5, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 0, 1, cv2.LINE_AA)
        tiles.append(tile)
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % 6)
    sheet = np.vstack([np.hstack(tiles[i : i + 6]) for i in range(0, len(tiles), 6)])
    # fewer grey levels keep the file small
    cv2.imwrite(str(path), (sheet // 16) * 17, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
