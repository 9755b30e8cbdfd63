"""Histogram: what the discretised grey levels of a region are like (IBSI ``ih_``)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from mskus.features.family import FeatureRegion, family
from mskus.features.radiomics.first_order import intensity_statistics


@family("histogram", source="IBSI reference manual, section 3.4 (intensity histogram)")
def histogram(region: FeatureRegion) -> dict[str, float]:
    """The 23 features of the region's histogram, in bins.

    Example:
        >>> values = histogram(FeatureRegion.of([[0, 0], [0, 9]]))
        >>> values["ih_mode"], round(values["ih_entropy"], 3)
        (1.0, 0.811)
    """
    levels = region.levels
    return histogram_features(levels[levels > 0].astype(np.float64), n_levels=region.n_levels)


def histogram_features(levels: NDArray[np.float64], *, n_levels: int) -> dict[str, float]:
    r"""Statistics of levels, and of how many fall into each bin.

    The mode is, of several equally full bins, the one nearest to the mean. Entropy is
    :math:`-\sum p_i \log_2 p_i`, uniformity :math:`\sum p_i^2`. The gradient of the counts is the central difference
    inside and the one-sided difference at the ends; ``_g`` says in which bin it is greatest or least.

    Args:
        levels: ``(N,)`` discretised levels, 1 .. n_levels.
        n_levels: number of bins.

    Returns:
        23 values by name; gradients are NaN where there is one bin only.
    """
    row = intensity_statistics(levels)
    counts = np.bincount(levels.astype(np.intp), minlength=n_levels + 1)[1:].astype(np.float64)
    fullest = np.flatnonzero(counts == counts.max()) + 1.0
    p = counts / counts.sum()
    row["mode"] = float(fullest[np.abs(fullest - row["mean"]).argmin()])
    row["entropy"] = float(entr(p).sum() / np.log(2.0))
    row["uniformity"] = float((p * p).sum())
    slope = np.gradient(counts) if n_levels > 1 else np.array([np.nan])
    for name, at in (("max_grad", slope.argmax()), ("min_grad", slope.argmin())):
        row[name] = float(slope[at])
        row[f"{name}_g"] = float(at + 1) if n_levels > 1 else float("nan")
    return {f"ih_{name}": value for name, value in row.items()}
