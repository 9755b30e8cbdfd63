"""One look at every row of a manifest: what is needed to judge the set, and nothing that fills the memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from mskus.errors import MskusError
from mskus.learn.dataset.displaced import ShiftContrast, shift_contrast
from mskus.learn.manifest import Case, class_numbers
from mskus.learn.near_duplicates import thumbnail


@dataclass(kw_only=True, eq=False)
class Seen:
    """What one row holds.

    Attributes:
        case: the row.
        fault: why its picture or mask cannot be used, or empty; then nothing below is known.
        size: ``(H, W)``.
        spacing_mm: ``(row, column)``, or None.
        constant: whether the picture has one grey level.
        areas: pixels of every mask value above zero; none where no mask is named.
        digest: SHA-256 of the pixels.
        small: thumbnail for near-duplicates.
        contrasts: for the brightness test, by mask value.
        marks: number of marks burned into the picture.
    """

    case: Case
    fault: str = ""
    size: tuple[int, int] = (0, 0)
    spacing_mm: tuple[float, float] | None = None
    constant: bool = False
    areas: dict[int, int] = field(default_factory=dict)
    digest: str = ""
    small: NDArray[np.float32] = field(default_factory=lambda: np.zeros((64, 64), np.float32))
    contrasts: dict[int, ShiftContrast] = field(default_factory=dict)
    marks: int = 0


def survey(cases: Sequence[Case], *, progress: Callable[[int, int], None] | None = None) -> list[Seen]:
    """Look at every row once; a row that cannot be read says why and never stops the others.

    Args:
        cases: of :func:`mskus.learn.manifest.read_manifest`.
        progress: told rows done and rows in all.
    """
    seen = []
    for done, case in enumerate(cases, start=1):
        try:
            seen.append(_look(case))
        except MskusError as error:
            seen.append(Seen(case=case, fault=str(error)))
        if progress is not None:
            progress(done, len(cases))
    return seen


def _look(case: Case) -> Seen:
    from mskus.errors import LearnError
    from mskus.learn.manifest import load
    from mskus.quality.burned_in import burned_in_marks

    for path in (case.image, case.mask):
        if path is not None and not path.is_file():
            raise LearnError(f"{path} is not there; paths are relative to the manifest.")
    pixels = load(case)
    grey = pixels.image.astype(np.uint8)
    height, width = grey.shape
    seen = Seen(
        case=case,
        size=(height, width),
        spacing_mm=pixels.spacing_mm,
        constant=bool(np.ptp(grey) == 0),
        digest=sha256(grey.tobytes() + str(grey.shape).encode()).hexdigest(),
        small=thumbnail(grey),
    )
    if not seen.constant:
        seen.marks = len(burned_in_marks(grey).boxes)
    if case.mask is not None:
        drawn = class_numbers(case.mask, shape=grey.shape)
        values, counts = np.unique(drawn[drawn > 0], return_counts=True)
        seen.areas = {int(v): int(n) for v, n in zip(values, counts, strict=True)}
        seen.contrasts = {v: shift_contrast(grey, drawn == v) for v in _judged(seen.areas, grey.size)}
    return seen


def _judged(areas: Mapping[int, int], pixels: int) -> list[int]:
    """Values worth the brightness test: a few pixels, or all of them, have no surroundings to differ from."""
    return [value for value, n in areas.items() if 20 <= n <= 0.9 * pixels][:16]
