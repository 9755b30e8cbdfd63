"""The picture of k-means localisation in the docs: `python benchmarks/localise_picture.py`."""

from __future__ import annotations

from pathlib import Path

import cv2
from matplotlib.figure import Figure

from _results import data_root
from mskus.learn.classical.clustering import kmeans_localise

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "localise.png"


def main() -> None:
    """Draw an infant hip, its clusters and the brightest part."""
    path = sorted((data_root() / "hip" / "standard_plane" / "images").glob("*.png"))[3]
    hip = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if hip is None:
        raise SystemExit(f"{path} cannot be read.")
    figure = Figure(figsize=(7.2, 2.5), layout="constrained")
    shown, clusters, part = figure.subplots(1, 3)
    found = kmeans_localise(hip, k=3)
    shown.imshow(hip, cmap="gray")
    clusters.imshow(found.labels, cmap="viridis", interpolation="nearest")
    part.imshow(hip, cmap="gray")
    part.contour(found.mask, [0.5], colors="gold", linewidths=1)
    for axes, title in ((shown, "picture"), (clusters, "three clusters"), (part, "largest brightest part")):
        axes.set_title(title, fontsize=9)
        axes.axis("off")
    figure.savefig(PICTURE, dpi=90)


if __name__ == "__main__":
    main()
