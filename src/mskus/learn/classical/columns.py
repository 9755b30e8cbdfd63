"""Which columns of a table are features, and what the labels and patients of its rows are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.features.table import PROVENANCE
from mskus.learn.manifest import KNOWN

if TYPE_CHECKING:
    import pandas as pd

# The column after which a table of `mskus features` holds features only.
SETTINGS_COLUMN = "feature_settings"
_WRITTEN_INDEX = re.compile(r"Unnamed: \d+|index|level_\d+")
_MOST_CLASSES = 20


def feature_columns(table: pd.DataFrame, *, ignore: Sequence[str] = ()) -> list[str]:
    """Names of the feature columns, in the order of the table.

    In a table made by ``mskus features`` they are the numeric columns right of the provenance: age, scores and other
    labels of the manifest stand left of it and are never learned from. In any other table every numeric column counts
    that has no meaning of its own (picture, mask, patient, device, spacing) and is no index that was written along, for
    the number of a row of a sorted table tells its class.

    Args:
        table: one row a region.
        ignore: further columns that are no features, such as the label.

    Example:
        >>> import pandas as pd
        >>> made = pd.DataFrame({"patient": ["a"], "age": [7], "feature_settings": ["bins=32"], "stat_mean": [80.0]})
        >>> feature_columns(made), feature_columns(made.drop(columns="feature_settings"), ignore=["age"])
        (['stat_mean'], ['stat_mean'])
    """
    names = [str(name) for name in table.columns]
    first = names.index(SETTINGS_COLUMN) + 1 if SETTINGS_COLUMN in names else 0
    never = {*KNOWN, *PROVENANCE, *ignore}
    offered = [name for name in names[first:] if name not in never and not _WRITTEN_INDEX.fullmatch(name)]
    return [name for name in offered if table[name].dtype.kind in "fiu"]


def feature_matrix(table: pd.DataFrame, names: Sequence[str]) -> NDArray[np.float64]:
    """``(N, F)`` values of the named columns, NaN where a cell is empty, infinite or no number.

    Raises:
        LearnError: if columns are missing.
    """
    import pandas as pd

    check_columns(table, names)
    values = table[list(names)].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64, copy=True)
    values[~np.isfinite(values)] = np.nan
    return values


def check_columns(table: pd.DataFrame, names: Sequence[str]) -> None:
    """See that features are there.

    Raises:
        LearnError: naming up to three that are missing.
    """
    missing = [name for name in names if name not in table.columns]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise LearnError(
            f"The table lacks the features {', '.join(missing[:3])}{more}; make it with the families of the training."
        )


def text_column(table: pd.DataFrame, name: str, *, meaning: str) -> NDArray[np.str_]:
    """``(N,)`` cells as text, 1.0 as ``"1"``, empty where there is nothing.

    Raises:
        LearnError: if there is no such column.
    """
    if name not in table.columns:
        known = ", ".join(map(str, table.columns[:12]))
        raise LearnError(f"The table has no column {name!r} for the {meaning}; its first columns are {known}.")
    absent = table[name].isna().to_numpy()
    return np.array(["" if gap else _text(cell) for cell, gap in zip(table[name].tolist(), absent, strict=True)], str)


def labels(table: pd.DataFrame, name: str) -> NDArray[np.str_]:
    """``(N,)`` class of each row, empty where unknown.

    Raises:
        LearnError: if the column is missing or holds measurements instead of classes, or fewer than two classes.
    """
    cells = text_column(table, name, meaning="label")
    classes = sorted(set(cells.tolist()) - {""})
    if len(classes) < 2:
        found = f"the one class {classes[0]!r}" if classes else "no entries"
        raise LearnError(f"The label {name!r} holds {found}; two classes at least are needed.")
    if len(classes) > _MOST_CLASSES:
        raise LearnError(
            f"The label {name!r} holds {len(classes)} different values; name a column of at most {_MOST_CLASSES} "
            "classes (a measurement has to be cut into classes first)."
        )
    return cells


def patients(table: pd.DataFrame, name: str) -> NDArray[np.str_]:
    """``(N,)`` patient of each row; a row without one counts as a patient of its own.

    Raises:
        LearnError: if there is no such column.
    """
    if name not in table.columns:
        raise LearnError(
            f"The table has no column {name!r} that says who; name it, or where every picture is of another person "
            "name the column of the picture."
        )
    cells = text_column(table, name, meaning="patient")
    alone = np.array([f"row {n + 1}" for n in range(len(cells))])
    return np.where(cells == "", alone, cells)


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
