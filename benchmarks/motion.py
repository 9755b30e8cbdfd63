"""Motion of the belly and the smoothing of series, against simulated contractions."""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
import pandas as pd

from _results import record
from mskus.motion import belly_motion, fuse
from mskus.simulate import simulate_muscle
from mskus.statistics import bootstrap, rmse

NOISE_DEG = 1.0  # frame-by-frame error of a fascicle angle, a little above what the exam makes on phantoms


def motion_table(n: int, n_frames: int, *, first_seed: int = 60_000) -> pd.DataFrame:
    """One row a frame: true and tracked turn of the fascicles, the series as measured and as fused."""
    rows: list[dict[str, Any]] = []
    for seed in range(first_seed, first_seed + n):
        phantom = simulate_muscle(seed=seed, n_frames=n_frames)
        frames = [phantom.clip.frame(t) for t in range(n_frames)]
        true = np.array([t.fascicle_angle_deg for t in phantom.truth])
        turns, quality, milliseconds = np.zeros(n_frames), np.ones(n_frames), np.zeros(n_frames)
        for t in range(1, n_frames):
            started = time.process_time()
            motion = belly_motion(frames[t - 1], frames[t], phantom.truth[t - 1].belly_mask)
            milliseconds[t] = 1e3 * (time.process_time() - started)
            turns[t] = motion.rotation_of_line_deg(true[t - 1], aspect=phantom.clip.aspect or 1.0)
            quality[t] = motion.quality
        measured = true + np.random.default_rng(seed).normal(0.0, NOISE_DEG, n_frames)
        series = {
            "measured": measured,
            "motion": measured[0] + np.cumsum(turns),
            "smoothed": fuse(measured, NOISE_DEG**2).value,
            "fused": fuse(measured, NOISE_DEG**2, turns, 0.15**2).value,
        }
        for t in range(1, n_frames):
            rows.append(
                {
                    "seed": seed, "true_turn": true[t] - true[t - 1], "turn": turns[t], "quality": quality[t],
                    "milliseconds": milliseconds[t], "true": true[t], **{k: v[t] for k, v in series.items()},
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    """Simulate, track, fuse, write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=20, help="contractions")
    parser.add_argument("--frames", type=int, default=40)
    args = parser.parse_args()
    table = motion_table(args.n, args.frames)

    def error(a: str, b: str) -> str:
        x, y = table[a].to_numpy(), table[b].to_numpy()
        return bootstrap(lambda i: rmse(x[i], y[i]), table.seed).text()

    true, seen = table.true_turn.to_numpy(), table.turn.to_numpy()
    share = bootstrap(lambda i: float(seen[i] @ true[i] / (true[i] @ true[i])), table.seed).text()
    rows = [
        {"what": "turn of the fascicles a frame, RMSE (deg)", "value": error("turn", "true_turn")},
        {"what": "share of the true turn that tracking sees", "value": share},
        {"what": "series as measured, RMSE (deg)", "value": error("measured", "true")},
        {"what": "motion summed from the first frame, RMSE (deg)", "value": error("motion", "true")},
        {"what": "smoothed without motion, RMSE (deg)", "value": error("smoothed", "true")},
        {"what": "fused with motion, RMSE (deg)", "value": error("fused", "true")},
        {"what": "quality, median", "value": f"{table.quality.median():.2f}"},
        {"what": "processor time a frame, median (ms)", "value": f"{table.milliseconds.median():.1f}"},
    ]
    record(
        "Motion and smoothing of series",
        rows,
        data=f"{args.n} simulated contractions of {args.frames} frames from seed 60000",
        split="nothing trained; bootstrap by contraction",
        kind="phantom",
        command="python benchmarks/motion.py",
        note=f"The series measured is the truth with independent noise of {NOISE_DEG:g} degree.",
    )


if __name__ == "__main__":
    main()
