"""Does the split guard find pictures that stand on both sides, and does it leave a clean split alone?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from _results import data_root, record
from mskus.learn.manifest import load, read_manifest
from mskus.learn.split_guard import check_split
from mskus.statistics import wilson

Picture = NDArray[np.uint8]
COPIES: dict[str, Callable[[Picture], Picture]] = {
    "mirrored left to right": lambda p: p[:, ::-1],
    "upside down": lambda p: p[::-1],
    "rescaled to 60 x 80 %": lambda p: cv2.resize(p, None, fx=0.8, fy=0.6, interpolation=cv2.INTER_AREA),
    "mirrored, rescaled, gamma 0.6": lambda p: (
        255 * (cv2.resize(p[:, ::-1], None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA) / 255.0) ** 0.6
    ).astype(np.uint8),
}


def main() -> None:
    """The published split of the nerve set against its near-duplicate groups, and made copies."""
    cases = read_manifest(data_root() / "nerve" / "peripheral_blocks" / "manifest.csv")
    pictures = [load(case).image.astype(np.uint8) for case in cases]
    group = np.array([case.row["near_duplicate_group"] for case in cases])
    side = np.array([case.row["authors_split"] for case in cases])
    began = time.perf_counter()
    leaks = check_split(cases, split_column="authors_split", pictures=pictures)
    seconds = time.perf_counter() - began
    found = np.zeros((len(cases), len(cases)), bool)
    for leak in leaks:
        found[leak.rows[0] - 1, leak.rows[1] - 1] = True
    stated = np.triu((group[:, None] == group[None]) & (side[:, None] != side[None]), k=1)
    hits = int((found & stated).sum())
    rows: list[dict[str, Any]] = [
        {
            "leak": "near-duplicate pairs across the authors' split",
            "recall": wilson(hits, int(stated.sum())).text(),
            "precision": wilson(hits, int(found.sum())).text(),
        }
    ]
    # one picture of each group, so that nothing but the copies is alike; copies stand on the other side
    single = np.unique(group, return_index=True)[1]
    for name, make in COPIES.items():
        shown = [pictures[n] for n in single] + [np.ascontiguousarray(make(pictures[n])) for n in single]
        sides = [0] * len(single) + [1] * len(single)
        twice = [cases[n] for n in single] * 2
        pairs = [
            (leak.rows[0] - 1, leak.rows[1] - 1 - len(single))
            for leak in check_split(twice, folds=sides, pictures=shown)
            if leak.kind.startswith("near-duplicate")
        ]
        own = sum(i == j for i, j in pairs)
        rows.append(
            {
                "leak": f"copies {name}",
                "recall": wilson(own, len(single)).text(),
                "precision": wilson(own, len(pairs)).text(),
            }
        )
    record(
        "Split guard",
        rows,
        data="nerve/peripheral_blocks (CC BY 4.0), 244 pictures; copies made of one picture of each group",
        split="none is fitted; the authors' split is what is judged, against the column near_duplicate_group",
        kind="public data",
        command="python benchmarks/split_guard.py",
        note=f"Shares of pairs with Wilson's 95 % interval. {len(cases)} pictures are compared in {seconds:.1f} s once "
        "they are read. A pair that the guard names and the column does not may still show the same place.",
    )


if __name__ == "__main__":
    main()
