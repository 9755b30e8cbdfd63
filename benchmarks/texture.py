"""Texture families: time a region beside scikit-image and SciPy in the same run, agreement, and known textures.

python benchmarks/texture.py            both sections of the results
python benchmarks/texture.py --picture  docs/images/texture.png
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from _results import data_root, record
from mskus.features.family import FeatureRegion, families
from mskus.features.texture.gabor_bank import ANGLES_DEG, WAVELENGTHS_PX
from mskus.features.texture.laplacian import SIGMAS_PX
from mskus.features.texture.laplacian import laplacian as our_laplacian
from mskus.features.texture.local_binary import RINGS, local_binary_codes
from mskus.features.texture.surroundings import Spectrum
from mskus.statistics import Estimate, bootstrap

F64 = NDArray[np.float64]
SIDE = 256
IMAGES = Path(__file__).parents[1] / "docs/images"


def region() -> FeatureRegion:
    """256 x 256 pixels in the middle of a real rectus femoris frame."""
    path = data_root() / "muscle/rectus_femoris_gait/images/p1_leg1_f01.png"
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    mask = np.zeros(picture.shape, bool)
    top, left = (picture.shape[0] - SIDE) // 2, (picture.shape[1] - SIDE) // 2
    mask[top : top + SIDE, left : left + SIDE] = True
    return FeatureRegion.of(picture, mask=mask)


def milliseconds(work: Callable[[], Any], *, repeats: int) -> Estimate:
    """Median of several runs after one to warm up, with the interval of the median."""
    work()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        taken.append(1e3 * (time.perf_counter() - started))
    times = np.array(taken)
    return bootstrap(lambda i: float(np.median(times[i])), np.arange(repeats), repeats=300)


def peers(crop: F64) -> dict[str, Callable[[], Any]]:
    """The same filters by other libraries on the region alone."""
    from scipy import ndimage
    from skimage import feature, filters

    def gabor() -> None:
        for wavelength in WAVELENGTHS_PX:
            for angle in ANGLES_DEG:
                real, imaginary = filters.gabor(crop, 1.0 / wavelength, theta=np.radians(90.0 - angle))
                np.hypot(real, imaginary).mean()

    def binary() -> None:
        for points, radius in RINGS:
            feature.local_binary_pattern(crop.astype(np.uint8), points, radius, method="uniform")

    def log() -> None:
        for sigma in SIGMAS_PX:
            ndimage.gaussian_laplace(crop, sigma)

    def blob() -> None:
        feature.blob_log(crop / 255.0, min_sigma=1.0, max_sigma=7.5, num_sigma=6, threshold=0.05)

    return {"gabor": gabor, "lbp": binary, "log": log, "blob": blob}


def speed() -> None:
    """Time by family and in all."""
    one = region()
    crop = one.image[one.box]
    others = peers(crop)
    known = families()
    repeats = 15
    mine = [n for n, f in known.items() if ".texture" in f.function.__module__]

    def fresh() -> FeatureRegion:
        # What a region remembers must be paid for each time.
        return FeatureRegion.of(one.image, mask=one.mask)

    rows = []
    for name in mine:
        ours = milliseconds(lambda name=name: known[name].function(fresh()), repeats=repeats)
        row = {"family": name, "columns": len(known[name].function(one)), "ms a region": ours.text(1)}
        if name in others:
            theirs = milliseconds(others[name], repeats=5)
            row |= {"peer (its filters alone)": "SciPy" if name == "log" else "scikit-image"}
            row["times faster"] = f"{theirs.value / ours.value:.1f}"
        rows.append(row)
    for label, names in (("texture together", mine), ("every family of mskus", list(known))):

        def together(names: list[str] = names) -> None:
            here = fresh()
            for name in names:
                known[name].function(here)

        columns = sum(len(known[n].function(one)) for n in names)
        rows.append(
            {"family": label, "columns": columns, "ms a region": milliseconds(together, repeats=repeats).text(1)}
        )
    record(
        "Texture: time of a region",
        rows,
        data="muscle/rectus_femoris_gait (CC0), 256 x 256 pixels of one frame, bin count 32",
        split="none; median of 15 runs with the bootstrap interval of the median over runs",
        kind="public data",
        command="python benchmarks/texture.py",
        note="Peers run in the same process on the same pixels; scikit-image convolves its Gabor filters directly. "
        + agreement(crop),
    )


def agreement(crop: F64) -> str:
    """How equal the answers are where definitions agree."""
    from scipy import ndimage
    from skimage import feature

    told = []
    for points, radius in RINGS:
        edge = int(np.ceil(radius))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            noisy = crop + np.random.default_rng(0).uniform(0, 0.01, crop.shape)
            theirs = feature.local_binary_pattern(noisy, points, radius, method="uniform")[edge:-edge, edge:-edge]
        same = (local_binary_codes(noisy, points=points, radius=radius) == theirs).mean()
        told.append(f"LBP P={points}: {100 * same:.2f} % of codes equal")
    spectrum = Spectrum.of(FeatureRegion.of(crop), reach=16.0)
    for sigma in SIGMAS_PX:
        ours = our_laplacian(spectrum, sigma=sigma)[20:-20, 20:-20]
        theirs = (-(sigma**2) * ndimage.gaussian_laplace(crop, sigma, truncate=6.0))[20:-20, 20:-20]
        off = np.abs(ours - theirs).max() / np.abs(theirs).max()
        told.append(f"LoG sigma {sigma:g} px: greatest difference {100 * off:.2f} % of the greatest answer")
    return f"Agreement: {'; '.join(told)} (SciPy samples the kernel, mskus its transform)."


def brownian_surface(hurst: float, *, seed: int) -> F64:
    """Every fourth point of a Fourier synthesis; dimension 3 - H."""
    n = 8 * SIDE
    radius = np.hypot(np.fft.fftfreq(n)[:, None], np.fft.rfftfreq(n)[None])
    radius[0, 0] = np.inf
    noise = np.random.default_rng(seed).normal(size=(n, n))
    surface = np.fft.irfft2(np.fft.rfft2(noise) * radius ** -(hurst + 1.0))[: 4 * SIDE : 4, : 4 * SIDE : 4]
    return 255.0 * (surface - surface.min()) / np.ptp(surface)


def truth() -> None:
    """Fractional Brownian surfaces of known dimension."""
    function = families()["fractal"].function
    rows = []
    for dimension in (2.2, 2.4, 2.6, 2.8):
        told = [function(FeatureRegion.of(brownian_surface(3.0 - dimension, seed=s))) for s in range(8)]
        row = {"true dimension": dimension}
        for label, key in (
            ("Brownian motion", "fractal_brownian_dimension"),
            ("box counting", "fractal_box_dimension"),
        ):
            values = np.array([t[key] for t in told])
            row[label] = bootstrap(lambda i, v=values: float(v[i].mean()), np.arange(len(values)), repeats=300).text(3)
        rows.append(row)
    record(
        "Texture: dimension of known surfaces",
        rows,
        data="fractional Brownian surfaces, 256 x 256, eight seeds each",
        split="none; bootstrap by surface",
        kind="phantom",
        command="python benchmarks/texture.py",
    )


def picture() -> None:
    """What the filters see: a real frame and seven maps."""
    from mskus.features.texture import median_binary_codes
    from mskus.features.texture.gabor_bank import gabor_energies
    from mskus.features.texture.wavelet import subbands

    one = region()
    crop = one.image[one.box]
    spectrum = Spectrum.of(one, reach=24.0)
    angles = {angle: np.sqrt(answers) for _, angle, answers in gabor_energies(spectrum, wavelengths=[8.0])}
    bands = dict(subbands(crop.astype(np.float32)))
    maps = {
        "grey levels": crop,
        "Laplacian of Gaussian, 2 px": our_laplacian(spectrum, sigma=2.0),
        "log-Gabor, 8 px, 0 deg": angles[0],
        "log-Gabor, 8 px, 30 deg": angles[30],
        "wavelet 2, low x high": np.abs(bands["2_lh"]),
        "wavelet 2, high x low": np.abs(bands["2_hl"]),
        "local binary pattern, 8 points": np.pad(local_binary_codes(crop, points=8, radius=1.0), 1),
        "median binary pattern, bits set": np.bitwise_count(median_binary_codes(crop)),
    }
    tiles = []
    for label, plane in maps.items():
        low, high = np.percentile(plane, [1, 99])
        tile = np.clip(255.0 * (plane - low) / max(high - low, 1e-9), 0, 255).astype(np.uint8)
        tile = cv2.copyMakeBorder(tile[:180, :220], 20, 4, 3, 3, cv2.BORDER_CONSTANT, value=255)
        cv2.putText(tile, label, (5, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 0, 1, cv2.LINE_AA)
        tiles.append(tile)
    sheet = np.vstack([np.hstack(tiles[:4]), np.hstack(tiles[4:])])
    cv2.imwrite(
        str(IMAGES / "texture.png"), cv2.resize(sheet, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA) // 12 * 12
    )


def main() -> None:
    """Both sections, or the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", action="store_true", help="draw the picture of the docs")
    if parser.parse_args().picture:
        picture()
        return
    speed()
    truth()


if __name__ == "__main__":
    main()
