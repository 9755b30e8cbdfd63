"""A region with its surroundings, as filters need them, and its Fourier transform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from mskus.features.family import FeatureRegion

F32 = NDArray[np.float32]

# A wave needs three samples, a Gaussian a standard deviation of half a pixel; what is finer is not in the picture.
FINEST_WAVE_PX = 3.0
FINEST_SIGMA_PX = 0.5


def lengths(region: FeatureRegion, *, mm: Sequence[float], px: Sequence[float]) -> dict[str, float]:
    """Sizes of a filter by the name that columns carry: millimetres where there is a scale, else pixels.

    Columns of a scaled and of an unscaled picture thus never share a name.

    Example:
        >>> lengths(FeatureRegion.of(np.eye(4)), mm=(0.25,), px=(2,))
        {'2px': 2}
        >>> lengths(FeatureRegion.of(np.eye(4), spacing_mm=(0.1, 0.1)), mm=(0.25,), px=(2,))
        {'250um': 0.25}
    """
    return {f"{n:g}px": n for n in px} if region.spacing_mm is None else {f"{1000 * n:.0f}um": n for n in mm}


def surroundings(region: FeatureRegion, *, margin: tuple[int, int]) -> F32:
    """The region's box and ``margin`` (rows, columns) around it; beyond the picture's edge it is mirrored.

    Grey levels that are not finite (outside the region) take the region's mean.

    Returns:
        ``(h + 2 rows, w + 2 columns)`` float32 for a box of ``(h, w)``.
    """
    inner, before, after = [], [], []
    for axis, part in enumerate(region.box):
        first, last = part.start - margin[axis], part.stop + margin[axis]
        start, stop = max(first, 0), min(last, region.image.shape[axis])
        inner.append(slice(start, stop))
        before.append(start - first)
        after.append(last - stop)
    crop = region.image[inner[0], inner[1]].astype(np.float32)
    holes = ~np.isfinite(crop)
    if holes.any():
        crop[holes] = region.values.mean()
    padded = cv2.copyMakeBorder(crop, before[0], after[0], before[1], after[1], cv2.BORDER_REFLECT_101)
    return np.asarray(padded, np.float32)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Fourier transform of a region with its surroundings; filters are exact at any width and cost the same.

    Attributes:
        transform: half spectrum of the surroundings, mirrored beyond the picture.
        shape: ``(rows, columns)`` that were transformed.
        margin: rows and columns that lie before the region's box.
        mask: the region inside its box.
        spacing: ``(row, column)`` in mm, or ones where lengths are in pixels.
    """

    transform: NDArray[np.complex64]
    shape: tuple[int, int]
    margin: tuple[int, int]
    mask: NDArray[np.bool_]
    spacing: tuple[float, float]

    @staticmethod
    def of(region: FeatureRegion, *, reach: float) -> Spectrum:
        """Transform of a region; ``reach`` is how far the filters look, in mm, or in pixels without a scale."""
        spacing = region.spacing_mm or (1.0, 1.0)
        mask = region.mask[region.box]
        # Mirroring repeats the picture; more than its size brings nothing.
        rows, columns = (
            min(int(np.ceil(reach / step)), size) for step, size in zip(spacing, region.image.shape, strict=True)
        )
        picture = surroundings(region, margin=(rows, columns))
        # Half the range: a constant picture becomes exactly nought.
        picture -= 0.5 * (picture.min() + picture.max())
        shape = fft.next_fast_len(picture.shape[0], real=True), fft.next_fast_len(picture.shape[1], real=True)
        return Spectrum(fft.rfft2(picture, s=shape), shape, (rows, columns), mask, spacing)

    @cached_property
    def frequencies(self) -> tuple[F32, F32]:
        """Cycles per mm (or pixel) along rows' and columns' directions: ``(fy, fx)``, ready to broadcast."""
        fy = fft.fftfreq(self.shape[0], self.spacing[0])[:, None]
        fx = fft.rfftfreq(self.shape[1], self.spacing[1])[None, :]
        return fy.astype(np.float32), fx.astype(np.float32)

    def filtered(self, transfer: NDArray[np.floating] | NDArray[np.complexfloating]) -> F32:
        """The box's picture ``(h, w)`` through a filter given on the half spectrum."""
        whole = fft.irfft2(self.transform * transfer, s=self.shape)
        (rows, columns), (height, width) = self.margin, self.mask.shape
        return whole[rows : rows + height, columns : columns + width]
