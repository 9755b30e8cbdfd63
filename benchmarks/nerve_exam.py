"""The nerve exam's values against those of outlines by hand, and whether 95 % intervals hold them.

Every picture is measured with the network that has not seen its near-duplicate group: ``--runs`` names the five folders
that ``mskus train benchmarks/nerve_shipped.yaml --fold all`` wrote. A nerve or vessel counts where it overlaps one
drawn by hand by half (IoU .5); its values are compared with those of the same measurement on the hand's outline, in
pixels. Intervals are fitted on four folds and judged on the fifth; ``--fit`` prints the factors of all for
``mskus/exams/nerve/intervals.py``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold

import mskus
from _results import data_root, record
from mskus.exams.nerve.intervals import LEAST_DOUBT, residual
from mskus.exams.nerve.measure import NAMES, SURE, measure
from mskus.exams.nerve.settings import NerveSettings
from mskus.exams.nerve.sighting import Sighting
from mskus.exams.plane import Plane
from mskus.features.polygon import polygon_mask
from mskus.learn.train.config import read_config
from mskus.learn.train.held_out import mean_probability, trained_network
from mskus.models.picture import NetworkInput
from mskus.segment.nerve_network import CLASSES, exclusive
from mskus.segment.outlines import outlines
from mskus.statistics import bootstrap, iou

FOLDS = 5
LEAST_SHARE = NerveSettings().least_share


def fold_pictures(root: Path) -> pd.DataFrame:
    """The manifest with each picture's fold."""
    table = pd.read_csv(root / "manifest.csv")
    splits = GroupKFold(FOLDS, shuffle=True, random_state=0).split(table, groups=table.near_duplicate_group)
    for fold, (_, held_out) in enumerate(splits):
        table.loc[held_out, "fold"] = fold
    return table.astype({"fold": int})


def compared(root: Path, table: pd.DataFrame, pattern: str) -> pd.DataFrame:
    """One row a matched nerve or vessel and value: found, true, residual, doubt."""
    rows: list[dict[str, Any]] = []
    for fold, pictures in table.groupby("fold"):
        run = Path(pattern.format(fold))
        if not run.is_dir():
            raise SystemExit(
                f"{run} is not there: train the folds, or name their folders with --runs 'FOLDER/fold{{}}'."
            )
        config = read_config(run / "config.yaml")
        given = NetworkInput(size=config.data.size, crop=config.data.crop, intensity=config.data.intensity)
        network = trained_network(run, config)
        for picture in pictures.itertuples():
            clip = mskus.read(root / str(picture.image))
            frame = np.asarray(clip.frame(0))
            box = given.box(frame)
            seen = frame[box.slices]
            hand = cv2.imread(str(root / str(picture.mask)), cv2.IMREAD_UNCHANGED)[box.slices]
            maps = exclusive(mean_probability(network, given.picture(frame)))
            plane = Plane(box, (1.0, 1.0), "[px]", 0.0)
            found = _things(maps, seen.shape)
            true = _things(np.stack([(hand == k).astype(np.float32) for k in (1, 2)]), seen.shape)
            for kind in CLASSES:
                for a, b in _matched(found[kind], true[kind], seen.shape):
                    one, other = (
                        measure(kind, s, seen, plane, vessels=all_["vessel"]).values
                        for s, all_ in ((a, found), (b, true))
                    )
                    rows += [
                        {
                            "kind": kind, "name": name, "found": one[name], "true": other[name], "fold": fold,
                            "group": picture.near_duplicate_group, "residual": residual(name, one, other),
                            "doubt": a.doubt,
                        }
                        for name in NAMES[kind]
                        if name in one and name in other and name != SURE
                    ]  # fmt: skip
    return pd.DataFrame(rows)


