"""Grey level co-occurrence: which grey levels stand beside which (IBSI ``cm_``)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import entr

from mskus.features.family import FeatureRegion, family

_TO_BITS = 1.0 / np.log(2.0)


@family("glcm", source="Haralick et al. 1973, IEEE Trans SMC 3:610; IBSI reference manual, section 3.6")
def glcm(region: FeatureRegion) -> dict[str, float]:
    """The 25 co-occurrence features, averaged over the four directions (IBSI 2D:avg)."""
    return glcm_features(glcm_matrices(region.levels, distance=region.settings.distance_px))


def glcm_matrices(levels: NDArray[np.int32], *, distance: int = 1, n_levels: int | None = None) -> NDArray[np.int64]:
    """Symmetric counts of pairs for the directions right, down, down right, down left.

    Args:
        levels: ``(H, W)`` levels 1 .. n, 0 outside the region; only pairs with both pixels inside count.
        distance: Chebyshev distance of the two, in pixels.
        n_levels: size of the matrices; the highest level by default.

    Returns:
        ``(4, n, n)``. Sums over matrices are those of the IBSI: over directions 2D:mrg, over slices 2.5D.

    Example:
        >>> glcm_matrices(np.array([[1, 1, 2]], np.int32))[0].tolist()
        [[2, 1], [1, 0]]
    """
    pairs = _pairs(levels, n_levels or int(levels.max()), distance)
    return np.asarray(pairs + pairs.transpose(0, 2, 1))


def glcm_features(matrices: NDArray[np.int64]) -> dict[str, float]:
    """The 25 features of each matrix, averaged over the matrices that hold pairs.

    Args:
        matrices: ``(D, n, n)`` symmetric counts.

    Returns:
        Values by name; NaN where no two pixels of the region are neighbours.
    """
    rows = [_features(m / m.sum()) for m in matrices if m.any()]
    if not rows:
        rows = [dict.fromkeys(_features(np.ones((1, 1))), float("nan"))]
    return {f"cm_{name}": float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _features(p: NDArray[np.float64]) -> dict[str, float]:
    """Of a symmetric matrix of probabilities all but two features rest on three marginals: of i, |i - j| and i + j."""
    n = len(p)
    i = np.arange(1.0, n + 1.0)
    row, column = np.indices(p.shape)
    p_i = p.sum(0)
    p_diff = np.bincount(np.abs(row - column).ravel(), p.ravel(), n)
    p_sum = np.bincount((row + column).ravel(), p.ravel(), 2 * n - 1)
    diff, total = np.arange(float(n)), np.arange(2.0, 2.0 * n + 1.0)
    mean = float(p_i @ i)
    variance = float(p_i @ (i - mean) ** 2)
    diff_mean = float(p_diff @ diff)
    off = total - 2.0 * mean
    auto = float(i @ p @ i)
    entropy, entropy_i = (float(entr(q).sum()) * _TO_BITS for q in (p, p_i))
    shared = max(2.0 * entropy_i - entropy, 0.0)  # bits that a pixel tells of its neighbour; rounding may dip below 0
    return {
        "joint_max": float(p.max()),
        "joint_avg": mean,
        "joint_var": variance,
        "joint_entr": entropy,
        "diff_avg": diff_mean,
        "diff_var": float(p_diff @ (diff - diff_mean) ** 2),
        "diff_entr": float(entr(p_diff).sum()) * _TO_BITS,
        "sum_avg": 2.0 * mean,
        "sum_var": float(p_sum @ off**2),
        "sum_entr": float(entr(p_sum).sum()) * _TO_BITS,
        "energy": float((p * p).sum()),
        "contrast": float(p_diff @ diff**2),
        "dissimilarity": diff_mean,
        "inv_diff": float((p_diff / (1.0 + diff)).sum()),
        "inv_diff_norm": float((p_diff / (1.0 + diff / n)).sum()),
        "inv_diff_mom": float((p_diff / (1.0 + diff**2)).sum()),
        "inv_diff_mom_norm": float((p_diff / (1.0 + (diff / n) ** 2)).sum()),
        "inv_var": float((p_diff[1:] / diff[1:] ** 2).sum()),
        "corr": (auto - mean * mean) / variance if variance > 0 else 1.0,
        "auto_corr": auto,
        "clust_tend": float(p_sum @ off**2),
        "clust_shade": float(p_sum @ off**3),
        "clust_prom": float(p_sum @ off**4),
        "info_corr1": -shared / entropy_i if entropy_i > 0 else 0.0,
        "info_corr2": float(np.sqrt(1.0 - np.exp(-2.0 * shared))),
    }


@njit(cache=True)
def _pairs(levels, n, distance):  # type: ignore[no-untyped-def]
    """Counts of (level, level of the neighbour ahead) for four directions."""
    height, width = levels.shape
    counts = np.zeros((4, n, n), np.int64)
    down = (0, distance, distance, distance)
    right = (distance, 0, distance, -distance)
    for y in range(height):
        for x in range(width):
            here = levels[y, x]
            if here == 0:
                continue
            for k in range(4):
                v, u = y + down[k], x + right[k]
                if v < height and 0 <= u < width and levels[v, u] > 0:
                    counts[k, here - 1, levels[v, u] - 1] += 1
    return counts
