"""Elastograms of known stiffness decoded from their colours: error by colour map, opacity and compression.

python benchmarks/elastography.py            the section of the results
python benchmarks/elastography.py --picture  docs/images/elastography.png
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from _results import record
from mskus.errors import FeatureError
from mskus.features.elastography import ColourBar, Elastogram, decode_elastogram, shear_wave_values
from mskus.simulate.elastogram import BOX, SCREEN, ElastogramPhantom, simulate_elastogram
from mskus.statistics import bootstrap, coverage, rmse

HIGH_KPA = 150.0
MAPS = ("jet", "turbo", "viridis", "coolwarm")
COMPRESSION = {"none": None, "JPEG 90": 90, "JPEG 75": 75}
OPACITIES = (1.0, 0.6, 0.4)
IMAGES = Path(__file__).parents[1] / "docs/images"


def stiffness(seed: int) -> NDArray[np.float64]:
    """Smooth random stiffness in kPa, most of the bar's range."""
    random = np.random.default_rng(seed)
    smooth = cv2.GaussianBlur(random.normal(size=(100, 120)), (0, 0), 14.0)
    low, high = random.uniform(5, 60), random.uniform(80, 145)
    return low + (high - low) * (smooth - smooth.min()) / np.ptp(smooth)


def regions(seed: int) -> list[NDArray[np.bool_]]:
    """Three discs of 3 to 12 pixels' radius inside the box."""
    random = np.random.default_rng(seed)
    y, x = np.indices(SCREEN)
    discs = []
    for _ in range(3):
        radius = random.uniform(3, 12)
        cx, cy = random.uniform(BOX.x + 14, BOX.x + BOX.w - 14), random.uniform(BOX.y + 14, BOX.y + BOX.h - 14)
        discs.append(np.hypot(x - cx, y - cy) < radius)
    return discs


def decoded(cases: int) -> None:
    """Errors of pixels and of regions' means."""
    box = np.zeros(SCREEN, bool)
    box[BOX.slices] = True
    rows, seconds = [], []
    for colour_map in MAPS:
        for compression, quality in COMPRESSION.items():
            pixels, means, opacities = [], [], []
            for seed in range(cases):
                opacity = OPACITIES[seed % len(OPACITIES)]
                made = simulate_elastogram(
                    stiffness(seed),
                    low=0.0,
                    high=HIGH_KPA,
                    colour_map=colour_map,
                    opacity=opacity,
                    jpeg_quality=quality,
                    seed=seed,
                )
                started = time.perf_counter()
                bar = ColourBar.read(made.image, low=0.0, high=HIGH_KPA, unit="kPa")
                told = decode_elastogram(made.image, bar=bar, mask=box, opacity=opacity)
                seconds.append(time.perf_counter() - started)
                off = (told.values - made.values)[box]
                pixels.append(float(np.nanmean(off**2)))
                means += [(seed, *_mean(told, made, mask)) for mask in regions(seed)]
                opacities.append(_opacity_found(made, bar, box) - opacity)
            group, value, true, low, high = np.array(means).T
            found, mean_square = np.array(opacities), np.array(pixels)
            rows.append(
                {
                    "colour map": colour_map,
                    "compression": compression,
                    "pixel RMSE (% of the bar)": bootstrap(
                        lambda i, p=mean_square: 100 * float(np.sqrt(p[i].mean())) / HIGH_KPA,
                        np.arange(cases),
                        repeats=300,
                    ).text(),
                    "region's mean RMSE (% of the bar)": bootstrap(
                        lambda i, a=value, b=true: 100 * rmse(a[i], b[i]) / HIGH_KPA, group, repeats=300
                    ).text(),
                    "intervals of the mean that hold the truth": f"{100 * coverage(low, high, true):.0f} %",
                    "opacity within 0.05, not told": f"{int((np.abs(found) <= 0.05).sum())}, "
                    f"{int(np.isnan(found).sum())} of {cases}",
                }
            )
    record(
        "Elastograms decoded from colours",
        rows,
        data=f"simulated screens of 520 x 360 pixels, {cases} maps of stiffness a row, opacities 1, 0.6 and 0.4 (given "
        "to the decoder), colours at half resolution in JPEG, no grey picture beside; three discs of 3 to 12 pixels' "
        "radius each",
        split="none; nothing was fitted; bootstrap by screen",
        kind="phantom",
        command="python benchmarks/elastography.py",
        note=f"Bar found and 48 000 pixels decoded in {1e3 * np.median(seconds):.0f} ms (median). The last column "
        "leaves the opacity to be found; where it cannot be told the user is asked for it.",
    )


def _mean(told: Elastogram, made: ElastogramPhantom, mask: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    mean = shear_wave_values(told, mask=mask).mean
    return mean.value, float(made.values[mask].mean()), mean.low, mean.high


def _opacity_found(made: ElastogramPhantom, bar: ColourBar, box: NDArray[np.bool_]) -> float:
    try:
        return decode_elastogram(made.image, bar=bar, mask=box).opacity
    except FeatureError:
        return float("nan")


def picture() -> None:
    """A screen, what was decoded, and the error."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    made = simulate_elastogram(stiffness(2), low=0.0, high=HIGH_KPA, opacity=0.5, jpeg_quality=85)
    box = np.zeros(SCREEN, bool)
    box[BOX.slices] = True
    bar = ColourBar.read(made.image, low=0.0, high=HIGH_KPA, unit="kPa")
    told = decode_elastogram(made.image, bar=bar, mask=box)
    figure, axes = plt.subplots(1, 3, figsize=(9.0, 2.6), layout="constrained", width_ratios=(1.3, 1, 1))
    axes[0].imshow(made.image)
    axes[0].set(title=f"screen (opacity found: {told.opacity:.2f})", xticks=[], yticks=[])
    panels = (
        ("decoded (kPa)", told.values[BOX.slices], "viridis", (0, 150)),
        ("decoded less true (kPa)", (told.values - made.values)[BOX.slices], "RdBu_r", (-6, 6)),
    )
    for axis, (title, plane, colours, (low, high)) in zip(axes[1:], panels, strict=True):
        drawn = axis.imshow(plane, cmap=colours, vmin=low, vmax=high)
        axis.set(title=title, xticks=[], yticks=[])
        figure.colorbar(drawn, ax=axis, shrink=0.85)
    figure.savefig(IMAGES / "elastography.png", dpi=75)


def main() -> None:
    """The results, or the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=30, help="screens a row of the table")
    parser.add_argument("--picture", action="store_true", help="draw the picture of the docs")
    args = parser.parse_args()
    if args.picture:
        picture()
    else:
        decoded(args.n)


if __name__ == "__main__":
    main()
