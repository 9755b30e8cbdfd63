"""Fractal description: differential box counting, lacunarity and fractional Brownian motion."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family
from mskus.features.texture.summary import NAN

F64 = NDArray[np.float64]

SIZES_PX = (2, 4, 8, 16, 32)
LAGS_PX = (1, 2, 4, 8, 16)
GREY_RANGE = 256.0


@family(
    "fractal",
    source="Sarkar & Chaudhuri 1994, IEEE Trans. SMC 24:115; Chen, Daponte & Fox 1989, IEEE Trans. Med. Imaging 8:133; "
    "Allain & Cloitre 1991, Phys. Rev. A 44:3552",
)
def fractal_features(region: FeatureRegion) -> dict[str, float]:
    r"""Dimension of the grey-level surface, its lacunarity and its Hurst exponents.

    Only grey levels inside the region count, and only boxes that lie inside it wholly.

    - ``fractal_box_dimension``: see :func:`box_dimension`.
    - ``fractal_lacunarity_4px``: :math:`\langle m^2\rangle/\langle m\rangle^2` of the grey sum m in gliding boxes; 1 is
      even.
    - ``fractal_hurst_x``, ``_y``: see :func:`hurst_exponent`; ``fractal_hurst`` is their mean and
      ``fractal_brownian_dimension`` 3 less that.

    NaN where the region is too small for three sizes, and for a constant region (which has no roughness).
    """
    picture, mask = region.image[region.box], region.mask[region.box]
    filled = np.where(mask, picture, 0.0)
    along_x, along_y = hurst_exponent(filled, mask, axis=1), hurst_exponent(filled, mask, axis=0)
    row = {"fractal_box_dimension": box_dimension(filled, mask)}
    row |= {f"fractal_lacunarity_{size}px": _lacunarity(filled, mask, size) for size in SIZES_PX[:4]}
    return row | {
        "fractal_hurst_x": along_x,
        "fractal_hurst_y": along_y,
        "fractal_hurst": 0.5 * (along_x + along_y),
        "fractal_brownian_dimension": 3.0 - 0.5 * (along_x + along_y),
    }


def box_dimension(picture: F64, mask: NDArray[np.bool_]) -> float:
    r"""Dimension of the grey-level surface by differential box counting, 2 (smooth) to 3.

    A column of boxes of side s pixels is :math:`sG/M` grey levels high (G = 256, M the region's extent), and the
    surface crosses :math:`n = \lceil(\max-\min)/h\rceil`, at least 1, of them. Neighbouring columns share their border,
    and all columns inside the region count rather than one grid of them. The dimension is 2 less the slope of
    :math:`\log \bar n` on :math:`\log s`. Sampled surfaces are flatter than what they sample: on fractional Brownian
    motion of dimension 2.2, 2.4, 2.6 and 2.8 it answers 2.17, 2.29, 2.41 and 2.52.

    Args:
        picture: ``(H, W)`` grey levels 0 to 255.
        mask: the region.

    Returns:
        NaN for a constant region or one in which fewer than three sizes of box fit.

    Source:
        Sarkar & Chaudhuri 1994, IEEE Trans. SMC 24:115; shared borders: Li, Du & Sun 2009, Pattern Recognition 42:2460.
    """
    values = picture[mask]
    if values.max() == values.min():
        return NAN
    extent = float(np.sqrt(mask.sum()))
    plane = picture.astype(np.float32)
    counts = {}
    for size in SIZES_PX:
        kernel = np.ones((size + 1, size + 1), np.uint8)
        whole = cv2.erode(mask.astype(np.uint8), kernel, borderValue=0).astype(bool)
        if whole.any():
            span = (cv2.dilate(plane, kernel) - cv2.erode(plane, kernel))[whole].astype(np.float64)
            counts[size] = float(np.maximum(np.ceil(span * extent / (size * GREY_RANGE)), 1.0).mean())
    return 2.0 - _slope(counts)


def hurst_exponent(picture: F64, mask: NDArray[np.bool_], *, axis: int) -> float:
    r"""Hurst exponent of fractional Brownian motion along one axis, about 0 (rough) to 1 (smooth).

    The slope of :math:`\log\langle|I(x+d)-I(x)|\rangle` on :math:`\log d` for d = 1 to 16 pixels, over pairs that
    both lie inside the region.

    Args:
        picture: ``(H, W)``.
        mask: the region.
        axis: 1 along rows (x), 0 along columns (y).

    Returns:
        NaN if fewer than three lags have pairs, or if nothing changes.

    Source:
        Chen, Daponte & Fox 1989, IEEE Trans. Med. Imaging 8:133.

    Example:
        >>> ramp = np.tile(np.arange(40.0), (3, 1))
        >>> round(hurst_exponent(ramp, np.ones((3, 40), bool), axis=1), 6)
        1.0
    """
    image, inside = np.moveaxis(picture, axis, 0), np.moveaxis(mask, axis, 0)
    changes = {}
    for lag in LAGS_PX:
        pairs = inside[lag:] & inside[:-lag]
        if pairs.any():
            changes[lag] = float(np.abs(image[lag:] - image[:-lag])[pairs].mean())
    return _slope(changes)


def _lacunarity(picture: F64, mask: NDArray[np.bool_], size: int) -> float:
    whole = cv2.erode(mask.astype(np.uint8), np.ones((size, size), np.uint8), borderValue=0).astype(bool)
    mass = cv2.boxFilter(picture, cv2.CV_64F, (size, size), normalize=True)[whole]
    mean = float(mass.mean()) if mass.size else 0.0
    return float((mass * mass).mean()) / (mean * mean) if mean != 0.0 else NAN


def _slope(values: dict[int, float]) -> float:
    """Slope of the logarithms by least squares; NaN with fewer than three sizes or where something is nought."""
    if len(values) < 3 or min(values.values()) <= 0.0:
        return NAN
    return float(np.polyfit(np.log(list(values)), np.log(list(values.values())), 1)[0])
