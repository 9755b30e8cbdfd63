"""Neighbourhood grey tone difference: how a pixel differs from the mean around it (IBSI ``ngt_``)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family

# What the IBSI gives a region without any difference, whose coarseness would be infinite.
_COARSEST = 1e6


class ToneDifferences(NamedTuple):
    """For each level 1 .. n: how many pixels have it, and the sum of their differences from the mean around them."""

    pixels: NDArray[np.float64]
    difference: NDArray[np.float64]


@family("ngtdm", source="Amadasun & King 1989, IEEE Trans SMC 19:1264; IBSI reference manual, section 3.10")
def ngtdm(region: FeatureRegion) -> dict[str, float]:
    """The 5 tone difference features (IBSI 2D)."""
    return ngtdm_features(tone_differences(region.levels, distance=region.settings.distance_px))


def tone_differences(levels: NDArray[np.int32], *, distance: int = 1, n_levels: int | None = None) -> ToneDifferences:
    """Differences from the mean of the neighbours inside the region.

    Args:
        levels: ``(H, W)`` levels 1 .. n, 0 outside the region.
        distance: Chebyshev radius of the neighbourhood, in pixels.
        n_levels: length of the result; the highest level by default.

    Returns:
        Without the pixels that have no neighbour. Sums over slices are the IBSI's 2.5D.
    """
    return ToneDifferences(*_differences(levels, n_levels or int(levels.max()), distance))


def ngtdm_features(tones: ToneDifferences) -> dict[str, float]:
    r"""Coarseness, contrast, busyness, complexity and strength.

    With :math:`p_i` the share of level :math:`i`, :math:`s_i` its summed difference, :math:`N` pixels and :math:`N_g`
    levels that occur,

    .. math::
        \frac{1}{\sum p_i s_i},\quad
        \frac{\sum_{ij} p_i p_j (i-j)^2}{N_g (N_g-1)} \frac{\sum s_i}{N},\quad
        \frac{\sum p_i s_i}{\sum_{ij} |i p_i - j p_j|},\quad
        \frac1N \sum_{ij} |i-j| \frac{p_i s_i + p_j s_j}{p_i + p_j},\quad
        \frac{\sum_{ij} (p_i+p_j)(i-j)^2}{\sum s_i} .

    Returns:
        Values by name; a constant region has coarseness one million and zeros, a region without neighbours NaN.
    """
    used = np.flatnonzero(tones.pixels)
    names = ("ngt_coarseness", "ngt_contrast", "ngt_busyness", "ngt_complexity", "ngt_strength")
    if used.size == 0:
        return dict.fromkeys(names, float("nan"))
    n = float(tones.pixels.sum())
    i, p, s = used + 1.0, tones.pixels[used] / n, tones.difference[used]
    total, weighted = float(s.sum()), float(p @ s)
    if used.size == 1:
        return dict(zip(names, (_COARSEST, 0.0, 0.0, 0.0, 0.0), strict=True))
    apart = np.abs(i[:, None] - i)
    either = p[:, None] + p
    tone, mass = p * s, i * tones.pixels[used]  # whole numbers: whether they differ is not left to rounding
    busy = float(np.abs(mass[:, None] - mass).sum()) / n
    values = (
        1.0 / weighted if weighted > 0 else _COARSEST,
        float(p @ apart**2 @ p) / (used.size * (used.size - 1)) * total / n,
        weighted / busy if busy > 0 else float("nan"),
        float((apart * (tone[:, None] + tone) / either).sum()) / n,
        float((either * apart**2).sum()) / total if total > 0 else 0.0,
    )
    return dict(zip(names, values, strict=True))


@njit(cache=True)
def _differences(levels, n, distance):  # type: ignore[no-untyped-def]
    """Counts and summed differences by level."""
    height, width = levels.shape
    count, difference = np.zeros(n), np.zeros(n)
    for y in range(height):
        for x in range(width):
            here = levels[y, x]
            if here == 0:
                continue
            around, total = 0, 0
            for v in range(max(0, y - distance), min(height, y + distance + 1)):
                for u in range(max(0, x - distance), min(width, x + distance + 1)):
                    if levels[v, u] > 0:
                        around += 1
                        total += levels[v, u]
            if around > 1:
                count[here - 1] += 1
                difference[here - 1] += abs(here - (total - here) / (around - 1))
    return count, difference
