"""Muscle architecture against the median of three observers (public data); nothing is trained on these pictures."""

from __future__ import annotations

import argparse

import numpy as np

from _readings import examined, readings
from _results import record
from mskus.statistics import Estimate, bootstrap, coverage, rmse

ROWS = {
    "vastus_lateralis": [("pennation_angle_deg", "pennation (deg)", 2.1), ("thickness_left", "thickness (px)", None),
                         ("length_left", "fascicle length (px)", None)],
    "gastrocnemius_lateralis": [("pennation_angle_deg", "pennation (deg)", 1.8),
                                ("thickness_left", "thickness (mm)", 0.4),
                                ("length_left", "fascicle length (mm)", 3.3)],
}  # fmt: skip

# the wavelet bank's parameters were chosen on subjects S1, S3, S5, S9, so the others are shown by themselves too
GROUPS = [
    ("vastus lateralis", "vastus_lateralis", None),
    ("vastus lateralis, subjects S2, S4, S8, S10, S11", "vastus_lateralis", ["S2", "S4", "S8", "S10", "S11"]),
    ("gastrocnemius lateralis", "gastrocnemius_lateralis", None),
]


def main() -> None:
    """Examine all reference pictures and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orientation", default=None, help="learned, gabor, structure_tensor or hough")
    parser.add_argument("--csv", help="also write the table of single pictures here")
    args = parser.parse_args()
    settings = {"orientation": args.orientation} if args.orientation else {}
    table = examined(readings(), **settings)
    if args.csv:
        table.to_csv(args.csv, index=False)
    rows = []
    for pictures, muscle, subjects in GROUPS:
        part = table[(table.muscle == muscle) & (table.subject.isin(subjects) if subjects else True)]
        # one subject only among the gastrocnemius pictures: there single pictures are drawn
        groups = part.subject if part.subject.nunique() > 1 else part.image
        figures = ROWS[muscle]
        for name, label, goal in figures:
            measured, read = part[name].to_numpy(float), part[f"{name}_read"].to_numpy(float)
            low, high = part[f"{name}_low"].to_numpy(float), part[f"{name}_high"].to_numpy(float)

            def error(at: np.ndarray, measured: np.ndarray = measured, read: np.ndarray = read) -> float:
                return rmse(measured[at], read[at])

            def covered(
                at: np.ndarray, low: np.ndarray = low, high: np.ndarray = high, read: np.ndarray = read
            ) -> float:
                return 100.0 * coverage(low[at], high[at], read[at])

            found: Estimate = bootstrap(error, groups)
            rows.append(
                {
                    "pictures": pictures,
                    "measure": label,
                    "RMSE (95 %)": found.text(),
                    "goal": goal or "",
                    "bias": f"{np.nanmean(measured - read):+.2f}",
                    "measured": f"{np.isfinite(measured).sum()} of {len(part)}",
                    "95 % intervals that hold the reading": bootstrap(covered, groups).text(0),
                }
            )
    title = "Muscle architecture, reference readings"
    record(
        title + (f" ({args.orientation})" if args.orientation else ""),
        rows,
        data="muscle/architecture_readings (van der Zee & Kuo 2022, CC0): median of three observers",
        split="no network saw these pictures; the wavelet bank's parameters were chosen on vastus subjects S1, S3, S5, "
        "S9 (the gastrocnemius was looked at when its scales were settled), its sharpening on lower_limb_masks; error "
        "models fitted on S1-S4; bootstrap by subject (vastus) or picture (gastrocnemius, one subject)",
        kind="public data",
        command="python benchmarks/muscle_readings.py"
        + (f" --orientation {args.orientation}" if args.orientation else ""),
        note="Thickness is measured where the observers did, at the picture's left end; fascicle length is that over "
        "the sine of pennation, as in the readings.",
    )


if __name__ == "__main__":
    main()
