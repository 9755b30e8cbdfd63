"""Do 95 % intervals hold the truth 95 % of the time? Fits the error models on one half and reports the other.

Fit: phantoms of seeds 60000.., vastus readings of subjects S1-S4. Report: phantoms of other seeds, the other vastus
subjects, all gastrocnemius readings. ``--fit`` prints the factors for ``mskus/exams/muscle/intervals.py``, of the
exam's way to fascicle direction.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from _readings import examined, readings
from _results import record
from mskus.exams.muscle.intervals import Parts
from mskus.exams.muscle.settings import MuscleSettings
from mskus.statistics import bootstrap, coverage
from muscle_phantom import phantom_table

FIT_SUBJECTS = ("S1", "S2", "S3", "S4")
KINDS = {  # of mskus.exams.muscle.intervals: OfFascicles(angle, length) of the method, and LENGTH
    "angle": [("pennation_angle_deg", "pennation_angle_deg")],
    "LENGTH": [("thickness_left", "muscle_thickness_mean_mm")],
    "length": [("length_left", "fascicle_length_straight_mm")],
}


def fit(read: pd.DataFrame, made: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Factors that maximise the likelihood of the errors, then widened to hold 95 %; both kinds of equal weight."""
    found = {}
    for kind, ((of_read, of_made),) in KINDS.items():
        parts, errors, weights = [], [], []
        for table, name, true in ((read, of_read, f"{of_read}_read"), (made, of_made, f"{of_made}_true")):
            known = np.isfinite(table[name]) & np.isfinite(table[f"{name}_spread"])
            part = table[known]
            parts.append(part[[f"{name}_spread", f"{name}_direction", f"{name}_unit"]].to_numpy(float))
            errors.append((part[name] - part[true]).to_numpy(float))
            weights.append(np.full(len(part), 1.0 / max(len(part), 1)))
        p, e, w = np.concatenate(parts), np.concatenate(errors), np.concatenate(weights)

        def loss(log: np.ndarray, p: np.ndarray = p, e: np.ndarray = e, w: np.ndarray = w) -> float:
            k = np.exp(log)
            variance = (k[0] * p[:, 0]) ** 2 + (k[1] * p[:, 1]) ** 2 + (k[2] * p[:, 2]) ** 2
            # Student's t with 5 degrees of freedom: single failures do not widen every interval
            return float((w * (0.5 * np.log(variance) + 3.0 * np.log1p(e**2 / variance / 5.0))).sum())

        best = min(
            (
                minimize(loss, start, method="Nelder-Mead", options={"maxiter": 4000})
                for start in ([0, -1, -1], [0, -3, 0])
            ),
            key=lambda r: r.fun,
        )
        # from the scale of t to one of which 1.96 hold 95 %, or more where the errors themselves ask for it
        ratio = np.abs(e) / np.sqrt((np.exp(best.x) ** 2 * p**2).sum(axis=1))
        order = np.argsort(ratio)
        wide = max(2.57, float(ratio[order][np.searchsorted(np.cumsum(w[order]) / w.sum(), 0.95)])) / 1.96
        found[kind] = dict(zip(Parts._fields, (np.exp(best.x) * wide).round(3).tolist(), strict=True))
    return found


def main() -> None:
    """Fit if asked, then coverage on what was not fitted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("-n", type=int, default=100)
    parser.add_argument("--orientation", default=MuscleSettings().orientation, help="fit the models of this method")
    args = parser.parse_args()
    if args.fit:
        rows = readings()
        asked = {"orientation": args.orientation}
        read = examined(rows[rows.subject.isin(FIT_SUBJECTS)], parts=True, **asked)
        print(args.orientation, fit(read, phantom_table(args.n, first_seed=60_000, parts=True, **asked)))
        return
    rows = readings()
    held_out = examined(rows[~rows.subject.isin(FIT_SUBJECTS)])
    made = phantom_table(args.n, first_seed=70_000)
    out: list[dict[str, Any]] = []
    groups = {
        "vastus lateralis, subjects S5-S11": (held_out[held_out.muscle == "vastus_lateralis"], 0, "_read"),
        "gastrocnemius lateralis": (held_out[held_out.muscle != "vastus_lateralis"], 0, "_read"),
        "phantom": (made, 1, "_true"),
    }
    for label, (table, which, suffix) in groups.items():
        row = {"on": label}
        for names in KINDS.values():
            name = names[0][which]
            low, high, true = (table[f"{name}{s}"].to_numpy(float) for s in ("_low", "_high", suffix))
            group = table.subject if which == 0 and table.subject.nunique() > 1 else np.arange(len(table))
            found = bootstrap(lambda i, a=low, b=high, t=true: 100 * coverage(a[i], b[i], t[i]), group)
            row[names[0][0].removesuffix("_deg")] = found.text(0) + f", width {np.nanmedian(high - low):.2f}"
        out.append(row)
    record(
        "Coverage of 95 % intervals",
        out,
        data=f"muscle/architecture_readings (CC0); {args.n} phantoms of seeds from 70000",
        split=f"error models fitted on vastus subjects S1-S4 and {args.n} phantoms from 60000; reported on the others",
        kind="public data and phantom",
        command=f"python benchmarks/intervals.py -n {args.n}",
        note="Per cent of intervals that hold the observers' median or the simulated truth (goal 90-98 %), and median "
        "width in the measure's unit (vastus lengths in pixels).",
    )


if __name__ == "__main__":
    main()
