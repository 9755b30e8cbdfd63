"""The table of features: one row a region, columns in the nomenclature of the IBSI, provenance inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mskus.errors import FeatureError
from mskus.features.family import Family, FeatureRegion, families

if TYPE_CHECKING:
    import pandas as pd

# Columns that say how a row came about; they are never learned from.
PROVENANCE = ("mskus_version", "feature_settings", "image_sha256")


def chosen_families(names: Sequence[str] | None = None) -> dict[str, Family]:
    """Families by name; all where none are named.

    Raises:
        FeatureError: if a name is unknown.
    """
    known = families()
    for name in names or ():
        if name not in known:
            raise FeatureError(f"There is no family of features named {name!r}; choose from {', '.join(known)}.")
    return known if not names else {name: known[name] for name in names}


def feature_row(region: FeatureRegion, *, names: Sequence[str] | None = None) -> dict[str, float]:
    """All features of one region by column name.

    Args:
        region: picture, mask, scale and settings, see :meth:`FeatureRegion.of`.
        names: families to compute; all by default.

    Returns:
        Values by name; NaN where a feature is not defined for this region.

    Raises:
        FeatureError: if a family is unknown.
    """
    row: dict[str, float] = {}
    for one in chosen_families(names).values():
        row.update(one.function(region))
    return row


def feature_table(
    regions: Sequence[FeatureRegion], *, identity: pd.DataFrame | None = None, names: Sequence[str] | None = None
) -> pd.DataFrame:
    """One row a region: what the row is, how it came about, its features.

    Args:
        regions: the regions.
        identity: as many rows, such as image, patient, device and label; they become the first columns.
        names: families to compute; all by default.
    """
    import pandas as pd

    from mskus import __version__

    rows = pd.DataFrame([feature_row(region, names=names) for region in regions])
    provenance = pd.DataFrame(
        {"mskus_version": __version__, "feature_settings": [region.settings.text() for region in regions]}
    )
    parts = ([] if identity is None else [identity.reset_index(drop=True)]) + [provenance, rows]
    return pd.concat(parts, axis=1)
