"""Local binary patterns that do not change when the picture turns or its gain changes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family
from mskus.features.texture.summary import entropy
from mskus.features.texture.surroundings import surroundings

RINGS = ((8, 1.0), (16, 2.0))


def local_binary_codes(picture: NDArray[np.floating], *, points: int, radius: float) -> NDArray[np.uint8]:
    r"""Rotation-invariant uniform code (riu2) of each pixel away from the edge.

    Points on a circle, read by bilinear interpolation, are compared with the centre. A ring with at most two changes
    between darker and not darker has as its code the number of points that are not darker, 0 .. P; any other has P + 1.
    Differences are interpolated, not levels, so that on a flat patch rounding does not make a point darker.

    Args:
        picture: ``(H, W)``, larger than twice the radius.
        points: P, on the circle.
        radius: R in pixels.

    Returns:
        ``(H - 2 ceil(R), W - 2 ceil(R))`` uint8.

    Source:
        Ojala, Pietikäinen & Mäenpää 2002, IEEE Trans. PAMI 24:971.

    Example:
        >>> spot = np.zeros((3, 3))
        >>> spot[1, 1] = 9.0
        >>> local_binary_codes(spot, points=8, radius=1.0), local_binary_codes(9 - spot, points=8, radius=1.0)
        (array([[0]], dtype=uint8), array([[8]], dtype=uint8))
    """
    turn = 2.0 * np.pi * np.arange(points) / points
    # Rounded, so that points on whole pixels are whole.
    dy, dx = np.round(-radius * np.sin(turn), 9), np.round(radius * np.cos(turn), 9)
    return _codes(np.ascontiguousarray(picture, np.float32), dy, dx, int(np.ceil(radius)))


@njit(cache=True)
def _codes(
    picture: NDArray[np.float32], dy: NDArray[np.float64], dx: NDArray[np.float64], edge: int
) -> NDArray[np.uint8]:
    points = dy.size
    height, width = picture.shape
    rows, columns = np.floor(dy).astype(np.int64), np.floor(dx).astype(np.int64)
    v, u = dy - rows, dx - columns
    # A corner without weight is read from where the pixel itself is, which is always inside.
    down, right = rows + (v > 0), columns + (u > 0)
    out = np.empty((height - 2 * edge, width - 2 * edge), np.uint8)
    weights = np.empty((points, 4), np.float32)
    for p in range(points):
        weights[p, 0], weights[p, 1] = (1 - v[p]) * (1 - u[p]), (1 - v[p]) * u[p]
        weights[p, 2], weights[p, 3] = v[p] * (1 - u[p]), v[p] * u[p]
    for y in range(edge, height - edge):
        for x in range(edge, width - edge):
            centre = picture[y, x]
            count, changes, first, before = 0, 0, False, False
            for p in range(points):
                top, bottom, left, far = y + rows[p], y + down[p], x + columns[p], x + right[p]
                difference = (
                    weights[p, 0] * (picture[top, left] - centre)
                    + weights[p, 1] * (picture[top, far] - centre)
                    + weights[p, 2] * (picture[bottom, left] - centre)
                    + weights[p, 3] * (picture[bottom, far] - centre)
                )
                bright = difference >= 0.0
                count += bright
                if p == 0:
                    first = bright
                else:
                    changes += bright != before
                before = bright
            changes += first != before
            out[y - edge, x - edge] = count if changes <= 2 else points + 1
    return out


@family("lbp", source="Ojala, Pietikäinen & Mäenpää 2002, IEEE Trans. PAMI 24:971")
def lbp_features(region: FeatureRegion) -> dict[str, float]:
    """Shares of the region's pixels by code, for 8 points at radius 1 and 16 at radius 2, and their entropy in bits.

    ``lbp_p8_r1_uniform_3`` is the share with three points not darker in one arc, ``lbp_p8_r1_other`` that of all
    patterns that are not uniform. Radii are in pixels.
    """
    inside = region.mask[region.box]
    row: dict[str, float] = {}
    for points, radius in RINGS:
        edge = int(np.ceil(radius))
        codes = local_binary_codes(surroundings(region, margin=(edge, edge)), points=points, radius=radius)
        shares = np.bincount(codes[inside], minlength=points + 2) / np.count_nonzero(inside)
        names = [*(f"uniform_{k}" for k in range(points + 1)), "other"]
        tag = f"lbp_p{points}_r{radius:g}"
        row |= {f"{tag}_{name}": float(share) for name, share in zip(names, shares, strict=True)}
        row[f"{tag}_entropy"] = entropy(shares)
    return row
