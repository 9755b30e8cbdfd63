"""Nerve and vessel, classical roads against networks, on the same grouped 5-fold split of nerve/peripheral_blocks.

    python benchmarks/nerve.py [--roads svm,boosting] [--predictions "light network=runs/light/oof"] [--folds 01234]

A folder of predictions holds out-of-fold masks named as the pictures (8-bit PNG, 1 nerve, 2 vessel). Every classical
road learns on the training part of a fold only, where inner folds by group set its thresholds and its contour. All
classical roads take half an hour on one core; with --keep, finished ones are not run again, and two commands with
different --roads share two cores.
"""

from __future__ import annotations

import argparse
import datetime
import json
import time
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from _results import data_root, record, recorded
from mskus.learn.applications.nerve.learner import LearnerSettings
from mskus.learn.applications.nerve.localise import fit_cluster_road
from mskus.learn.applications.nerve.road import fit_nerve_road
from mskus.learn.applications.nerve.windows import Labelled, WindowSettings, describe, label_windows
from mskus.learn.manifest import class_numbers
from mskus.learn.mask_scores import score_mask, summarise
from mskus.segment.nerve_network import content, nerve_maps

NERVE, VESSEL = 1, 2
CLASSES = (NERVE, VESSEL)
SECTION = "Nerve and vessel: classical roads and networks"
SETTINGS = WindowSettings()
THRESHOLDS = (0.25, 0.5, 0.7)
LEAST_PX = 25  # specks of a drawn mask do not count as a nerve
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "nerve_classical.png"

Fit = Callable[[Sequence[Labelled]], Any]


def windowed(classifier: str, *, second_pass: bool = True, **choices: Any) -> Fit:
    """A road of windows with this classifier."""
    learner = LearnerSettings(classifier=classifier, **choices)
    return lambda examples: fit_nerve_road(examples, classes=CLASSES, learner=learner, second_pass=second_pass)


