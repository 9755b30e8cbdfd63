"""The simulator itself: speckle statistics, where point targets land, grey levels against public sets, speed."""

from __future__ import annotations

import argparse
import csv
import time
from typing import Any

import cv2
import numpy as np

from _results import data_root, record
from mskus.simulate import Scanner, reference_scanner, simulate_muscle
from mskus.simulate.bmode import BeamGrid
from mskus.simulate.tissue import speckle_points

COMMAND = "python benchmarks/simulator.py"
QUIET = {"noise_db": -200.0, "line_gain_db": 0.0}


def speckle_snr(scanner: Scanner, seed: int) -> float:
    """Mean over standard deviation of the envelope of homogeneous tissue."""
    rng = np.random.default_rng(seed)
    waist = float(scanner.sigma_lateral_mm(np.array([scanner.focus_mm]))[0])
    per_mm2 = 5.0 / (2.355**2 * scanner.sigma_axial_mm * waist)
    x, y, a = speckle_points(
        rng, width_mm=scanner.width_mm + 4, height_mm=scanner.depth_mm + 2, per_mm2=per_mm2,
        wavelength_mm=scanner.wavelength_mm,
    )  # fmt: skip
    envelope = BeamGrid(scanner, rng).envelope(
        (x - 2).astype(np.float32), y_mm=(y - 1).astype(np.float32), amplitude=a.astype(np.float32), rng=rng
    )
    rows, lines = envelope.shape
    inner = envelope[rows // 6 : -rows // 6, lines // 6 : -lines // 6]
    inner = inner / np.sqrt((inner**2).mean(1, keepdims=True))  # the beam widens with depth: level each row
    return float(inner.mean() / inner.std())


def target_error_px(scanner: Scanner, seed: int) -> float:
    """Distance of a point target's centroid in the picture from where its millimetres say."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0.35, 0.65) * scanner.width_mm, rng.uniform(0.15, 0.85) * scanner.depth_mm
    grid = BeamGrid(scanner, rng)
    envelope = grid.envelope(
        np.array([x], np.float32), y_mm=np.array([y], np.float32), amplitude=np.array([0.3], np.float32), rng=rng
    )
    picture = grid.picture(grid.compress(envelope)).astype(float)
    weight = np.clip(picture - 0.6 * picture.max(), 0, None)
    rows, columns = np.indices(picture.shape)
    found = (weight * columns).sum() / weight.sum(), (weight * rows).sum() / weight.sum()
    return float(np.hypot(found[0] - x / scanner.mm_per_px_col, found[1] - y / scanner.mm_per_px_row))


def physics() -> None:
    """Speckle and scan conversion, with the 95 % interval over seeds."""
    rows: list[dict[str, Any]] = []
    for probe in ("linear", "curved"):
        for frequency in (6.0, 11.0):
            scanner = Scanner(probe=probe, frequency_mhz=frequency, **QUIET)
            snr = np.array([speckle_snr(scanner, seed) for seed in range(20)])
            error = np.array([target_error_px(scanner, seed) for seed in range(20)])
            half = 1.96 * snr.std(ddof=1) / np.sqrt(snr.size)
            rows.append(
                {
                    "probe": probe,
                    "MHz": frequency,
                    "speckle SNR (95 %)": f"{snr.mean():.3f} ({snr.mean() - half:.3f} to {snr.mean() + half:.3f})",
                    "expected": "1.913",
                    "point target off by, median (px)": f"{np.median(error):.2f}",
                    "worst of 20 (px)": f"{error.max():.2f}",
                }
            )
    record(
        "Simulator, physics", rows, data="homogeneous tissue and single targets, 20 seeds", split="none",
        kind="phantom", command=COMMAND,
        note="Rayleigh envelope: mean over standard deviation is sqrt(pi / (4 - pi)) = 1.913.",
    )  # fmt: skip


def speed(clips: int) -> None:
    """Processor time of a frame after the first, on one core."""
    rows = []
    for name, scanner in (
        ("512 x 512, 8 MHz, one look", Scanner()),
        ("600 x 480, 10 MHz, two looks (reference recording)", reference_scanner()),
        ("512 x 512, 10 MHz, three looks", Scanner(frequency_mhz=10.0, looks_deg=(-6.0, 0.0, 6.0))),
        ("320 x 320, 8 MHz, one look", Scanner(size_px=(320, 320))),
    ):
        simulate_muscle(seed=1, scanner=scanner)
        first, later = [], []
        for seed in range(clips):
            start = time.process_time()
            simulate_muscle(seed=seed, scanner=scanner)
            middle = time.process_time()
            simulate_muscle(seed=seed, scanner=scanner, n_frames=11)
            first.append(middle - start)
            later.append((time.process_time() - middle - first[-1]) / 10)
        low, high = np.percentile(later, [2.5, 97.5]) * 1e3
        rows.append(
            {
                "picture": name,
                "first frame with its anatomy, median (ms)": f"{np.median(first) * 1e3:.0f}",
                "further frames, median (2.5-97.5 %) (ms)": f"{np.median(later) * 1e3:.0f} ({low:.0f}-{high:.0f})",
                "goal": "< 50 ms at 512 x 512",
            }
        )
    record(
        "Simulator, speed", rows, data=f"{clips} random anatomies", split="none", kind="phantom", command=COMMAND,
        note="Processor time of one core, after the compiled functions were loaded.",
    )  # fmt: skip


def picture_features(image: np.ndarray) -> list[float]:
    """Grey percentiles and half-correlation lengths of the fine structure, per cent of the picture's size."""
    small = cv2.resize(image, (512, 512), interpolation=cv2.INTER_AREA).astype(np.float32)
    fine = small - cv2.GaussianBlur(small, (0, 0), 12)
    power = float((fine * fine).mean())
    lengths = []
    for axis in (1, 0):
        shift = 1
        while shift < 60 and float((fine * np.roll(fine, shift, axis)).mean()) > power / 2:
            shift += 1
        lengths.append(100.0 * shift / 512)
    return [*np.percentile(image, [5, 50, 95, 99]), float(image.std()), *lengths]


def public_pictures() -> dict[str, list[np.ndarray]]:
    """About thirty pictures of each public set, without screen and slanted sides."""
    root = data_root() / "muscle"
    sets: dict[str, list[np.ndarray]] = {}

    def take(name: str, paths: list[Any], rows: slice, columns: slice) -> None:
        chosen = sorted(paths)[:: max(1, len(paths) // 30)]
        sets[name] = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)[rows, columns] for path in chosen]

    take("rectus femoris, gait", list((root / "rectus_femoris_gait/images").glob("*.png")), slice(None), slice(70, -70))
    readings = root / "architecture_readings/images"
    take("vastus lateralis readings", list(readings.glob("vastus*/*.png")), slice(10, None), slice(40, -40))
    take("gastrocnemius readings", list(readings.glob("gastroc*/*.png")), slice(45, 390), slice(85, 510))
    families: dict[str, list[Any]] = {}
    folder = root / "lower_limb_masks"
    with (folder / "manifest.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            families.setdefault(row["device_family"], []).append(folder / row["image"])
    for family, paths in families.items():
        if "512" in family:
            take(f"lower limb, {family}", paths, slice(None), slice(None))
        elif "660" in family:
            take(f"lower limb, {family}", paths, slice(40, 465), slice(105, 450))
    return sets


def realism(n: int) -> None:
    """Grey levels and grain of simulated against public pictures."""
    sets = public_pictures()
    simulated = []
    for seed in range(60_000, 60_000 + n):
        phantom = simulate_muscle(seed=seed)
        width = phantom.image.shape[1]
        cut = width // 6 if phantom.scanner.probe == "linear" else width // 3
        simulated.append(phantom.image[:, cut:-cut])
    sets["simulated, random"] = simulated
    names = ["grey 5 %", "grey 50 %", "grey 95 %", "grey 99 %", "grey SD", "grain across (%)", "grain along depth (%)"]
    rows = []
    for name, pictures in sets.items():
        table = np.array([picture_features(p) for p in pictures])
        low, middle, high = np.percentile(table, [10, 50, 90], axis=0)
        row: dict[str, Any] = {"set": name, "pictures": len(pictures)}
        for k, feature in enumerate(names):
            digits = 1 if "grain" in feature else 0
            row[feature] = f"{middle[k]:.{digits}f} ({low[k]:.{digits}f}-{high[k]:.{digits}f})"
        rows.append(row)
    record(
        "Simulator, likeness to public pictures", rows, data="the muscle sets of docs/datasets.md; random phantoms",
        split="none", kind="public data", command=COMMAND,
        note="Median (10-90 % of the pictures). Grain is the shift at which the fine structure's correlation halves, "
        "in per cent of the picture's width or height. The ranges of the random phantoms were set to span the sets.",
    )  # fmt: skip


def main() -> None:
    """All three sections."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=100, help="random phantoms for the likeness")
    parser.add_argument("--clips", type=int, default=10, help="clips for the speed")
    args = parser.parse_args()
    physics()
    speed(args.clips)
    realism(args.n)


if __name__ == "__main__":
    main()
