"""Grey level run lengths: how long a grey level goes on in a straight line (IBSI ``rlm_``)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family
from mskus.features.radiomics.size_table import SizeTable, size_features

_TAGS = "sre lre lgre hgre srlge srhge lrlge lrhge glnu glnu_norm rlnu rlnu_norm r_perc gl_var rl_var rl_entr"
_NAMES = tuple(f"rlm_{tag}" for tag in _TAGS.split())


@family("glrlm", source="Galloway 1975, Comput Graph Image Process 4:172; IBSI reference manual, section 3.7")
def glrlm(region: FeatureRegion) -> dict[str, float]:
    """The 16 run length features, averaged over the four directions (IBSI 2D:avg)."""
    return glrlm_features(glrlm_tables(region.levels))


def glrlm_features(tables: list[SizeTable]) -> dict[str, float]:
    """The features of each table, averaged; see :func:`.size_table.size_features`."""
    return size_features(tables, names=_NAMES)


def glrlm_tables(levels: NDArray[np.int32]) -> list[SizeTable]:
    """Runs of equal level, one table for each of right, down, down right, down left.

    Args:
        levels: ``(H, W)`` levels 1 .. n, 0 outside the region; a gap in the region ends a run.

    Example:
        >>> right = glrlm_tables(np.array([[1, 1, 2]], np.int32))[0]
        >>> right.level.tolist(), right.size.tolist(), right.count.tolist()
        ([1.0, 2.0], [2.0, 1.0], [1.0, 1.0])
    """
    pixels = int(np.count_nonzero(levels))
    return [SizeTable.of_matrix(matrix, pixels=pixels) for matrix in _runs(levels, int(levels.max()))]


@njit(cache=True)
def _runs(levels, n):  # type: ignore[no-untyped-def]
    """Counts of (level, length) for four directions; every run is walked once, from its first pixel."""
    height, width = levels.shape
    counts = np.zeros((4, n, max(height, width)), np.int64)
    down = (0, 1, 1, 1)
    right = (1, 0, 1, -1)
    for k in range(4):
        dy, dx = down[k], right[k]
        for y in range(height):
            for x in range(width):
                here = levels[y, x]
                if here == 0:
                    continue
                v, u = y - dy, x - dx
                if v >= 0 and 0 <= u < width and levels[v, u] == here:
                    continue
                length, v, u = 1, y + dy, x + dx
                while v < height and 0 <= u < width and levels[v, u] == here:
                    length, v, u = length + 1, v + dy, u + dx
                counts[k, here - 1, length - 1] += 1
    return counts
