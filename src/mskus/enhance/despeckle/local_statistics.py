"""Filters that weigh a pixel against its neighbourhood by the local coefficient of variation.

All work on the envelope ``a`` (see :mod:`~mskus.enhance.despeckle.compression`). With the local mean ``m``, the local
coefficient of variation ``C`` = s / m and that of speckle ``Cu``, ``C <= Cu`` means "speckle only, take the mean" and
``C >> Cu`` means "structure, leave it".
"""

from __future__ import annotations

import numpy as np

from mskus.enhance.despeckle.compression import to_envelope, to_grey
from mskus.enhance.despeckle.window import positive, speckle_variation, squared_variation, typical, window
from mskus.enhance.method import Picture, enhancer
from mskus.errors import EnhanceError

_TINY = np.float32(1e-12)
Spacing = tuple[float, float] | None


@enhancer("lee", kind="despeckle", source="Lee 1980, IEEE Trans Pattern Anal Mach Intell 2:165")
def lee(
    picture: Picture,
    *,
    size_px: int = 7,
    size_mm: float | None = None,
    variation: float | None = None,
    compression_db: float | None = 60.0,
    spacing_mm: Spacing = None,
) -> Picture:
    r"""Lee's filter, $\hat a = m + W (a - m)$ with $W = \max(0, 1 - C_u^2 / C^2)$.

    Args:
        picture: ``(H, W)`` grey levels 0-255.
        size_px: side of the window in pixels, odd.
        size_mm: side of the window in mm, instead of pixels.
        variation: coefficient of variation ``Cu`` of speckle; 0 leaves the picture as it is, None takes it from the
            picture.
        compression_db: dynamic range of the display; None for a linear picture.
        spacing_mm: ``(row, column)`` mm per pixel.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    envelope = to_envelope(picture, compression_db=compression_db)
    size = window(size_px=size_px, size_mm=size_mm, spacing_mm=spacing_mm)
    mean, local = squared_variation(envelope, size)
    weight = np.maximum(1.0 - _speckle(local, variation) / np.maximum(local, _TINY), 0.0)
    return to_grey(mean + weight * (envelope - mean), compression_db=compression_db)


@enhancer("kuan", kind="despeckle", source="Kuan et al. 1985, IEEE Trans Pattern Anal Mach Intell 7:165")
def kuan(
    picture: Picture,
    *,
    size_px: int = 7,
    size_mm: float | None = None,
    variation: float | None = None,
    compression_db: float | None = 60.0,
    spacing_mm: Spacing = None,
) -> Picture:
    r"""Kuan's filter: Lee's with the minimum-mean-square-error weight $W = (1 - C_u^2 / C^2) / (1 + C_u^2)$.

    Args and errors as in :func:`lee`.
    """
    envelope = to_envelope(picture, compression_db=compression_db)
    size = window(size_px=size_px, size_mm=size_mm, spacing_mm=spacing_mm)
    mean, local = squared_variation(envelope, size)
    speckle = _speckle(local, variation)
    weight = np.maximum(1.0 - speckle / np.maximum(local, _TINY), 0.0) / (1.0 + speckle)
    return to_grey(mean + weight * (envelope - mean), compression_db=compression_db)


@enhancer("enhanced_lee", kind="despeckle", source="Lopes, Touzi & Nezry 1990, IEEE Trans Geosci Remote Sens 28:992")
def enhanced_lee(
    picture: Picture,
    *,
    size_px: int = 7,
    size_mm: float | None = None,
    variation: float | None = None,
    point_variation: float = 1.73,
    damping: float = 1.0,
    compression_db: float | None = 60.0,
    spacing_mm: Spacing = None,
) -> Picture:
    r"""Lee's filter with three classes: speckle, structure, and point targets.

    The mean where $C \le C_u$, the pixel itself where $C \ge C_{max}$, and between them
    $\hat a = W m + (1 - W) a$ with $W = \exp\big(-K (C - C_u) / (C_{max} - C)\big)$.

    Args:
        picture: ``(H, W)`` grey levels 0-255.
        size_px: side of the window in pixels, odd.
        size_mm: side of the window in mm, instead of pixels.
        variation: coefficient of variation ``Cu`` of speckle; None takes it from the picture.
        point_variation: ``Cmax``, from which on a pixel is a point target; sqrt(3) by the source.
        damping: ``K``.
        compression_db: dynamic range of the display; None for a linear picture.
        spacing_mm: ``(row, column)`` mm per pixel.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    positive(point_variation=point_variation, damping=damping)
    envelope = to_envelope(picture, compression_db=compression_db)
    size = window(size_px=size_px, size_mm=size_mm, spacing_mm=spacing_mm)
    mean, local = squared_variation(envelope, size)
    speckle = float(np.sqrt(_speckle(local, variation)))
    if speckle >= point_variation:
        raise EnhanceError(f"point_variation = {point_variation:g} must be above that of speckle, {speckle:.3g}.")
    c = np.sqrt(local)
    share = np.exp(-damping * np.maximum(c - speckle, 0.0) / np.maximum(point_variation - c, _TINY))
    return to_grey(envelope + share * (mean - envelope), compression_db=compression_db)


@enhancer("gamma_map", kind="despeckle", source="Lopes et al. 1993, Int J Remote Sens 14:1735")
def gamma_map(
    picture: Picture,
    *,
    size_px: int = 7,
    size_mm: float | None = None,
    variation: float | None = None,
    compression_db: float | None = 60.0,
    spacing_mm: Spacing = None,
) -> Picture:
    r"""Maximum a posteriori of an intensity $I = a^2$ that is gamma distributed under gamma distributed speckle.

    With $L$ looks ($C_u = 1/\sqrt L$ of the intensity) and $\alpha = (1 + C_u^2) / (C^2 - C_u^2)$,
    $\hat I = \big((\alpha - L - 1)\,m + \sqrt{(\alpha - L - 1)^2 m^2 + 4 \alpha L I m}\big) / 2\alpha$; the mean where
    $C \le C_u$, the pixel itself where $C \ge \sqrt 2\, C_u$.

    Args and errors as in :func:`lee`; ``variation`` is that of the envelope here too.
    """
    intensity = to_envelope(picture, compression_db=compression_db) ** 2
    size = window(size_px=size_px, size_mm=size_mm, spacing_mm=spacing_mm)
    mean, local = squared_variation(intensity, size)
    # to first order an intensity varies twice as much as its envelope; a Rayleigh envelope's intensity by 1
    speckle = min(typical(local[::3, ::3]), 1.0) if variation is None else 4.0 * _speckle(local, variation)
    speckle = max(speckle, 1e-9)
    looks = 1.0 / speckle
    alpha = (1.0 + speckle) / np.maximum(local - speckle, _TINY)
    half = (alpha - looks - 1.0) * mean
    estimate = (half + np.sqrt(half * half + 4.0 * alpha * looks * intensity * mean)) / (2.0 * alpha)
    estimate = np.where(local <= speckle, mean, np.where(local >= 2.0 * speckle, intensity, estimate))
    return to_grey(np.sqrt(estimate).astype(np.float32), compression_db=compression_db)


def _speckle(local: Picture, variation: float | None) -> float:
    """Squared coefficient of variation of speckle."""
    return speckle_variation(local, given=variation) ** 2
