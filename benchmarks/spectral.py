"""Spectral parameters of simulated RF: bias, error and coverage, by the size of the region.

python benchmarks/spectral.py            the section of the results
python benchmarks/spectral.py --picture  docs/images/spectral.png
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.signal import hilbert

from _results import data_root, record
from mskus.clip import Region
from mskus.features.spectral import (
    ReferencePhantom,
    attenuation_coefficient,
    plane_wave_lines,
    spectral_maps,
    spectral_parameters,
)
from mskus.simulate.rf import simulate_rf
from mskus.statistics import bias, bootstrap, coverage, rmse

HOW = {"sampling_hz": 25e6, "centre_hz": 5e6}
MM_PER_SAMPLE = 1540.0 / (2 * 25e6) * 1e3
SAMPLES = 1200
IMAGES = Path(__file__).parents[1] / "docs/images"


def white(lines: int, seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(SAMPLES, lines))


def recovered(cases: int) -> None:
    """Tissues of random backscatter and attenuation against one phantom."""
    phantom = ReferencePhantom(rf=simulate_rf(white(192, 10**6)), attenuation_db_per_cm_mhz=0.5)
    rows = []
    for lines, depth_mm in ((96, 20.0), (32, 10.0), (16, 6.0)):
        part = Region(0, 250, lines, round(depth_mm / MM_PER_SAMPLE))
        told: dict[str, list[tuple[float, float, float, float]]] = {}
        for seed in range(cases):
            random = np.random.default_rng(seed)
            intercept, slope, loss = random.uniform(-10, 10), random.uniform(-2, 2), random.uniform(0.2, 1.0)
            rf = simulate_rf(
                white(lines, 1000 + seed),
                intercept_db=intercept,
                slope_db_per_mhz=slope,
                attenuation_db_per_cm_mhz=loss,
            )
            found = spectral_parameters(rf, region=part, reference=phantom, attenuation_db_per_cm_mhz=loss, **HOW)
            f = np.linspace(3.75, 6.25, 501)
            truth = {
                "mid-band fit (dB)": (found.midband_fit_db, intercept + 5.0 * slope),
                "slope (dB/MHz)": (found.slope_db_per_mhz, slope),
                "intercept (dB)": (found.intercept_db, intercept),
                "integrated backscatter (dB)": (
                    found.integrated_backscatter_db,
                    10 * np.log10((10 ** (0.1 * (intercept + slope * f))).mean()),
                ),
                "attenuation (dB/cm/MHz)": (attenuation_coefficient(rf, region=part, reference=phantom, **HOW), loss),
            }
            for name, (one, true) in truth.items():
                told.setdefault(name, []).append((one.value, true, one.low, one.high))
        for name, pairs in told.items():
            value, true, low, high = np.array(pairs).T
            rows.append(
                {
                    "region": f"{lines} lines x {depth_mm:g} mm",
                    "figure": name,
                    "bias": f"{bias(value, true):+.2f}",
                    "RMSE": bootstrap(
                        lambda i, a=value, b=true: rmse(a[i], b[i]), np.arange(len(value)), repeats=300
                    ).text(),
                    "95 % intervals that hold the truth": f"{100 * coverage(low, high, true):.0f} %",
                }
            )
    record(
        "Spectral parameters of RF",
        rows,
        data=f"simulated RF, 5 MHz pulse at 25 MHz sampling, {cases} tissues with intercept -10 to 10 dB, slope -2 to "
        "2 dB/MHz, attenuation 0.2 to 1 dB/cm/MHz (stated to the fit); reference phantom of 192 lines",
        split="none; every tissue is drawn anew; bootstrap by tissue",
        kind="phantom",
        command="python benchmarks/spectral.py",
        note=real_recording(),
    )


def real_recording() -> str:
    """Time of beamforming and maps on a real plane-wave recording."""
    import h5py

    with h5py.File(data_root() / "rf/gastrocnemius/rf_dataset.hdf5") as file:
        channels = file["data/rf_data/frame_1/shot_1"][()]
        sampling = float(file["hardware_params/f_sampling_hz"][()])
        pitch_mm = 1e3 * float(file["trans_params/x_pitch"][0])
        centre = float(file["trans_params/f_central"][0])
    seconds = []
    for _ in range(2):  # the first compiles
        started = time.perf_counter()
        lines = plane_wave_lines(channels, sampling_hz=sampling, pitch_mm=pitch_mm)
        middle = time.perf_counter()
        maps = spectral_maps(lines, sampling_hz=sampling, centre_hz=centre)
        seconds = [middle - started, time.perf_counter() - middle]
    return (
        f"Real gastrocnemius recording (rf/gastrocnemius, CC BY-ND, {channels.shape[0]} channels of "
        f"{channels.shape[1]} samples): beamformed in {seconds[0]:.2f} s, maps of {maps.slope_db_per_mhz.size} cells "
        f"in {1e3 * seconds[1]:.0f} ms. It has no phantom recording, so its figures are not calibrated."
    )


def picture() -> None:
    """A simulated layer with a disc of larger scatterers: grey picture, mid-band fit, slope."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    lines, pitch_mm = 160, 0.2
    z, x = np.indices((SAMPLES, lines)) * np.reshape([MM_PER_SAMPLE, pitch_mm], (2, 1, 1))
    inside = np.hypot(x - 16.0, z - 18.0) < 7.0
    noise = white(lines, 0)
    # The same loudness at 5 MHz, but a spectrum that falls: hardly seen in the grey picture.
    rf = simulate_rf(noise * ~inside) + simulate_rf(noise * inside, intercept_db=10.0, slope_db_per_mhz=-2.0)
    phantom = ReferencePhantom(rf=simulate_rf(white(192, 1)), attenuation_db_per_cm_mhz=0.5)
    maps = spectral_maps(rf, reference=phantom, attenuation_db_per_cm_mhz=0.5, lines=24, **HOW)
    envelope = 20 * np.log10(np.abs(hilbert(rf, axis=0)) + 1e-12)
    wide, deep = lines * pitch_mm, SAMPLES * MM_PER_SAMPLE
    figure, axes = plt.subplots(1, 3, figsize=(9.0, 3.2), layout="constrained")
    panels = (
        ("grey picture (dB)", envelope, (-60, 0), "gray", (0, wide, deep, 0)),
        ("mid-band fit (dB)", maps.midband_fit_db, (-6, 6), "viridis", None),
        ("slope (dB/MHz)", maps.slope_db_per_mhz, (-4, 2), "viridis", None),
    )
    for axis, (title, plane, limits, colours, extent) in zip(axes, panels, strict=True):
        shown = plane - plane.max() if extent else cv2.GaussianBlur(plane, (0, 0), 0.8)
        half = 1.5
        shape = extent or (0, wide, maps.depth_mm[-1] + half, maps.depth_mm[0] - half)
        drawn = axis.imshow(shown, cmap=colours, vmin=limits[0], vmax=limits[1], extent=shape, aspect="equal")
        axis.add_patch(plt.Circle((16.0, 18.0), 7.0, fill=False, color="white", linestyle=":"))
        axis.set(title=title, xlabel="mm", xlim=(0, wide), ylim=(deep, 0))
        figure.colorbar(drawn, ax=axis, shrink=0.85)
    figure.savefig(IMAGES / "spectral.png", dpi=75)


def main() -> None:
    """The results, or the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=100, help="tissues a size of region")
    parser.add_argument("--picture", action="store_true", help="draw the picture of the docs")
    args = parser.parse_args()
    if args.picture:
        picture()
    else:
        recovered(args.n)


if __name__ == "__main__":
    main()
