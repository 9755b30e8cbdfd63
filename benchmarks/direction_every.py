"""Fascicle direction looked for in every frame, or carried by the motion between: what it costs and what it saves.

    python benchmarks/direction_every.py [-n 10] [--frames 30]

About a minute a contraction.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import pandas as pd

import mskus
from _results import record
from mskus.simulate import simulate_muscle
from mskus.statistics import bootstrap

NAME = "pennation_angle_deg"
EVERY = (1, 2, 3, 4)


def contraction(seed: int, frames: int) -> list[dict[str, Any]]:
    """One row a frame and setting: error, and error about the clip's own mean."""
    phantom = simulate_muscle(seed=seed, n_frames=frames)
    rows = []
    for every in EVERY:
        started = time.process_time()
        findings = mskus.examine(phantom.clip, "muscle", direction_every=every, perturbed_frames=1)
        milliseconds = 1e3 * (time.process_time() - started) / frames
        values = {m.frame: m.value for m in findings.measurements if m.name == NAME and m.frame is not None}
        error = np.array([np.nan if (v := values[t]) is None else v for t in range(frames)], float)
        error -= [truth.measurements[NAME] for truth in phantom.truth]
        within = error - np.nanmean(error) if np.isfinite(error).any() else error
        rows += [
            {"seed": seed, "every": every, "error": e, "within": w, "ms": milliseconds}
            for e, w in zip(error, within, strict=True)
        ]
    return rows


def main() -> None:
    """Simulate, examine with every setting, write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=10, help="contractions")
    parser.add_argument("--frames", type=int, default=30)
    args = parser.parse_args()
    contraction(69_999, 8)  # compiles and loads
    table = pd.DataFrame([row for k in range(args.n) for row in contraction(70_000 + k, args.frames)])
    reference = table[table.every == 1].groupby("seed").ms.first()
    rows = []
    for every, part in table.groupby("every"):
        seen = part[np.isfinite(part.error)]
        errors = {c: seen[c].to_numpy(float) for c in ("error", "within")}
        mean_square = {
            c: bootstrap(lambda i, e=e: float(np.sqrt(np.mean(e[i] ** 2))), seen.seed).text(2)
            for c, e in errors.items()
        }
        share = (part.groupby("seed").ms.first() / reference).median()
        rows.append(
            {
                "direction looked for in every ... frame": str(every),
                "frames measured": f"{len(seen)} of {len(part)}",
                "pennation RMSE (deg)": mean_square["error"],
                "about the clip's mean error (deg)": mean_square["within"],
                "processor time of the exam, share of every frame's": f"{share:.2f}",
            }
        )
    record(
        "Muscle exam: fascicle direction carried by the motion",
        rows,
        data=f"{args.n} simulated contractions of {args.frames} frames from seed 70000",
        split="nothing trained; bootstrap by contraction",
        kind="phantom",
        command="python benchmarks/direction_every.py",
    )


if __name__ == "__main__":
    main()
