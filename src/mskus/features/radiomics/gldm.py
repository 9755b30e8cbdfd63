"""Grey level dependence: how many neighbours share a pixel's grey level (IBSI ``ngl_``, its NGLDM)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family
from mskus.features.radiomics.size_table import SizeTable, size_features

_TAGS = (
    "lde hde lgce hgce ldlge ldhge hdlge hdhge glnu glnu_norm dcnu dcnu_norm dc_perc gl_var dc_var dc_entr dc_energy"
)
_NAMES = tuple(f"ngl_{tag}" for tag in _TAGS.split())


@family("gldm", source="Sun & Wee 1983, Comput Vis Graph Image Process 23:341; IBSI reference manual, section 3.11")
def gldm(region: FeatureRegion) -> dict[str, float]:
    """The 17 dependence features (IBSI 2D, coarseness 0); pyradiomics calls the matrix GLDM, the IBSI NGLDM."""
    return gldm_features(gldm_table(region.levels, distance=region.settings.distance_px))


def gldm_features(table: SizeTable) -> dict[str, float]:
    """The features of a table; see :func:`.size_table.size_features`."""
    return size_features([table], names=_NAMES)


def gldm_table(levels: NDArray[np.int32], *, distance: int = 1) -> SizeTable:
    """Pixels by level and by how many pixels within the distance, itself among them, have the same level.

    Args:
        levels: ``(H, W)`` levels 1 .. n, 0 outside the region.
        distance: Chebyshev radius of the neighbourhood, in pixels.

    Example:
        >>> table = gldm_table(np.array([[1, 1, 2]], np.int32))
        >>> table.level.tolist(), table.size.tolist(), table.count.tolist()
        ([1.0, 2.0], [2.0, 1.0], [2.0, 1.0])
    """
    counts = _dependences(levels, int(levels.max()), distance)
    return SizeTable.of_matrix(counts, pixels=int(np.count_nonzero(levels)))


@njit(cache=True)
def _dependences(levels, n, distance):  # type: ignore[no-untyped-def]
    """Counts of (level, number of equal pixels within the distance)."""
    height, width = levels.shape
    counts = np.zeros((n, (2 * distance + 1) ** 2), np.int64)
    for y in range(height):
        for x in range(width):
            here = levels[y, x]
            if here == 0:
                continue
            equal = 0
            for v in range(max(0, y - distance), min(height, y + distance + 1)):
                for u in range(max(0, x - distance), min(width, x + distance + 1)):
                    equal += levels[v, u] == here
            counts[here - 1, equal - 1] += 1
    return counts
