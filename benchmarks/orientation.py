"""The orientation methods side by side: the same exam, the same pictures, only the method differs."""

from __future__ import annotations

import argparse
import time

import numpy as np

from _readings import examined, readings
from _results import record
from mskus.statistics import bias, bootstrap, rmse
from muscle_phantom import phantom_table

METHODS = {
    "gabor": "wavelet bank (log-Gabor)",
    "learned": "learned (network muscle_fascicle)",
    "combined": "wavelet bank and network together",
    "structure_tensor": "structure tensor",
    "hough": "Frangi + Hough lines",
}


def main() -> None:
    """Pennation by every method on the readings and on phantoms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=60, help="phantoms")
    args = parser.parse_args()
    rows = []
    for method, label in METHODS.items():
        started = time.process_time()
        read = examined(readings(), orientation=method, perturbed_frames=0)
        seconds = time.process_time() - started
        made = phantom_table(args.n, orientation=method, perturbed_frames=0)
        row = {"method": label}
        for muscle in ("vastus_lateralis", "gastrocnemius_lateralis"):
            part = read[read.muscle == muscle]
            groups = part.subject if part.subject.nunique() > 1 else part.image
            a, b = part.pennation_angle_deg.to_numpy(float), part.pennation_angle_deg_read.to_numpy(float)
            row[f"{muscle.replace('_', ' ')}: pennation RMSE (deg)"] = bootstrap(
                lambda i, a=a, b=b: rmse(a[i], b[i]), groups
            ).text()
            row[f"{muscle.split('_')[0]}: bias, measured"] = f"{bias(a, b):+.2f}, {np.isfinite(a).sum()} of {len(a)}"
        a, b = made.pennation_angle_deg.to_numpy(float), made.pennation_angle_deg_true.to_numpy(float)
        row["phantom: pennation RMSE (deg)"] = bootstrap(lambda i, a=a, b=b: rmse(a[i], b[i]), made.seed).text()
        row["time a picture, over the wavelet bank"] = seconds
        rows.append(row)
    reference = rows[0]["time a picture, over the wavelet bank"]
    for row in rows:
        row["time a picture, over the wavelet bank"] = f"{row['time a picture, over the wavelet bank'] / reference:.2f}"
    record(
        "Orientation methods compared",
        rows,
        data="muscle/architecture_readings (CC0), median of three observers; phantoms from seed 50000",
        split="no network saw these; classical parameters chosen on vastus subjects S1, S3, S5, S9; bootstrap by "
        "subject (vastus), picture (gastrocnemius) or anatomy",
        kind="public data and phantom",
        command="python benchmarks/orientation.py",
        note="The exam asks bank and network together: alone, the bank follows the speckle of some machines (see the"
        " section on fibre orientation pixel by pixel, Aloka). Times are processor times.",
    )


if __name__ == "__main__":
    main()
