"""A picture of one machine with what harmonising needs of it, and the step that brings two machines closer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.enhance.contrast.levels import level_counts
from mskus.enhance.method import Picture, as_picture
from mskus.errors import EnhanceError

F64 = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Scan:
    """A picture with its scale and field.

    Attributes:
        image: ``(H, W)`` float32 grey levels 0-255, cropped to the image region, the probe above.
        spacing_mm: ``(row, column)`` mm per pixel, or None.
        field: ``(H, W)`` bool, the insonified field, or None for the whole picture.

    Raises:
        EnhanceError: if the picture cannot be used, the field has another shape or is empty, or the scale is not
            positive.
    """

    image: Picture
    spacing_mm: tuple[float, float] | None = None
    field: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.field is not None and (self.field.shape != self.image.shape or not self.field.any()):
            raise EnhanceError(f"The field {self.field.shape} is empty or does not fit its picture {self.image.shape}.")
        if self.spacing_mm is not None and not all(0 < mm < np.inf for mm in self.spacing_mm):
            raise EnhanceError(f"A pixel cannot measure {self.spacing_mm} mm; give positive spacings, or None.")

    @staticmethod
    def of(image: ArrayLike | Scan, *, spacing_mm: tuple[float, float] | None = None) -> Scan:
        """A scan as it is, or one made of an array."""
        return image if isinstance(image, Scan) else Scan(image=as_picture(image), spacing_mm=spacing_mm)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """``field``, never None."""
        return np.ones(self.image.shape, bool) if self.field is None else self.field


class Step(Protocol):
    """One thing that differs between two machines: measured on both, then taken away from the first.

    A step is a frozen dataclass of numbers, so that it is stored as JSON and says all it does.
    """

    name: ClassVar[str]

    @classmethod
    def fit(cls, source: Sequence[Scan], reference: Sequence[Scan]) -> Self:
        """Measure the difference."""

    def apply(self, scan: Scan) -> Scan:
        """A picture of the first machine, more like the second."""

    def apply_to_reference(self, scan: Scan) -> Scan:
        """A picture of the second machine; unchanged by all steps but the matching of blur."""


def shares(scans: Sequence[Scan], *, who: str) -> F64:
    """``(256,)`` share of the pixels at each level, every picture counting the same.

    Raises:
        EnhanceError: if all pictures together show one level only.
    """
    total = np.zeros(256)
    for scan in scans:
        counts = level_counts(scan.image, field=scan.field)
        total += counts / counts.sum()
    if np.count_nonzero(total) < 2:
        raise EnhanceError(f"The pictures of the {who} machine show one grey level only; nothing can be matched to it.")
    return np.asarray(total / len(scans), np.float64)