def _things(maps: np.ndarray, size: tuple[int, ...]) -> dict[str, list[Sighting]]:
    return {
        kind: [Sighting.of(o) for o in outlines(m, size=(size[0], size[1]), least_share=LEAST_SHARE)]
        for kind, m in zip(CLASSES, maps.astype(np.float32), strict=True)
    }


def _matched(found: list[Sighting], true: list[Sighting], shape: tuple[int, ...]) -> list[tuple[Sighting, Sighting]]:
    """Pairs that overlap by half; such a pair is the only one of either."""
    masks = [[polygon_mask(s.points, shape=shape) for s in some] for some in (found, true)]
    return [(found[i], true[j]) for i, a in enumerate(masks[0]) for j, b in enumerate(masks[1]) if iou(a, b) >= 0.5]


def factor(part: pd.DataFrame) -> float:
    """Conformal 95 % quantile of the residual over the doubt."""
    ratio = np.sort(np.abs(part.residual) / (part.doubt + LEAST_DOUBT))
    rank = int(np.ceil(0.95 * (len(ratio) + 1)))
    return float(ratio[min(rank, len(ratio)) - 1])


def held(part: pd.DataFrame) -> pd.Series:
    """Whether the interval fitted without a value's fold (without its group, of one fold alone) holds it."""
    by = "fold" if part.fold.nunique() > 1 else "group"
    parts = np.asarray(part[by]) % FOLDS
    holds = pd.Series(False, index=part.index)
    for k in np.unique(parts):
        limit = factor(part[parts != k])
        own = part[parts == k]
        holds[own.index] = np.abs(own.residual) <= limit * (own.doubt + LEAST_DOUBT)
    return holds


def main() -> None:
    """Compare, fit if asked, write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", default="runs/nerve/shipped/fold{}", help="folder of each fold's training run")
    parser.add_argument("--only", type=int, help="one fold alone, for a try")
    parser.add_argument("--fit", action="store_true", help="print the factors and write nothing")
    args = parser.parse_args()
    if not Path(args.runs.format(0)).is_dir():
        print(f"Skipped: {args.runs.format(0)} is missing; train the folds first, see benchmarks/nerve_shipped.yaml.")
        return
    root = data_root() / "nerve" / "peripheral_blocks"
    table = fold_pictures(root)
    table = table if args.only is None else table[table.fold == args.only]
    values = compared(root, table, args.runs)
    if args.fit:
        for kind, of_kind in values.groupby("kind"):
            print(kind, {name: round(factor(part), 3) for name, part in of_kind.groupby("name", sort=False)})
    rows = []
    for (kind, name), part in values.groupby(["kind", "name"], sort=False):
        relative = 100.0 * (part.found - part.true) / part.true.replace(0.0, np.nan)
        known = held(part).to_numpy(float)
        share = bootstrap(lambda i, known=known: 100.0 * float(known[i].mean()), part.group)
        rows.append(
            {
                "of": kind, "value": str(name).removesuffix("_mm").removesuffix("_mm2"), "n": len(part),
                "median |error| (%)": f"{relative.abs().median():.1f}", "median error (%)": f"{relative.median():+.1f}",
                "held by its interval (%)": f"{share.value:.0f} ({share.low:.0f} to {share.high:.0f})",
                "median half-width": f"{float((factor(part) * (part.doubt + LEAST_DOUBT)).median()):.3g}",
            }
        )  # fmt: skip
    if args.fit:
        print(pd.DataFrame(rows).to_string())
        return
    record(
        "Nerve exam: values against outlines by hand",
        rows,
        data="nerve/peripheral_blocks; nerves and vessels found with IoU .5 or more",
        split="5-fold by near-duplicate group; intervals fitted on four folds and judged on the fifth",
        kind="public data",
        command="python benchmarks/nerve_exam.py",
        note="Half-widths are in the unit of the error: a logarithm for sizes (0.1 is a tenth), short diameters for "
        "depths and distances, grey levels or fractions for the rest.",
    )


if __name__ == "__main__":
    main()
