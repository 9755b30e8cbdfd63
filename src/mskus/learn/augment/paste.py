"""Structures of one picture pasted into another: more places and neighbours than a small set shows.

Source: simple copy-paste, Ghiasi et al., CVPR 2021 (arXiv 2012.07177). Here what lies around a structure comes along,
softly blended and brought to the brightness of its new place, because its rim and its neighbours are what it is known
by.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

_RIM = 0.06  # of the picture's side: what comes along around a structure
_TRIES = 4
_LEAST_SHARE = 0.0005


def pasted(image: U8, masks: U8, donor: U8, donor_masks: U8, rng: np.random.Generator) -> tuple[U8, U8]:
    """A picture with one cluster of structures of another in it.

    Args:
        image: ``(H, W)``.
        masks: ``(H, W, C)`` area share of each class times 255.
        donor: ``(H, W)``, from where.
        donor_masks: ``(H, W, C)``.
        rng: chooses the cluster, its place (beside where it was, little above or below), its size, turn and side.

    Returns:
        Picture and masks; those given where the donor shows no structure, or there is no room for it.

    Example:
        >>> empty, disk = np.full((64, 64), 90, np.uint8), np.zeros((64, 64, 1), np.uint8)
        >>> cv2.circle(disk[..., 0], (20, 30), 6, 255, -1)[30, 20]
        np.uint8(255)
        >>> _, found = pasted(empty, np.zeros_like(disk), empty, disk, np.random.default_rng(0))
        >>> bool(0.5 < found.sum() / disk.sum() < 2.0)
        True
    """
    cluster = _cluster(donor_masks, rng)
    if cluster is None:
        return image, masks
    height, width = image.shape
    rows, columns = np.nonzero(cluster)
    middle = np.array([(columns.min() + columns.max()) / 2.0, (rows.min() + rows.max()) / 2.0])
    for _ in range(_TRIES):
        place = np.array([rng.uniform(0.1, 0.9) * width, middle[1] + rng.normal(0.0, 0.06) * height])
        scale, turn = float(np.exp(rng.uniform(-0.25, 0.25))), np.deg2rad(rng.uniform(-15.0, 15.0))
        linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        if rng.random() < 0.5:
            linear[:, 0] *= -1.0
        move = np.hstack([linear, (place - linear @ middle)[:, None]])
        share = _warp(cluster.astype(np.uint8) * 255, move, (width, height)).astype(np.float32) / 255.0
        if share.sum() > 0.8 * scale**2 * cluster.sum():
            break
    else:
        return image, masks
    share = np.asarray(cv2.GaussianBlur(share, (0, 0), 0.25 * _RIM * height), np.float32)
    seen = _warp(donor, move, (width, height)).astype(np.float32)
    weight = float(share.sum())
    here, there = float((share * image).sum()) / weight, float((share * seen).sum()) / weight
    seen *= float(np.clip((here + 4.0) / (there + 4.0), 0.6, 1.7))
    mixed = share * seen + (1.0 - share) * image
    inside = (share > 0.5)[..., None]
    moved = np.stack([_warp(np.ascontiguousarray(plane), move, (width, height)) for plane in _planes(donor_masks)], -1)
    return np.clip(mixed, 0, 255).astype(np.uint8), np.where(inside, moved, masks).astype(np.uint8)


def _cluster(masks: U8, rng: np.random.Generator) -> NDArray[np.bool_] | None:
    """One group of structures that lie together, with what is around them."""
    height, width = masks.shape[:2]
    drawn = np.asarray((masks > 127).any(axis=-1), np.uint8)
    if drawn.sum() < _LEAST_SHARE * drawn.size:
        return None
    side = 2 * round(_RIM * height) + 1
    around = cv2.dilate(drawn, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    count, labels = cv2.connectedComponents(around)
    chosen = labels == int(rng.integers(1, count))
    return chosen if chosen.sum() < 0.5 * height * width else None


def _warp(array: U8, move: NDArray[np.float64], size: tuple[int, int]) -> U8:
    return np.asarray(cv2.warpAffine(array, move, size, flags=cv2.INTER_LINEAR), np.uint8)


def _planes(masks: U8) -> list[U8]:
    return [masks[..., c] for c in range(masks.shape[2])]
