"""Grey level distance zones: how far from the edge the patches of one grey level lie (IBSI ``dzm_``)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family
from mskus.features.radiomics.size_table import SizeTable, size_features
from mskus.features.radiomics.zones import zones

_TAGS = "sde lde lgze hgze sdlge sdhge ldlge ldhge glnu glnu_norm zdnu zdnu_norm z_perc gl_var zd_var zd_entr"
_NAMES = tuple(f"dzm_{tag}" for tag in _TAGS.split())


@family("gldzm", source="Thibault et al. 2014, IEEE Trans Biomed Eng 61:630; IBSI reference manual, section 3.9")
def gldzm(region: FeatureRegion) -> dict[str, float]:
    """The 16 distance zone features (IBSI 2D)."""
    return gldzm_features(gldzm_table(region.levels))


def gldzm_features(table: SizeTable) -> dict[str, float]:
    """The features of a table; see :func:`.size_table.size_features`."""
    return size_features([table], names=_NAMES)


def gldzm_table(levels: NDArray[np.int32]) -> SizeTable:
    """Zones by level and least distance from the region's edge.

    Args:
        levels: ``(H, W)`` levels 1 .. n, 0 outside the region.
    """
    found = zones(levels)
    return SizeTable.of(found.level, found.distance, pixels=int(np.count_nonzero(levels)))
