"""Pictures of the public sets: read, cut to the ultrasound, sorted by depth, and split without leaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mskus.errors import LearnError as LearnError


def read_grey(path: Path) -> NDArray[np.uint8]:
    """A picture file as ``(H, W)`` uint8.

    Raises:
        LearnError: if it cannot be read.
    """
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise LearnError(f"{path} cannot be read as a picture; check that the data set is complete.")
    return image.astype(np.uint8, copy=False)


def set_manifest(folder: Path) -> pd.DataFrame:
    """The manifest of a public set.

    Raises:
        LearnError: if the set is not there.
    """
    path = folder / "manifest.csv"
    if not path.is_file():
        raise LearnError(f"{path} is missing; set MSKUS_DATA or --data to the folder that holds the real data.")
    return pd.read_csv(path)


def shrink(array: NDArray[np.uint8], *, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Resize to ``size`` (H, W) by area where it gets smaller, so that thin masks become soft, not broken."""
    if array.ndim == 3:
        return np.stack(
            [shrink(np.ascontiguousarray(array[..., c]), size=size) for c in range(array.shape[2])], axis=-1
        )
    height, width = size
    small = cv2.resize(array, (width, array.shape[0]), interpolation=_interpolation(array.shape[1], width))
    return cv2.resize(small, (width, height), interpolation=_interpolation(array.shape[0], height)).astype(np.uint8)


def _interpolation(old: int, new: int) -> int:
    return cv2.INTER_AREA if new < old else cv2.INTER_LINEAR


def image_box(image: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Box ``(x, y, w, h)`` of the ultrasound picture in a screen whose surround has few grey levels.

    A picture without a surround gives the whole frame.

    Example:
        >>> screen = np.zeros((60, 80), np.uint8); screen[10:50, 20:70] = 90
        >>> image_box(screen)
        (20, 10, 50, 40)
    """
    border = np.concatenate([image[:, :2].ravel(), image[:, -2:].ravel()])
    shares = np.bincount(border, minlength=256) / border.size
    grounds = np.nonzero(shares > 0.02)[0]
    if shares[grounds].sum() < 0.9 or len(grounds) > 4:
        return 0, 0, image.shape[1], image.shape[0]
    # a header may have another grey than the sides, and compression smears black by a few grey levels
    is_ground = np.zeros(256, bool)
    for grey in grounds:
        is_ground[max(0, grey - 1) : grey + (7 if grey < 10 else 2)] = True
    differs = (~is_ground[image]).astype(np.uint8)
    # speckle has dark pixels: close them, then drop thin things such as rulers and text
    solid = cv2.morphologyEx(differs, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((31, 31), np.uint8))
    n, _, stats, _ = cv2.connectedComponentsWithStats(solid)
    if n < 2:
        return 0, 0, image.shape[1], image.shape[0]
    x, y, w, h, _ = stats[1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())]
    return int(x), int(y), int(w), int(h)


def order_aponeuroses(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Sort the parts of a binary aponeurosis mask by depth.

    Parts that continue each other along x are merged. The topmost is superficial, the next deep, the further ones
    other; where the deep part forks, the upper branch bounds the muscle and the lower is other.

    Args:
        mask: ``(H, W)`` bool.

    Returns:
        ``(H, W, 3)`` uint8 of 0 and 255: superficial, deep, other.

    Example:
        >>> m = np.zeros((60, 200), bool); m[10:14] = True; m[30:34, :90] = True; m[31:35, 110:] = True; m[50:54] = True
        >>> order_aponeuroses(m).astype(bool).sum((0, 1)).tolist()
        [800, 720, 800]
    """
    n, labels = cv2.connectedComponents(mask.astype(np.uint8))
    parts: list[NDArray[np.bool_]] = []
    for index in range(1, n):
        part: NDArray[np.bool_] = labels == index
        if np.count_nonzero(part.any(axis=0)) >= 0.04 * mask.shape[1]:
            parts.append(part)
    parts.sort(key=lambda p: float(np.nonzero(p.any(axis=0))[0][0]))
    merged: list[NDArray[np.bool_]] = []
    for part in parts:
        for i, other in enumerate(merged):
            if _continues(other, part):
                merged[i] = other | part
                break
        else:
            merged.append(part)
    merged.sort(key=lambda p: float(np.mean(np.nonzero(p)[0])))
    out = np.zeros((*mask.shape, 3), np.uint8)
    for rank, part in enumerate(merged):
        upper = _first_run(part)
        out[..., min(rank, 2)][upper] = 255
        out[..., 0 if rank == 0 else 2][part & ~upper] = 255
    return out


def _continues(left: NDArray[np.bool_], right: NDArray[np.bool_]) -> bool:
    x_left = np.nonzero(left.any(axis=0))[0]
    x_right = np.nonzero(right.any(axis=0))[0]
    if x_right[0] <= x_left[-1]:
        return False

    def middle(part: NDArray[np.bool_], columns: NDArray[np.int64]) -> float:
        return float(np.mean(np.nonzero(part[:, columns])[0]))

    step = abs(middle(left, x_left[-10:]) - middle(right, x_right[:10]))
    return bool(step < 0.04 * left.shape[0] + 0.15 * float(x_right[0] - x_left[-1]))


def _first_run(part: NDArray[np.bool_]) -> NDArray[np.bool_]:
    gaps = np.cumsum(np.diff(part.astype(np.int8), axis=0, prepend=np.int8(0)) == 1, axis=0)
    return np.asarray(part & (gaps == 1), np.bool_)


class Sourced(Protocol):
    """A training picture of any kind: where it is from and with what it must stay together."""

    @property
    def source(self) -> str:
        """Name of the set."""

    @property
    def group(self) -> str:
        """What must not be split."""

    @property
    def stratum(self) -> str:
        """What a fold leaves out."""


Sample = TypeVar("Sample", bound=Sourced)


def leave_out(samples: Sequence[Sample], strata: Iterable[str]) -> tuple[list[Sample], list[Sample]]:
    """Split into (training, held out) by stratum.

    A group that also occurs among the held-out samples is dropped from training, so a near-duplicate never leaks.

    Raises:
        LearnError: if a stratum holds no sample.
    """
    out = set(strata)
    unknown = out - {s.stratum for s in samples}
    if unknown:
        raise LearnError(
            f"nothing to leave out under {sorted(unknown)}; known: {sorted({s.stratum for s in samples})}."
        )
    held = [s for s in samples if s.stratum in out]
    groups = {s.group for s in held}
    train = [s for s in samples if s.stratum not in out and s.group not in groups]
    check_split(train, held)
    return train, held


def check_split(train: Sequence[Sourced], held: Sequence[Sourced]) -> None:
    """Stop if a group lies on both sides.

    Raises:
        LearnError: naming the groups that leak.
    """
    both = {s.group for s in train} & {s.group for s in held}
    if both:
        raise LearnError(f"the split leaks: {sorted(both)[:5]} lie in training and held-out data.")
