"""From a manifest to a table of features: read, enhance, describe; a case that fails never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mskus.errors import MskusError
from mskus.features.family import FeatureRegion, FeatureSettings
from mskus.features.table import chosen_families, feature_table
from mskus.learn.manifest import Case, Loaded, load

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Step:
    """One enhancement of a chain: its name and parameters."""

    method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Like ``median(size_px=5)``.

        Example:
            >>> Step(method="median", parameters={"size_px": 5}).text()
            'median(size_px=5)'
        """
        return self.method + (
            f"({','.join(f'{k}={v}' for k, v in self.parameters.items())})" if self.parameters else ""
        )


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """What came of a manifest.

    Attributes:
        table: one row a case that could be described, in the order of the cases.
        failures: the sentence for each case that could not, by the number of its row, from 1.
    """

    table: pd.DataFrame
    failures: dict[int, str]


def extract_features(
    cases: Sequence[Case],
    *,
    enhance: Sequence[Step] = (),
    names: Sequence[str] | None = None,
    settings: FeatureSettings | None = None,
    root: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Extracted:
    """Describe every case of a manifest.

    Args:
        cases: see :func:`mskus.learn.manifest.read_manifest`.
        enhance: steps applied to the whole picture before features are taken, in order.
        names: families of features; all by default.
        settings: of the features.
        root: folder that paths in the table are written relative to; empty keeps them as they are.
        progress: called with cases done and cases in all.

    Returns:
        Table and failures. The steps stand in ``feature_settings`` before the settings themselves, so that tables made
        in different ways are never mixed.

    Raises:
        MskusError: if a family or an enhancement is unknown, or no case at all can be described (the first reason).
    """
    chosen_families(names)
    _check(enhance)
    rows: list[pd.DataFrame] = []
    failures: dict[int, str] = {}
    for count, case in enumerate(cases, start=1):
        try:
            loaded = load(case)
            region = _region(loaded, enhance, settings or FeatureSettings())
            rows.append(feature_table([region], identity=_identity(case, root, loaded.sha256), names=names))
        except MskusError as error:
            reason = str(error)
            failures[count] = f"row {count}, {reason if case.image.name in reason else f'{case.image}: {reason}'}"
        if progress is not None:
            progress(count, len(cases))
    if not rows:
        raise MskusError(next(iter(failures.values()), "There is no case to describe."))
    import pandas as pd

    table = pd.concat(rows, ignore_index=True)
    if enhance:
        chain = " > ".join(step.text() for step in enhance)
        table["feature_settings"] = chain + "; " + table["feature_settings"]
    return Extracted(table=table, failures=failures)


def enhanced(
    image: NDArray[np.float32], *, steps: Iterable[Step], spacing_mm: tuple[float, float] | None
) -> NDArray[np.float32]:
    """A picture after a chain of enhancements.

    Args:
        image: ``(H, W)`` grey levels 0-255.
        steps: in order.
        spacing_mm: ``(row, column)`` mm per pixel, or None.
    """
    if not (steps := tuple(steps)):
        return image
    from mskus.enhance import enhance

    for step in steps:
        image = enhance(image, method=step.method, spacing_mm=spacing_mm, **step.parameters)
    return image


def _check(steps: Sequence[Step]) -> None:
    """An unknown method fails at once and not once a case."""
    if steps:
        from mskus.enhance import method_named

        for step in steps:
            method_named(step.method)


def _region(loaded: Loaded, steps: Sequence[Step], settings: FeatureSettings) -> FeatureRegion:
    image = enhanced(loaded.image, steps=steps, spacing_mm=loaded.spacing_mm)
    return FeatureRegion.of(image, mask=loaded.mask, spacing_mm=loaded.spacing_mm, settings=settings)


def _identity(case: Case, root: str, sha256: str) -> pd.DataFrame:
    import os

    import pandas as pd

    row: dict[str, Any] = {**case.row, "patient": case.patient}
    row["image"] = os.path.relpath(case.image, root) if root else str(case.image)
    row["image_sha256"] = sha256
    return pd.DataFrame([row])
