"""Despeckling beside the libraries that have the same filter: ratio of time and agreement of result, in one run.

findpeaks (some of its files carry the LGPL) and PyWavelets are no dependencies; install them by hand to see their rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from _results import record
from _speckle_phantom import judged_phantom
from mskus.enhance import enhance

Image = NDArray[Any]
SMALL = (slice(200, 296), slice(420, 548))  # findpeaks walks over pixels in Python: a part of the picture is enough
INSIDE = 8  # borders are treated differently
_REPEATS = 3


@dataclass(frozen=True)
class Pair:
    """A peer's filter and ours with the definitions lined up."""

    peer: str
    package: str
    note: str
    ours: Callable[[Image], Image]
    theirs: Callable[[Image], Image]
    small: bool = False


def findpeaks(name: str, **given: Any) -> Callable[[Image], Image]:
    """A filter of findpeaks; its modules open without the rest of the package's requirements."""

    def run(image: Image) -> Image:
        module = import_module(f"findpeaks.filters.{name}")
        return np.asarray(getattr(module, f"{name}_filter")(image.astype(np.float64), win_size=7, **given))

    return run


def restoration(name: str, **given: Any) -> Callable[[Image], Image]:
    def run(image: Image) -> Image:
        from skimage import restoration as room

        return np.asarray(getattr(room, name)(image.astype(np.float64), **given))

    return run


def scipy_wiener(image: Image) -> Image:
    from scipy.signal import wiener

    return np.asarray(wiener(image.astype(np.float64), 7, noise=400.0))


def ours(method: str, **given: Any) -> Callable[[Image], Image]:
    return lambda image: enhance(image, method=method, **given)


def ours_even(method: str, **given: Any) -> Callable[[Image], Image]:
    """Ours over 6x6 pixels, which is what findpeaks looks at when it is asked for 7x7."""

    def run(image: Image) -> Image:
        with patch("mskus.enhance.despeckle.local_statistics.window", return_value=(6, 6)):
            return enhance(image, method=method, compression_db=None, **given)

    return run


EVEN = "asked for 7x7 it looks at 6x6 (the last row and column fall off)"
LINED_UP = "both over 6x6, as it does when asked for 7x7; it rounds to whole numbers"
PAIRS = (
    Pair("lee", "findpeaks", LINED_UP, ours_even("lee", variation=0.25), findpeaks("lee", cu=0.25), True),
    Pair("kuan", "findpeaks", LINED_UP, ours_even("kuan", variation=0.25), findpeaks("kuan", cu=0.25), True),
    Pair(
        "lee_enhanced", "findpeaks", LINED_UP,
        ours_even("enhanced_lee", variation=0.523, point_variation=1.73),
        findpeaks("lee_enhanced", cu=0.523, cmax=1.73), True,
    ),
    Pair(
        "frost", "findpeaks", "not Frost's weights: it takes the difference of grey levels for the distance",
        ours("frost", damping=2.0, size_px=7, compression_db=None), findpeaks("frost", damping_factor=2.0), True,
    ),
    Pair("median", "findpeaks", EVEN, ours("median", size_px=7), findpeaks("median"), True),
    Pair("wiener", "scipy", "noise variance given to both", ours("wiener", size_px=7, noise_levels=20.0), scipy_wiener),
    Pair(
        "denoise_tv_chambolle", "skimage", "200 of its iterations, 40 of ours", ours("total_variation"),
        restoration("denoise_tv_chambolle", weight=30.0, eps=1e-5, max_num_iter=200),
    ),
    Pair(
        "denoise_bilateral", "skimage", "its window is a square, ours a disc", ours("bilateral"),
        restoration("denoise_bilateral", win_size=9, sigma_color=60.0, sigma_spatial=3.0, bins=256),
    ),
    Pair(
        "denoise_wavelet", "skimage", "BayesShrink, decimated: another method for the same purpose", ours("wavelet"),
        restoration("denoise_wavelet", wavelet="db2", wavelet_levels=3, rescale_sigma=False),
    ),
    Pair(
        "denoise_nl_means", "skimage", "plain non-local means, Euclidean distance", ours("obnlm"),
        restoration("denoise_nl_means", patch_size=5, patch_distance=5, h=20.0, fast_mode=True),
    ),
)  # fmt: skip


def timed(run: Callable[[Image], Image], image: Image, *, repeats: int) -> tuple[Image, float]:
    """Result and best seconds; the first call compiles and does not count."""
    out, taken = run(image), []
    for _ in range(repeats):
        started = time.perf_counter()
        out = run(image)
        taken.append(time.perf_counter() - started)
    return np.asarray(out, np.float64), min(taken)


def compared(pair: Pair, picture: Image) -> dict[str, Any]:
    row: dict[str, Any] = {"peer": f"{pair.package} {pair.peer}"}
    needs = "pywt" if pair.peer == "denoise_wavelet" else pair.package
    if find_spec(needs) is None:
        return row | {"definitions": f"skipped: {needs} is not installed"}
    image = picture[SMALL] if pair.small else picture
    mine, seconds = timed(pair.ours, image, repeats=_REPEATS)
    theirs, peer_seconds = timed(pair.theirs, image, repeats=_REPEATS)
    inner = (slice(INSIDE, -INSIDE),) * 2
    a, b = mine[inner], theirs[inner]
    return row | {
        "picture": f"{image.shape[1]}x{image.shape[0]}",
        "peer's time over ours": f"{peer_seconds / seconds:.1f}",
        "correlation": f"{np.corrcoef(a.ravel(), b.ravel())[0, 1]:.4f}",
        "largest difference (grey levels)": f"{np.abs(a - b).max():.2f}",
        "mean difference": f"{np.abs(a - b).mean():.3f}",
        "definitions": pair.note,
    }


def main() -> None:
    """Compare all pairs on one phantom."""
    picture = judged_phantom(seed=100).image.astype(np.float32)
    record(
        "Despeckling beside other libraries",
        [compared(pair, picture) for pair in PAIRS],
        data="one speckle phantom, grey levels taken as linear for findpeaks' filters; borders of 8 px left out",
        split="none (agreement and timing)",
        kind="phantom",
        command="python benchmarks/despeckle_peers.py",
        note=f"Time: best of {_REPEATS} runs on both sides, after a first call.",
    )


if __name__ == "__main__":
    main()
