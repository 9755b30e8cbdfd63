"""A thicker fat layer on a real picture: fasciae in fat look like aponeuroses, and few traced pictures have much fat.

The picture is moved down and what lies above its superficial aponeurosis is taken from a simulated picture (skin, fat
with bright septa), brought to the same grey levels: copy and paste of layers, after Ghiasi et al., CVPR 2021 (arXiv
2012.07177).
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.learn.train.pictures import Picture

_LEAST_FAT, _MOST_FAT = 0.06, 0.33  # of the picture's height
_FEATHER_PX = 3.0


def upper_edge(mask: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Row of an aponeurosis' upper edge in every column of its mask, or None if it is traced over less than half."""
    traced = mask > 127
    seen = np.flatnonzero(traced.any(axis=0))
    if seen.size < 0.5 * traced.shape[1]:
        return None
    rows = np.argmax(traced[:, seen], axis=0).astype(float)
    return np.asarray(np.interp(np.arange(traced.shape[1]), seen, rows), np.float64)


def with_fat_layer(
    sample: Picture, donor: Picture, rng: np.random.Generator, *, superficial: int = 0, deep: int = 1
) -> Picture:
    """``sample`` under the fat of ``donor``.

    Args:
        sample: a real picture with its masks.
        donor: a simulated picture of the same stored size.
        rng: chooses how deep the muscle comes to lie.
        superficial: place of this aponeurosis among the masks.
        deep: place of the other.

    Returns:
        A new sample of the same size, or ``sample`` itself where one of the two has too little to work with.
    """
    if sample.masks is None or donor.masks is None:
        return sample
    edge, fat = upper_edge(sample.masks[..., superficial]), upper_edge(donor.masks[..., superficial])
    height, width = sample.image.shape
    if edge is None or fat is None or fat.min() < _LEAST_FAT * height:
        return sample
    deepest = float(np.max(np.nonzero(sample.masks[..., deep] > 127)[0], initial=0))
    room = min(0.95 * height - deepest, _MOST_FAT * height - float(edge.mean())) if deepest > 0 else 0.0
    if room < 0.03 * height:
        return sample
    shift = float(rng.uniform(0.3, 1.0) * room)
    down = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, shift]])
    image, masks = (
        np.asarray(cv2.warpAffine(a, down, (width, height), flags=cv2.INTER_LINEAR, borderMode=mode), np.uint8)
        for a, mode in ((sample.image, cv2.BORDER_REFLECT), (sample.masks, cv2.BORDER_CONSTANT))
    )
    edge = edge + shift
    # the donor's layer is stretched column by column so that its lower end meets the receiver's aponeurosis
    rows = np.arange(height, dtype=np.float32)[:, None]
    source_rows = rows * (fat / np.maximum(edge, 1.0)).astype(np.float32)[None, :]
    columns = np.broadcast_to(np.arange(width, dtype=np.float32), source_rows.shape)
    layer = cv2.remap(donor.image, np.ascontiguousarray(columns), source_rows, cv2.INTER_LINEAR).astype(np.float32)
    above = rows < edge[None, :]
    below = image[int(edge.max()) : int(edge.max()) + height // 4].astype(np.float32)
    here = layer[above]
    if below.size and here.std() > 1.0:
        gain = float(np.clip(below.std() / here.std(), 0.4, 2.0)) * float(rng.uniform(0.8, 1.3))
        layer = (layer - here.mean()) * gain + below.mean() * float(rng.uniform(0.6, 1.1))
    layer = _with_fascia(layer, image, masks[..., superficial], edge, rng)
    share = np.clip((edge[None, :] - rows) / _FEATHER_PX, 0.0, 1.0).astype(np.float32)
    mixed = share * layer + (1.0 - share) * image.astype(np.float32)
    masks = np.where(above[..., None] & (share[..., None] > 0.5), 0, masks).astype(np.uint8)
    return replace(sample, image=np.clip(mixed, 0, 255).astype(np.uint8), masks=masks)


def _with_fascia(
    layer: NDArray[np.float32],
    image: NDArray[np.uint8],
    traced: NDArray[np.uint8],
    edge: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Up to two copies of the aponeurosis' own bright line in the fat above it, unlabelled: the superficial fascia."""
    line = np.where(traced > 127, image, 0).astype(np.uint8)
    height, width = image.shape
    top = float(edge.min())
    for _ in range(int(rng.integers(0, 3))):
        if top < 0.06 * height:
            break
        rise = float(rng.uniform(0.25, 0.85)) * top
        tilt = float(rng.uniform(-0.4, 0.4)) * rise / width
        thin = float(rng.uniform(0.4, 1.1))
        # output row r takes row edge + (r + rise + tilt x - edge) / thin, so the copy is thinner and lies higher
        x = np.arange(width, dtype=np.float32)[None, :]
        lift = (rise + tilt * (x - width / 2)).astype(np.float32)
        base = edge.astype(np.float32)[None, :]
        rows = base + (np.arange(height, dtype=np.float32)[:, None] + lift - base) / thin
        copy = cv2.remap(line, np.ascontiguousarray(np.broadcast_to(x, rows.shape)), rows, cv2.INTER_LINEAR)
        layer = np.maximum(layer, copy.astype(np.float32) * float(rng.uniform(0.6, 1.0)))
    return layer
