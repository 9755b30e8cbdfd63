"""The step of spacing: pictures resampled to the reference machine's millimetres per pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import cv2
import numpy as np

from mskus.enhance.harmonise.scan import Scan
from mskus.errors import EnhanceError

_LARGEST_PX = 8192


@dataclass(frozen=True)
class MatchSpacing:
    """Resampling to one scale: by area where pixels grow, so that speckle is not aliased, else linear.

    Attributes:
        row_mm: height of a pixel wanted, the median of the reference machine's pictures.
        col_mm: width of a pixel wanted.
    """

    name: ClassVar[str] = "spacing"
    row_mm: float
    col_mm: float

    @classmethod
    def fit(cls, source: Sequence[Scan], reference: Sequence[Scan]) -> Self:
        """From the scales of the reference machine's pictures.

        Raises:
            EnhanceError: if a picture has no scale.
        """
        known = [scan.spacing_mm for scan in (*source, *reference) if scan.spacing_mm is not None]
        if len(known) < len(source) + len(reference):
            raise EnhanceError(
                "Matching the spacing needs the scale of every picture; give spacing_mm, or leave it out."
            )
        row, col = np.median(known[len(source) :], axis=0)
        return cls(float(row), float(col))

    def apply(self, scan: Scan) -> Scan:
        """The picture at the wanted scale.

        Raises:
            EnhanceError: if the picture has no scale or would become too large or too small.
        """
        if scan.spacing_mm is None:
            raise EnhanceError("This harmoniser resamples to a scale in mm; give the picture's scale (spacing_mm).")
        height, width = (
            round(n * have / want)
            for n, have, want in zip(scan.image.shape, scan.spacing_mm, (self.row_mm, self.col_mm), strict=True)
        )
        if not (3 <= height <= _LARGEST_PX and 3 <= width <= _LARGEST_PX):
            raise EnhanceError(
                f"The picture would become {width} x {height} pixels; check its scale {scan.spacing_mm}."
            )
        # one axis at a time: area averaging is for the axis that shrinks only
        image = cv2.resize(scan.image, (width, scan.image.shape[0]), interpolation=_way(scan.image.shape[1], width))
        image = cv2.resize(image, (width, height), interpolation=_way(scan.image.shape[0], height))
        field = scan.field
        if field is not None:
            field = cv2.resize(field.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
        return Scan(image=image.astype(np.float32), spacing_mm=(self.row_mm, self.col_mm), field=field)

    def apply_to_reference(self, scan: Scan) -> Scan:
        """The same for the reference, whose own pictures may differ among themselves."""
        return self.apply(scan)


def _way(have: int, want: int) -> int:
    return cv2.INTER_AREA if want < have else cv2.INTER_LINEAR
