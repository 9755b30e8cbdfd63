"""Grey level size zones: how large the patches of one grey level are (IBSI ``szm_``)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family
from mskus.features.radiomics.size_table import SizeTable, size_features
from mskus.features.radiomics.zones import zones

_TAGS = "sze lze lgze hgze szlge szhge lzlge lzhge glnu glnu_norm zsnu zsnu_norm z_perc gl_var zs_var zs_entr"
_NAMES = tuple(f"szm_{tag}" for tag in _TAGS.split())


@family("glszm", source="Thibault et al. 2014, IEEE Trans Biomed Eng 61:630; IBSI reference manual, section 3.8")
def glszm(region: FeatureRegion) -> dict[str, float]:
    """The 16 size zone features (IBSI 2D)."""
    return glszm_features(glszm_table(region.levels))


def glszm_features(table: SizeTable) -> dict[str, float]:
    """The features of a table; see :func:`.size_table.size_features`."""
    return size_features([table], names=_NAMES)


def glszm_table(levels: NDArray[np.int32]) -> SizeTable:
    """Zones by level and number of pixels.

    Args:
        levels: ``(H, W)`` levels 1 .. n, 0 outside the region.
    """
    found = zones(levels)
    return SizeTable.of(found.level, found.size, pixels=int(np.count_nonzero(levels)))
