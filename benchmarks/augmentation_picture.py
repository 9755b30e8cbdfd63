"""Draw what augmentation does to one picture, for the page on training: docs/images/augmentation.png.

python benchmarks/augmentation_picture.py
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from _results import data_root
from mskus.learn.augment import Augmentation
from mskus.learn.manifest import read_manifest
from mskus.learn.train.data import SegmentationData
from mskus.learn.train.sampler import Draw

PICTURE = Path(__file__).parents[1] / "docs/images/augmentation.png"
CLASSES = {"nerve": 1, "vessel": 2}
COLOURS = ((0, 255, 255), (80, 80, 255))  # blue, green, red
SHOWN, SIDE_PX = 5, 164


def drawn(image: torch.Tensor, masks: torch.Tensor) -> np.ndarray:
    """The picture in colour with the outlines of its masks."""
    out = cv2.cvtColor((image[0].numpy() * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    for mask, colour in zip(masks, COLOURS, strict=True):
        outlines, _ = cv2.findContours((mask.numpy() > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(out, outlines, -1, colour, 1)
    return cv2.resize(out, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)


def main() -> None:
    root = data_root() / "nerve" / "peripheral_blocks"
    case = read_manifest(root / "manifest.csv", patient="near_duplicate_group")[40]
    recipe = Augmentation(elastic=0.6, reverberation=0.5)
    data = SegmentationData([case], CLASSES, (256, 256), recipe, 3)
    examples = [data[0], *(data[Draw(0, place, 0)] for place in range(SHOWN))]
    cv2.imwrite(str(PICTURE), np.hstack([drawn(e[0], e[1]) for e in examples]), [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