ROADS: dict[str, tuple[str, Fit]] = {
    "clusters": ("k-means, template, Chan-Vese", lambda e: fit_cluster_road(e, classes=CLASSES)),
    "bayes": ("naive Bayes", windowed("naive_bayes", selection="mrmr")),
    "neighbours": ("k nearest neighbours", windowed("k_nearest_neighbours", selection="mrmr")),
    "tree": ("decision tree", windowed("decision_tree", selection="mrmr")),
    "svm": ("support vector machine", windowed("support_vector_machine", selection="mrmr")),
    "mlp": ("multilayer perceptron", windowed("neural_network", selection="mrmr")),
    "boosting-1": ("gradient boosting, one pass", windowed("gradient_boosting", second_pass=False)),
    "boosting": ("gradient boosting", windowed("gradient_boosting")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--roads", default=",".join(ROADS), help=f"of {', '.join(ROADS)}; empty for none")
    parser.add_argument(
        "--predictions",
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="out-of-fold masks; by default those under runs/nerve",
    )
    parser.add_argument("--ships", default="", metavar="NAME", help="of the predictions: the one that the exam ships")
    parser.add_argument("--folds", default="01234", help="to run; fewer for a try (nothing is recorded then)")
    parser.add_argument(
        "--keep", type=Path, help="folder for masks and figures of finished roads; found there, not run again"
    )
    parser.add_argument("--add", action="store_true", help="rows that are recorded and not made again stay")
    asked = parser.parse_args()

    folder = data_root() / "nerve" / "peripheral_blocks"
    table = pd.read_csv(folder / "manifest.csv")
    frames = [cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE) for name in table.image]
    masks = [class_numbers(folder / name) for name in table["mask"]]
    names = [Path(name).stem for name in table.image]
    groups = table.near_duplicate_group.astype(str).tolist()
    # by the groups' numbers, as mskus train does; sorted as text they would be drawn into other folds
    parts = GroupKFold(5, shuffle=True, random_state=0).split(names, groups=table.near_duplicate_group)
    folds = [(train, test) for number, (train, test) in enumerate(parts) if str(number) in asked.folds]
    judged = sorted(int(i) for _, test in folds for i in test)

    rows: list[dict[str, Any]] = []
    roads = [name for name in asked.roads.split(",") if name]
    examples = [
        label_windows(frame, mask, group=group, classes=CLASSES, settings=SETTINGS)
        for frame, mask, group in zip(frames, masks, groups, strict=True)
        if roads
    ]
    for short in roads:
        title, fit = ROADS[short]
        kept = None if asked.keep is None else asked.keep / f"{short}-{asked.folds}.json"
        if kept is not None and kept.is_file():
            rows.append(json.loads(kept.read_text(encoding="utf-8")))
            continue
        with threadpool_limits(1):
            found, fit_s, frame_ms, road = run_road(fit, examples, frames, folds)
        row = {"road": f"classical: {title}", **figures(found, masks, names, groups)}
        rows.append(row | {"fit, s a fold": f"{fit_s:.0f}", "ms a frame": f"{frame_ms:.0f}"})
        print(rows[-1], flush=True)
        if short == "boosting":
            draw(road, frames, masks, folds[-1][1])
        if kept is not None:
            write_masks(found, names, kept.with_suffix(""))
            kept.write_text(json.dumps(rows[-1]), encoding="utf-8")
    trained = [f"{masks_of.parent.name}={masks_of}" for masks_of in sorted(Path("runs/nerve").glob("*/masks"))]
    for given in asked.predictions or trained:
        title, _, where = given.partition("=")
        found = {i: class_numbers(Path(where) / f"{names[i]}.png", shape=masks[i].shape) for i in judged}
        ships = {"ms a frame": f"{shipped_ms(frames):.0f}", "ships": "yes"} if title == asked.ships else {}
        rows.append({"road": f"network: {title}", **figures(found, masks, names, groups), **ships})
        print(rows[-1], flush=True)
    if len(folds) < 5:
        return
    names_made = {row["road"] for row in rows}
    before, table_before = recorded(SECTION)
    older = [
        row | {"ships": "" if asked.ships else row["ships"], "made": row.get("made") or before}
        for row in table_before
        if asked.add and row["road"] not in names_made
    ]
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    record(
        SECTION,
        older + [row | {"made": today} for row in rows],
        data=f"nerve/peripheral_blocks ({len(names)} pictures, CC BY 4.0, tmkand/usgra-seg)",
        split="5 folds by near-duplicate group, out-of-fold; thresholds and contours of classical roads by inner folds",
        kind="public data",
        command="python benchmarks/nerve.py --predictions NAME=DIR ...",
        note=remark([*older, *rows], asked.ships),
    )


def run_road(
    fit: Fit, examples: Sequence[Labelled], frames: Sequence[Any], folds: Sequence[tuple[Any, Any]]
) -> tuple[dict[int, Any], float, float, Any]:
    """Out-of-fold masks by picture number, mean seconds of learning a fold, median ms a frame, the last fold's road."""
    found: dict[int, Any] = {}
    learning, running = [], []
    road = None
    for train, test in folds:
        start = time.process_time()
        road = fit([examples[i] for i in train])
        learning.append(time.process_time() - start)
        for i in test:
            start = time.process_time()
            found[int(i)] = road.segment(frames[i])
            running.append(time.process_time() - start)
    return found, float(np.mean(learning)), 1000.0 * float(np.median(running)), road


def figures(found: dict[int, Any], masks: Sequence[Any], names: Sequence[str], groups: Sequence[str]) -> dict[str, Any]:
    """Dice of both classes and detection of the nerve, with intervals by near-duplicate group."""
    table = pd.DataFrame(
        {"image": names[i], "patient": groups[i], "device": "", **row}
        for i, one in found.items()
        for row in score_mask(masks[i], one, classes=CLASSES, thresholds=THRESHOLDS, least_px=LEAST_PX)
    )
    summary = summarise(table).set_index(["class", "figure"])

    def text(one: int, figure: str) -> str:
        row = summary.loc[(one, figure)]
        return f"{row.value:.2f} ({row.low:.2f} to {row.high:.2f})"

    cells = {"nerve Dice": text(NERVE, "dice"), "vessel Dice": text(VESSEL, "dice")}
    for name, one in (("nerve", NERVE), ("vessel", VESSEL)):
        cells |= {f"{name} F at IoU {t:g}": text(one, f"detection F at IoU {t:g}") for t in THRESHOLDS}
    return cells


def shipped_ms(frames: Sequence[Any], *, count: int = 30) -> float:
    """Median processor time in ms from a frame to the shipped network's probabilities."""
    chosen = [frames[i] for i in np.linspace(0, len(frames) - 1, count).astype(int)]
    took = []
    for frame in [chosen[0], *chosen]:  # the first time loads the network
        start = time.process_time()
        nerve_maps(frame[content(frame).slices][None])
        took.append(time.process_time() - start)
    return 1000.0 * float(np.median(took[1:]))


def remark(rows: Sequence[dict[str, Any]], ships: str) -> str:
    """What the table says, in words."""
    best = max(rows, key=lambda row: float(row["nerve Dice"].split()[0]))
    said = f"The exam ships *{ships}*. " if ships else ""
    return (
        f"{said}Highest nerve Dice: *{best['road']}*. A picture without a vessel in which one is invented counts as "
        "Dice 0; one where none is drawn and none found does not count. Times are processor times, median of the "
        "frames, from the frame to both masks. Nearest published nerve Dice on other data: 0.51 to 0.67."
    )


def write_masks(found: dict[int, Any], names: Sequence[str], folder: Path) -> None:
    """Masks as PNG, named as the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, one in found.items():
        cv2.imwrite(str(folder / f"{names[i]}.png"), one)


def draw(road: Any, frames: Sequence[Any], masks: Sequence[Any], test: Sequence[int]) -> None:
    """Three pictures that the road has not learned from: as drawn, votes for nerve and vessel, as found."""
    figure = Figure(figsize=(8.0, 5.4), layout="constrained")
    chosen = [int(test[k]) for k in np.linspace(2, len(test) - 3, 3).astype(int)]
    for row, i in zip(figure.subplots(3, 4), chosen, strict=True):
        windows = describe(frames[i], settings=SETTINGS)
        grey, votes = windows.frame.grey, road.confidence(windows)
        drawn = [windows.frame.cut(masks[i] == value) for value in CLASSES]
        regions = road.regions(windows)
        found = [regions == value for value in CLASSES]
        for axes, title, outlines in ((row[0], "drawn", drawn), (row[3], "found", found)):
            axes.imshow(grey, cmap="gray")
            axes.set_title(title, fontsize=8)
            for mask, colour in zip(outlines, ("#e69f00", "#56b4e9"), strict=True):
                if mask.any():
                    axes.contour(mask, [0.5], colors=[colour], linewidths=1)
        for c, title in enumerate(("votes for nerve", "votes for vessel")):
            row[1 + c].imshow(windows.at_pixels(np.ascontiguousarray(votes[..., c])), cmap="viridis", vmin=0, vmax=1)
            row[1 + c].set_title(title, fontsize=8)
        for axes in row:
            axes.set_axis_off()
    with BytesIO() as drawing:
        figure.savefig(drawing, dpi=80)
        Image.open(drawing).convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
