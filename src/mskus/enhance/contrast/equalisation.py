"""Histogram equalisation, and its relatives that keep the brightness of the picture.

All are one monotone map of grey levels for the whole picture, so no order of two pixels is ever reversed. A picture of
one grey level is given back as it is.

Where a ``field`` ``(H, W)`` bool is given, only its pixels make the histogram: the black beside a sector would else
lift all tissue. The map itself is put on the whole picture.
"""

from __future__ import annotations

import numpy as np

from mskus.enhance.contrast.levels import (
    F64,
    Mask,
    equalised,
    level_counts,
    map_levels,
    mean_level,
    median_level,
    split,
)
from mskus.enhance.method import Picture, enhancer


@enhancer("he", kind="contrast", source="Gonzalez & Woods, Digital Image Processing, ch. 3.3")
def he(image: Picture, *, field: Mask | None = None) -> Picture:
    """Histogram equalisation: the grey level becomes 255 times the share of pixels that are not brighter.

    Example:
        >>> he(np.array([[0, 0, 1], [1, 1, 1], [2, 2, 9]], np.float32))[0].round(2)
        array([ 56.67,  56.67, 170.  ], dtype=float32)
    """
    return map_levels(image, equalised(level_counts(image, field=field)))


@enhancer("bbhe", kind="contrast", source="Kim 1997, IEEE Trans Consum Electron 43:1")
def bbhe(image: Picture, *, field: Mask | None = None) -> Picture:
    """Brightness-preserving bi-histogram equalisation: pixels up to the mean and above it are equalised apart.

    For a symmetric histogram the mean moves half way towards the middle of the scale (Kim 1997).
    """
    return rmshe(image, levels=1, field=field)


@enhancer("dsihe", kind="contrast", source="Wang, Chen & Zhang 1999, IEEE Trans Consum Electron 45:68")
def dsihe(image: Picture, *, field: Mask | None = None) -> Picture:
    """Dualistic sub-image equalisation: as ``bbhe``, but cut at the median, so that both halves hold equal area."""
    return rsihe(image, levels=1, field=field)


@enhancer("rmshe", kind="contrast", source="Chen & Ramli 2003, IEEE Trans Consum Electron 49:1301")
def rmshe(image: Picture, *, levels: int = 2, field: Mask | None = None) -> Picture:
    """Recursive mean-separate equalisation: each part is cut at its own mean again, ``levels`` times.

    Args:
        image: ``(H, W)`` grey levels.
        levels: 0 is ``he``, 1 is ``bbhe``; the more, the closer to the picture as it was.
        field: ``(H, W)`` bool, the insonified field; the whole picture by default.

    Raises:
        EnhanceError: if ``levels`` is not a whole number from 0 to 8, or the field does not fit.
    """
    counts = level_counts(image, field=field)
    return map_levels(image, equalised(counts, starts=split(counts, cut=mean_level, levels=levels)))


@enhancer("rsihe", kind="contrast", source="Sim, Tso & Tan 2007, Pattern Recognit Lett 28:1209")
def rsihe(image: Picture, *, levels: int = 2, field: Mask | None = None) -> Picture:
    """Recursive sub-image equalisation: each part is cut at its own median, ``levels`` times.

    Args:
        image: ``(H, W)`` grey levels.
        levels: 0 is ``he``, 1 is ``dsihe``.
        field: ``(H, W)`` bool, the insonified field; the whole picture by default.

    Raises:
        EnhanceError: if ``levels`` is not a whole number from 0 to 8, or the field does not fit.
    """
    counts = level_counts(image, field=field)
    return map_levels(image, equalised(counts, starts=split(counts, cut=median_level, levels=levels)))


@enhancer("mmbebhe", kind="contrast", source="Chen & Ramli 2003, IEEE Trans Consum Electron 49:1310")
def mmbebhe(image: Picture, *, field: Mask | None = None) -> Picture:
    """Bi-histogram equalisation cut where the mean brightness changes least.

    The paper estimates the change by assuming flat histograms; here it is computed exactly for all 255 cuts.
    """
    counts = level_counts(image, field=field)
    return map_levels(image, equalised(counts, starts=(0, least_mean_error_cut(counts) + 1)))


def least_mean_error_cut(counts: F64) -> int:
    """Last level of the lower part for which the mean after bi-histogram equalisation is nearest to that before.

    With shares ``p``, their running sum ``C`` and the cut ``t``, the mean becomes
    ``t/C(t) * sum_{x<=t} p C + (t+1)(1-C(t)) + (L-2-t)/(1-C(t)) * sum_{x>t} p (C - C(t))``.

    Example:
        >>> least_mean_error_cut(np.array([4.0, 2, 1, 1]))
        0
    """
    share = counts / counts.sum()
    below = np.cumsum(share)
    level = np.arange(len(counts), dtype=np.float64)
    squares = np.cumsum(share * below)
    above = 1.0 - below
    with np.errstate(invalid="ignore", divide="ignore"):
        lower = np.where(below > 0, level / below * squares, 0.0)
        rest = squares[-1] - squares - below * above
        upper = np.where(above > 1e-12, (level + 1) * above + (len(counts) - 2 - level) / above * rest, 0.0)
    error = np.abs(lower + upper - share @ level)
    return int(np.argmin(error[:-1]))
