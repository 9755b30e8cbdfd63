"""The table of features: one row a region, columns in the nomenclature of the IBSI, provenance inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mskus.errors import FeatureError
from mskus.features.family import Family, FeatureRegion, families

if TYPE_CHECKING:
    import pandas as pd

# Columns that say how a row came about; they are never learned from. The hash is there if the caller's identity has it.
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
        regions: the regions, at least one.
        identity: as many rows, such as image, patient, device and label; they become the first columns. A column
            ``image_sha256`` in it (the hash of the picture's file, which this room never sees) joins the provenance.
        names: families to compute; all by default.

    Raises:
        FeatureError: if there are no regions, the identity has another number of rows or names a column that the table
            fills, or a family is unknown.

    Example:
        >>> table = feature_table([FeatureRegion.of([[1, 2], [3, 4]])], names=["first_order"])
        >>> table[["feature_settings", "stat_mean"]].to_dict("records")
        [{'feature_settings': 'bins=32;distance=1px', 'stat_mean': 2.5}]
    """
    import pandas as pd

    from mskus import __version__

    if not regions:
        raise FeatureError("There is no region to make a table of.")
    rows = pd.DataFrame([feature_row(region, names=names) for region in regions])
    provenance = pd.DataFrame(
        {"mskus_version": __version__, "feature_settings": [region.settings.text() for region in regions]}
    )
    if identity is None:
        return pd.concat([provenance, rows], axis=1)
    if len(identity) != len(regions):
        raise FeatureError(f"{len(regions)} regions came with {len(identity)} rows of identity; give one for each.")
    twice = [str(name) for name in identity.columns if name in provenance or name in rows]
    if twice:
        raise FeatureError(f"The column {twice[0]!r} is filled by the table of features; name yours otherwise.")
    who = identity.reset_index(drop=True)
    hashes = who.pop("image_sha256") if "image_sha256" in who else None
    return pd.concat([who, provenance, *([] if hashes is None else [hashes]), rows], axis=1)
