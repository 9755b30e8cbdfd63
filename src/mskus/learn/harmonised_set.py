"""A data set of two machines made alike: pictures, masks and manifest, ready for the next command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.enhance.harmonise import Harmoniser
from mskus.enhance.harmonise.scan import Scan
from mskus.errors import LearnError, SaveError
from mskus.learn.manifest import Case, Loaded, load, write_table

if TYPE_CHECKING:
    import pandas as pd


def fit_harmoniser(
    cases: Sequence[Case], *, source: str, reference: str, steps: Sequence[str] = ("quantiles",)
) -> Harmoniser:
    """Fit on the pictures of two machines of a manifest.

    Args:
        cases: those to fit on; leave out the patients that a model will be judged on.
        source: entry of ``device`` whose pictures are to change.
        reference: entry of ``device`` that they are to look like.
        steps: see :meth:`mskus.enhance.harmonise.Harmoniser.fit`.

    Raises:
        LearnError: if a machine has no picture.
        EnhanceError: if a step is unknown or cannot be fitted.
    """
    sides = [[case for case in cases if case.device == device] for device in (source, reference)]
    for device, side in zip((source, reference), sides, strict=True):
        if not side:
            known = ", ".join(sorted({case.device for case in cases} - {""})) or "none"
            raise LearnError(f"No picture to fit on is of the device {device!r}; the manifest names {known}.")
    scans = [[_scan(load(case)) for case in side] for side in sides]
    return Harmoniser.fit(*scans, steps=steps, source_device=source, reference_device=reference)


def write_harmonised(
    cases: Sequence[Case],
    harmoniser: Harmoniser,
    out: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Write every picture as the harmoniser leaves it, its mask to fit, and ``manifest.csv``.

    Pictures of other machines than the two are written as they are. Colour is left out.

    Args:
        cases: of :func:`mskus.learn.manifest.read_manifest`.
        harmoniser: fitted to the two machines.
        out: folder.
        progress: called with cases done and cases in all.

    Returns:
        The new manifest; ``device_before`` keeps the machine, ``harmonised`` says whether the picture was changed.

    Raises:
        SaveError: if the folder cannot be written.
    """
    import pandas as pd

    rows = []
    for number, case in enumerate(cases):
        loaded = load(case)
        scan = _scan(loaded)
        is_source = case.device == harmoniser.source_device
        if is_source:
            scan = harmoniser.apply_to_scan(scan)
        elif case.device == harmoniser.reference_device:
            scan = harmoniser.apply_to_reference(scan)
        name = f"{number:05d}_{case.image.stem}.png"
        row: dict[str, Any] = case.row | {"image": f"images/{name}", "device_before": case.device}
        row |= {"frame": 0, "harmonised": int(is_source), "patient": case.patient}
        _write(out / "images" / name, np.clip(np.rint(scan.image), 0, 255).astype(np.uint8))
        if case.mask is not None:
            height, width = scan.image.shape
            fits = cv2.resize(loaded.mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
            _write(out / "masks" / name, fits.astype(np.uint8))
            row |= {"mask": f"masks/{name}", "mask_value": 1}
        if scan.spacing_mm is not None:
            row |= dict(zip(("spacing_row_mm", "spacing_col_mm"), scan.spacing_mm, strict=True))
        rows.append(row)
        if progress is not None:
            progress(number + 1, len(cases))
    table = pd.DataFrame(rows)
    write_table(table, out / "manifest.csv")
    return table


def _scan(loaded: Loaded) -> Scan:
    return Scan(image=loaded.image, spacing_mm=loaded.spacing_mm)


def _write(path: Path, picture: NDArray[np.uint8]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(f"{path.parent} cannot be written: {error.strerror or error}.") from error
    if not cv2.imwrite(str(path), picture):
        raise SaveError(f"{path} cannot be written; is the disk full?")
