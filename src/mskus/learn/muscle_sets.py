"""The public sets of traced aponeuroses as a manifest for ``mskus train``: cut to the picture, sorted by depth.

``python -m mskus.learn.muscle_sets --out build/muscle_sets`` writes ``aponeurosis.csv``, pictures and masks beside it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mskus.errors import MskusError, SaveError
from mskus.learn.datasets import image_box, order_aponeuroses, read_grey, set_manifest
from mskus.learn.manifest import write_table

CLASSES = {"superficial_aponeurosis": 1, "deep_aponeurosis": 2, "other_aponeurosis": 3}
RECTUS, LOWER_LIMB = "rectus_femoris_gait", "lower_limb_masks"


@dataclass(frozen=True, kw_only=True)
class Traced:
    """A picture at its own resolution with what was drawn on it.

    Attributes:
        image: ``(H, W)`` uint8, the image region.
        numbers: ``(H, W)`` uint8, class numbers of :data:`CLASSES`.
        labelled: the classes that the mask shows where they are.
        mm_per_px: ``(row, column)``, or None where the set has no scale.
        group: what must not be split: participant or near-duplicate group.
        stratum: what a fold leaves out: ``participant:3``, ``device:Telemed-A 660x556``.
        device: machine, as far as it is known.
        name: of the file, without ending.
    """

    image: NDArray[np.uint8]
    numbers: NDArray[np.uint8]
    labelled: tuple[str, ...]
    mm_per_px: tuple[float, float] | None
    group: str
    stratum: str
    device: str
    name: str

    @property
    def masks(self) -> NDArray[np.bool_]:
        """``(H, W, 3)``: superficial, deep, other."""
        return np.stack([self.numbers == number for number in CLASSES.values()], axis=-1)


def rectus_femoris(root: Path) -> Iterator[Traced]:
    """The 180 rectus femoris gait frames (CC0 1.0, pgolyski/RF_US_DL); the third class is not drawn.

    Raises:
        LearnError: if the set is not there.
    """
    folder = root / "muscle" / RECTUS
    for row in set_manifest(folder).itertuples():
        yield Traced(
            image=read_grey(folder / str(row.image)),
            numbers=read_grey(folder / str(row.mask)),
            labelled=("superficial_aponeurosis", "deep_aponeurosis"),
            mm_per_px=(float(str(row.mm_per_px_row)), float(str(row.mm_per_px_col))),
            group=f"rectus:{row.participant}",
            stratum=f"participant:{row.participant}",
            device=RECTUS,
            name=Path(str(row.image)).stem,
        )


def lower_limb(root: Path) -> Iterator[Traced]:
    """The lower-limb aponeurosis masks (Apache-2.0, njcronin/DL_Track), cut to the picture, sorted by depth.

    Deeper aponeuroses are drawn in some pictures only, so the third class counts only where one is drawn.

    Raises:
        LearnError: if the set is not there.
    """
    folder = root / "muscle" / LOWER_LIMB
    manifest = set_manifest(folder)
    for row in manifest[manifest.structure == "aponeurosis"].itertuples():
        image = read_grey(folder / str(row.image))
        x, y, w, h = image_box(image)
        crop = np.s_[y : y + h, x : x + w]
        planes = order_aponeuroses(read_grey(folder / str(row.mask))[crop] > 0) > 0
        numbers = np.asarray((planes * np.arange(1, 4)).max(axis=-1), np.uint8)
        labelled = ["superficial_aponeurosis", "deep_aponeurosis"]
        labelled += ["other_aponeurosis"] if planes[..., 2].any() else []
        yield Traced(
            image=np.ascontiguousarray(image[crop]),
            numbers=numbers,
            labelled=tuple(labelled),
            mm_per_px=None,
            group=f"lower_limb:{row.near_duplicate_group}",
            stratum=f"device:{row.device_family}",
            device=str(row.device_family),
            name=Path(str(row.image)).stem,
        )


def write_set(root: Path, out: Path) -> Path:
    """Write the manifest; what a mask leaves open is not in its column ``labelled``.

    Raises:
        LearnError: if a set is not there.
        SaveError: if a file cannot be written.
    """
    folder, rows = out / "aponeurosis", []
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(f"{folder} cannot be written: {error.strerror}.") from error
    for one in (*rectus_femoris(root), *lower_limb(root)):
        file = f"{one.device.split()[0]}_{one.name}.png"
        for path, picture in ((folder / file, one.image), (folder / f"mask_{file}", one.numbers)):
            if not cv2.imwrite(str(path), picture):
                raise SaveError(f"{path} cannot be written; is there room on the disk?")
        rows.append(
            {
                "image": f"{folder.name}/{file}",
                "mask": f"{folder.name}/mask_{file}",
                "patient": one.group,
                "device": one.device,
                "stratum": one.stratum,
                "labelled": " ".join(one.labelled),
            }
        )
    write_table(pd.DataFrame(rows), out / "aponeurosis.csv")
    return out / "aponeurosis.csv"


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("MSKUS_DATA", "../shared/data")))
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        print(write_set(given.data, given.out))
    except MskusError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
