"""Median binary pattern: the 3 x 3 neighbourhood against its own median."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import FeatureError
from mskus.features.family import FeatureRegion, family
from mskus.features.texture.summary import entropy
from mskus.features.texture.surroundings import surroundings

# The ring clockwise from the upper left, then the centre: bit 0 .. bit 8.
_PLACES = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (1, 1))
N_CODES = 2**9
# Five or more of nine are not below their median: a ring has five bits or more, or four and the centre its own.
REDUCED = (*(f"dark_{n}" for n in range(5, 9)), "dark_other", *(f"bright_{n}" for n in range(4, 9)), "bright_other")


def median_binary_codes(image: ArrayLike) -> NDArray[np.uint16]:
    r"""Code of each pixel, :math:`\sum_i 2^i\,[b_i \ge \mathrm{median}]` over its nine neighbours (itself too).

    Bits 0 to 7 are the ring clockwise from the upper left, bit 8 is the centre. At least five bits are set. The
    picture is mirrored at its edge. Unlike a local binary pattern, one wrong centre pixel changes one bit.

    Args:
        image: ``(H, W)`` grey levels.

    Returns:
        ``(H, W)`` uint16, 0 .. 511.

    Raises:
        FeatureError: if the picture is not 2-D.

    Source:
        Hafiane, Seetharaman & Zavidovique 2007, ICIAR, LNCS 4633:387.

    Example:
        >>> int(median_binary_codes([[1, 2, 3], [8, 9, 4], [7, 6, 5]])[1, 1])  # median 5: bits of 5, 6, 7, 8 and 9
        496
    """
    picture = np.asarray(image, np.float32)
    if picture.ndim != 2:
        raise FeatureError(f"A grey picture (H, W) is needed; this array has shape {picture.shape}.")
    height, width = picture.shape
    padded = cv2.copyMakeBorder(picture, 1, 1, 1, 1, cv2.BORDER_REFLECT_101)
    middle = cv2.medianBlur(padded, 3)[1:-1, 1:-1]
    codes = np.zeros(picture.shape, np.uint16)
    for bit, (row, column) in enumerate(_PLACES):
        codes |= (padded[row : row + height, column : column + width] >= middle).astype(np.uint16) << np.uint16(bit)
    return codes


@dataclass(frozen=True, eq=False)
class MedianBinaryPattern:
    """Median binary pattern of a picture.

    Attributes:
        codes: ``(H, W)`` uint16, see :func:`median_binary_codes`.
    """

    codes: NDArray[np.uint16]

    @staticmethod
    def of(image: ArrayLike) -> MedianBinaryPattern:
        """The pattern of a picture ``(H, W)``."""
        return MedianBinaryPattern(median_binary_codes(image))

    @property
    def reduced(self) -> NDArray[np.uint8]:
        """``(H, W)`` classes 0 .. 10 that do not change when the picture turns; :data:`REDUCED` names them.

        By the centre (not below the median: bright) and by the ring as in a local binary pattern: how many bits are set
        in one arc, or ``other`` for a ring with more than one.
        """
        return _classes()[self.codes]

    def histogram(self, mask: NDArray[np.bool_] | None = None, *, reduced: bool = False) -> NDArray[np.float64]:
        """Shares of the codes in a mask (or the whole picture): 512 numbers, or 11 if reduced.

        Raises:
            FeatureError: if the mask is empty.
        """
        codes: NDArray[np.integer] = self.reduced if reduced else self.codes
        chosen = codes.ravel() if mask is None else codes[mask]
        if chosen.size == 0:
            raise FeatureError("The region is empty; draw one of at least two pixels.")
        return np.bincount(chosen, minlength=len(REDUCED) if reduced else N_CODES) / chosen.size


@family("mbp", source="Hafiane, Seetharaman & Zavidovique 2007, ICIAR, LNCS 4633:387")
def mbp_features(region: FeatureRegion) -> dict[str, float]:
    """Shares of the region's pixels by reduced class (``mbp_bright_3``), and entropy in bits of the 512 codes."""
    # A constant picture has all nine bits set: mbp_bright_8 is one.
    pattern = MedianBinaryPattern.of(surroundings(region, margin=(1, 1)))
    mask = np.pad(region.mask[region.box], 1)
    shares = pattern.histogram(mask, reduced=True)
    row = {f"mbp_{name}": float(share) for name, share in zip(REDUCED, shares, strict=True)}
    return row | {"mbp_entropy": entropy(pattern.histogram(mask))}


@lru_cache(maxsize=1)
def _classes() -> NDArray[np.uint8]:
    """Reduced class of each of the 512 codes."""
    codes = np.arange(N_CODES)
    ring = (codes[:, None] >> np.arange(8)) & 1
    changes = (ring != np.roll(ring, 1, axis=1)).sum(1)
    bright, count = codes >> 8, ring.sum(1)
    # Codes that cannot occur are among the others.
    uniform = (changes <= 2) & (count >= 5 - bright)
    return np.where(bright, np.where(uniform, count + 1, 10), np.where(uniform, count - 5, 4)).astype(np.uint8)
