"""Muscle architecture against simulated truth: random anatomies, square and unequal pixels."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

import mskus
from _error_parts import parts_columns
from _results import record
from mskus.simulate import random_scanner, simulate_muscle
from mskus.statistics import bias, bootstrap, coverage, rmse

MEASURES = {
    "muscle_thickness_mean_mm": ("thickness (mm)", "RMSE < 0.3 mm"),
    "pennation_angle_deg": ("pennation (deg)", "RMSE < 1 deg"),
    "fascicle_length_mm": ("fascicle length, curved (%)", "RMSE < 3 %"),
    "fascicle_length_straight_mm": ("fascicle length, straight (%)", "RMSE < 3 %"),
}


def phantom_table(n: int, *, first_seed: int = 50_000, parts: bool = False, **settings: Any) -> pd.DataFrame:
    """One row an anatomy: aspect, and of every measure the value, interval and truth."""
    rows = []
    for seed in range(first_seed, first_seed + n):
        rng = np.random.default_rng(seed)
        unequal = seed % 2 == 1
        scanner = random_scanner(rng)
        if not unequal:
            mm_per_px = max(scanner.width_mm, scanner.depth_mm) / max(scanner.size_px)
            size = (round(scanner.depth_mm / mm_per_px), round(scanner.width_mm / mm_per_px))
            scanner = replace(scanner, size_px=size)
        phantom = simulate_muscle(seed=seed, scanner=scanner)
        findings = mskus.examine(phantom.clip, "muscle", **settings)
        named = {m.name: m for m in findings.measurements if m.frame == 0}
        row: dict[str, Any] = {"seed": seed, "unequal": unequal, "withheld": named["fascicle_length_mm"].withheld}
        for name in MEASURES:
            m = named[name]
            row[name] = np.nan if m.value is None else m.value
            row[f"{name}_low"], row[f"{name}_high"] = m.interval or (np.nan, np.nan)
            row[f"{name}_true"] = phantom.truth[0].measurements[name]
        if parts:
            row |= parts_columns(phantom.clip, {name: name for name in MEASURES}, **settings)
        rows.append(row)
    return pd.DataFrame(rows)


def main() -> None:
    """Simulate, examine, compare, write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=200)
    parser.add_argument("--orientation", default=None)
    parser.add_argument("--csv")
    args = parser.parse_args()
    table = phantom_table(args.n, **({"orientation": args.orientation} if args.orientation else {}))
    if args.csv:
        table.to_csv(args.csv, index=False)
    rows = []
    for pixels, part in (("square", table[~table.unequal]), ("unequal", table[table.unequal])):
        for name, (label, goal) in MEASURES.items():
            true = part[f"{name}_true"].to_numpy(float)
            scale = 100.0 / true if "length" in name else np.ones_like(true)
            measured, truth = part[name].to_numpy(float) * scale, true * scale
            low, high = part[f"{name}_low"].to_numpy(float), part[f"{name}_high"].to_numpy(float)
            rows.append(
                {
                    "pixels": pixels,
                    "measure": label,
                    "RMSE (95 %)": bootstrap(lambda i, m=measured, t=truth: rmse(m[i], t[i]), part.seed).text(),
                    "median absolute error": f"{np.nanmedian(np.abs(measured - truth)):.2f}",
                    "bias (% of truth)": f"{100 * bias(measured, truth) / truth.mean():+.2f}",
                    "goal": f"{goal}, bias < 1 %",
                    "measured": f"{np.isfinite(measured).sum()} of {len(part)}",
                    "95 % intervals that hold the truth (%)": f"{100 * coverage(low, high, true):.0f}",
                }
            )
    record(
        "Muscle architecture, phantom" + (f" ({args.orientation})" if args.orientation else ""),
        rows,
        data=f"{args.n} random anatomies and scanners of mskus.simulate, seeds not used in training",
        split="seeds from 50000; the networks' training seeds start at 1000000",
        kind="phantom",
        command=f"python benchmarks/muscle_phantom.py -n {args.n}"
        + (f" --orientation {args.orientation}" if args.orientation else ""),
    )


if __name__ == "__main__":
    main()
