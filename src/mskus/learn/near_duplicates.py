"""Pictures that show the same thing: copies that were rescaled, brightened or mirrored, and neighbours in a video.

A picture is reduced to a thumbnail whose coarse shading is taken away, because every scanner's sector looks alike from
afar and only the echoes tell one recording from the next. Two pictures are near-duplicates where the normalised
cross-correlation of their thumbnails (Lewis, Vision Interface, 1995) is high, as they are or mirrored:

    r = sum(a b) / sqrt(sum(a^2) sum(b^2)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE_PX, _COARSE_PX = 64, 8.0
_CHUNK = 512
# Neighbours in one video reach it; of three sets with known people no two pictures of different people do.
ALIKE, MIRRORED_ALIKE = 0.70, 0.85
# So alike that pictures are copies, whoever they are said to show (frames of one leg reach 0.9 only as neighbours).
COPY = 0.90


@dataclass(frozen=True)
class Pair:
    """Two pictures that show the same: their numbers, first below second, and the correlation."""

    first: int
    second: int
    correlation: float
    mirrored: bool = False


def thumbnail(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A ``(64, 64)`` thumbnail without coarse shading, of unit length; all zero for a picture of one grey level."""
    small = cv2.resize(image, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    fine = small - cv2.GaussianBlur(small, (0, 0), _COARSE_PX, borderType=cv2.BORDER_REFLECT_101)
    length = float(np.linalg.norm(fine))
    return fine / length if length > _SIDE_PX / 10 else np.zeros_like(fine)


def near_duplicates(
    thumbnails: Sequence[NDArray[np.float32]], *, alike: float = ALIKE, mirrored_alike: float = MIRRORED_ALIKE
) -> list[Pair]:
    """Pairs of pictures that show the same.

    Args:
        thumbnails: of :func:`thumbnail`, N of them.
        alike: lowest correlation of a pair.
        mirrored_alike: of a pair of which one is mirrored; left and right of one body part are alike, but no copies.

    Returns:
        The pairs in order; work and memory grow with N^2, 512 rows at a time.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> a, b = rng.integers(0, 256, (2, 90, 120), np.uint8)
        >>> copy = cv2.resize(a[:, ::-1], None, fx=0.8, fy=0.8) // 2
        >>> near_duplicates([thumbnail(p) for p in (a, b, copy)])[0].mirrored
        True
    """
    if len(thumbnails) < 2:
        return []
    stack = np.stack(thumbnails)
    flat = stack.reshape(len(stack), -1)
    turns = [stack[:, :, ::-1], stack[:, ::-1], stack[:, ::-1, ::-1]]  # left to right, upside down, both
    turned = [turn.reshape(flat.shape) for turn in turns]
    pairs = []
    for start in range(0, len(flat), _CHUNK):
        rows = flat[start : start + _CHUNK]
        plain = rows @ flat[start:].T
        mirrored = np.maximum.reduce([rows @ turn[start:].T for turn in turned])
        best = np.maximum(plain, mirrored)
        for i, j in zip(*np.nonzero(np.triu((plain >= alike) | (mirrored >= mirrored_alike), k=1)), strict=True):
            pairs.append(Pair(start + int(i), start + int(j), float(best[i, j]), bool(mirrored[i, j] > plain[i, j])))
    return pairs


def groups_of_pairs(pairs: Sequence[Pair], *, count: int) -> NDArray[np.int64]:
    """``(count,)`` group of every picture: pairs that share a picture are one group; numbered by first picture."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = ([p.first for p in pairs], [p.second for p in pairs])
    links = coo_array((np.ones(len(pairs)), ends), shape=(count, count))
    groups = connected_components(links, directed=False)[1]
    _, first, where = np.unique(groups, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[where].astype(np.int64)
