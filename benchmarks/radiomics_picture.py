"""Draw what the matrices of texture count, for the page on texture: docs/images/radiomics.png.

python benchmarks/radiomics_picture.py
"""

from __future__ import annotations

from pathlib import Path

import cv2
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from mskus.features import FeatureRegion
from mskus.features.radiomics.glcm import glcm_matrices
from radiomics import real_regions

PICTURE = Path(__file__).parents[1] / "docs/images/radiomics.png"
SHOWN_LEVELS = 8  # 32 levels could not be told apart by eye


def zone_sizes(
    levels: np.ndarray[tuple[int, ...], np.dtype[np.int32]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The size of the zone that each pixel belongs to, NaN outside."""
    sizes = np.full(levels.shape, np.nan)
    for level in range(1, SHOWN_LEVELS + 1):
        _, labels, stats, _ = cv2.connectedComponentsWithStats((levels == level).astype(np.uint8), connectivity=8)
        sizes[levels == level] = stats[labels[levels == level], cv2.CC_STAT_AREA]
    return sizes


def main() -> None:
    """A muscle belly and a nerve, one a row: grey levels, bins, co-occurrence, zones."""
    regions = real_regions()
    shown = {}
    for name in ("muscle belly", "nerve"):
        by_size = sorted((one for one in regions if one.data == name), key=lambda one: int(one.region.mask.sum()))
        shown[name] = by_size[len(by_size) // 2]
    figure, axes = plt.subplots(2, 4, figsize=(10, 4.2), layout="constrained", width_ratios=[1.3, 1.3, 1, 1.3])
    for row, (name, one) in zip(axes, shown.items(), strict=True):
        mask = one.region.mask
        levels = FeatureRegion.of(one.region.image, mask=mask).levels * SHOWN_LEVELS // 33 + mask
        row[0].imshow(one.region.image, cmap="gray", vmin=0, vmax=255)
        row[0].contour(mask, [0.5], colors="#e8a33d", linewidths=1)
        row[0].set_ylabel(name)
        row[1].imshow(np.where(mask, levels, np.nan), cmap="viridis")
        row[2].imshow(np.log1p(glcm_matrices(one.region.levels).sum(0)), cmap="magma", extent=(0.5, 32.5, 32.5, 0.5))
        row[3].imshow(np.log(zone_sizes(np.where(mask, levels, 0))), cmap="cividis")
        for axis in (row[0], row[1], row[3]):
            axis.set(xticks=[], yticks=[])
    for axis, title in zip(
        axes[0], ("grey levels", "8 bins", "which levels are neighbours", "size of zones"), strict=True
    ):
        axis.set_title(title, fontsize=10)
    figure.savefig(PICTURE, dpi=80)
    Image.open(PICTURE).convert("RGB").quantize(96).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
