"""The confidence map against the published algorithm solved directly: agreement and time, at several parameters."""

from __future__ import annotations

import math
import time
from typing import Any

import cv2
import matplotlib
import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve

from _results import RESULTS, data_root, record
from mskus.quality import confidence_map
from mskus.simulate import simulate_muscle

SETS = (
    "nerve/peripheral_blocks/images/*.png",
    "hip/standard_plane/images/*.png",
    "muscle/rectus_femoris_gait/images/*.png",
    "muscle/architecture_readings/images/vastus_lateralis/*.png",
    "bone/lower_limb_unlabelled/*.png",
)
EACH = 2  # pictures of a set
SIDE = 256  # of the pictures that are compared; a direct solution at 512 takes seconds
DEFAULT = (2.0, 90.0, 0.05)
PARAMETERS = (DEFAULT, (1.0, 90.0, 0.05), (4.0, 90.0, 0.05), (2.0, 30.0, 0.05), (2.0, 200.0, 0.1), (2.0, 90.0, 0.01))


def published(
    image: NDArray[np.uint8], *, alpha: float, beta: float, gamma: float, diagonal: float = math.sqrt(2)
) -> NDArray[np.float64]:
    """Karamalis et al. 2012: the whole Laplacian, solved directly in double precision."""
    height, width = image.shape
    grey = (image - image.min()) / np.ptp(image.astype(float))
    c = grey * (1 - np.exp(-alpha * np.linspace(0, 1, height)))[:, None]
    number = np.arange(image.size).reshape(image.shape)
    ends, steps, penalties = [], [], []
    for (dr, dk), penalty in {(1, 0): 0.0, (0, 1): 1.0, (1, 1): diagonal, (-1, 1): diagonal}.items():
        a = (slice(max(0, -dr), height - max(0, dr)), slice(0, width - dk))
        b = (slice(max(0, dr), height - max(0, -dr)), slice(dk, width))
        ends.append(np.stack([number[a].ravel(), number[b].ravel()]))
        steps.append(np.abs(c[a] - c[b]).ravel())
        penalties.append(np.full(steps[-1].size, penalty * gamma))
    i, j = np.concatenate(ends, axis=1)
    step = np.concatenate(steps)
    step = step / step.max() + np.concatenate(penalties)
    weight = np.exp(-beta * step / step.max()) + 1e-5
    joined = sparse.coo_matrix((weight, (i, j)), shape=(image.size, image.size)).tocsr()
    joined = joined + joined.T
    laplacian = (sparse.diags(np.asarray(joined.sum(0)).ravel()) - joined).tocsr()
    free = slice(width, image.size - width)
    out = np.zeros(image.size)
    out[:width] = 1.0
    out[free] = spsolve(laplacian[free, free].tocsc(), -np.asarray(laplacian[free, :width].sum(1)).ravel())
    return out.reshape(image.shape)


def pictures() -> list[tuple[str, NDArray[np.uint8]]]:
    """Real pictures of every set, and phantoms."""
    found = []
    for pattern in SETS:
        paths = sorted(data_root().glob(pattern))
        for path in paths[len(paths) // 4 :: max(1, len(paths) // EACH)][:EACH]:
            found.append((pattern.split("/")[1], cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)))
    return found + [("phantom", simulate_muscle(seed=seed).image) for seed in range(EACH)]


def agreement() -> None:
    rows: list[dict[str, Any]] = []
    small = [(name, cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)) for name, image in pictures()]
    for alpha, beta, gamma in PARAMETERS:
        kept = {"alpha": alpha, "beta": beta, "gamma": gamma}
        pairs = [(confidence_map(image, **kept), published(image, **kept)) for _, image in small]
        differences = [np.abs(a - b) for a, b in pairs]
        rows.append(
            kept
            | {
                "pictures": len(pairs),
                "mean difference": f"{np.mean(differences):.5f}",
                "greatest, median picture": f"{np.median([d.max() for d in differences]):.4f}",
                "greatest, worst picture": f"{max(d.max() for d in differences):.4f}",
                "lowest correlation": f"{min(np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairs):.6f}",
            }
        )
    record(
        "Confidence map: agreement with the published algorithm",
        rows,
        data=f"{EACH} pictures each of {len(SETS)} public sets and of phantoms, resized to {SIDE} x {SIDE}",
        split="none; nothing is fitted",
        kind="public data and phantom",
        command="python benchmarks/confidence.py",
        note="Against the whole system solved directly in double precision. The map lies between 0 and 1.",
    )


def speed() -> None:
    rows: list[dict[str, Any]] = []
    for side in (256, 512):
        ours, direct = [], []
        for _, image in pictures():
            resized = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
            confidence_map(resized)
            ours.append(min(_seconds(lambda x=resized: confidence_map(x)) for _ in range(5)))
            if side == 256 or len(direct) < 3:
                keep = dict(zip(("alpha", "beta", "gamma"), DEFAULT, strict=True))
                direct.append(_seconds(lambda x=resized, k=keep: published(x, **k)))
        rows.append(
            {
                "picture": f"{side} x {side}",
                "ms, median": f"{1e3 * np.median(ours):.0f}",
                "ms, slowest picture": f"{1e3 * max(ours):.0f}",
                "direct solution, ms": f"{1e3 * np.median(direct):.0f}",
                "ratio": f"{np.median(direct) / np.median(ours):.0f}",
            }
        )
    record(
        "Confidence map: speed",
        rows,
        data="the same pictures; best of five runs each, one thread",
        split="none",
        kind="public data and phantom",
        command="python benchmarks/confidence.py",
        note="Peer: `scipy.sparse.linalg.spsolve` (SuperLU) on the same Laplacian, as public ports of the method do.",
    )


def _seconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def picture() -> None:
    """The figure of the docs: two pictures and their maps."""
    matplotlib.use("Agg")
    from matplotlib import colormaps

    bone = cv2.imread(str(sorted(data_root().glob("bone/lower_limb_unlabelled/*.png"))[8]), cv2.IMREAD_GRAYSCALE)
    rows = []
    for image in (simulate_muscle(seed=0).image, bone):
        grey = cv2.resize(image, (180, 144), interpolation=cv2.INTER_AREA)
        map_ = (colormaps["viridis"](confidence_map(grey))[..., 2::-1] * 255).astype(np.uint8)
        rows.append(np.hstack([cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), map_]))
    cv2.imwrite(str(RESULTS.parents[1] / "docs/images/confidence_map.png"), np.hstack(rows))


def main() -> None:
    """Both sections of the results and the figure."""
    agreement()
    speed()
    picture()


if __name__ == "__main__":
    main()
