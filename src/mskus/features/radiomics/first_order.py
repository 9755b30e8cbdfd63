"""First order: what the grey levels of a region are like, wherever they lie (IBSI ``stat_``)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family


@family("first_order", source="IBSI reference manual, section 3.3 (intensity-based statistics)")
def first_order(region: FeatureRegion) -> dict[str, float]:
    """The 18 statistics of the region's grey levels, in the picture's own units.

    Example:
        >>> values = first_order(FeatureRegion.of([[1.0, 2.0], [3.0, 6.0]]))
        >>> values["stat_mean"], values["stat_range"], values["stat_energy"]
        (3.0, 5.0, 50.0)
    """
    values = region.values
    energy = float((values * values).sum())
    row = intensity_statistics(values) | {"energy": energy, "rms": float(np.sqrt(energy / values.size))}
    return {f"stat_{name}": value for name, value in row.items()}


def intensity_statistics(values: NDArray[np.float64]) -> dict[str, float]:
    r"""Location, spread and form of grey levels, by their IBSI names.

    Variance is that of a population (:math:`1/N`), kurtosis is in excess of the normal's 3, percentiles are
    interpolated linearly. ``mad`` is the mean absolute deviation from the mean, ``rmad`` the same of the values between
    the 10th and the 90th percentile, ``medad`` from the median; ``cov`` is :math:`\sigma/\mu`, ``qcod`` is
    :math:`(P_{75}-P_{25})/(P_{75}+P_{25})`.

    Args:
        values: ``(N,)``, at least one.

    Returns:
        16 values by name. A constant region has skewness and kurtosis 0; a coefficient over zero is NaN.
    """
    low, high = float(values.min()), float(values.max())
    p10, p25, median, p75, p90 = (float(p) for p in np.percentile(values, [10, 25, 50, 75, 90]))
    mean = float(values.mean()) if high > low else low  # the sum's rounding would give a constant a spread
    off = values - mean
    square = off * off
    variance = float(square.mean())
    middle = values[(values >= p10) & (values <= p90)]
    return {
        "mean": mean,
        "var": variance,
        "skew": float((square * off).mean() / variance**1.5) if variance > 0 else 0.0,
        "kurt": float((square * square).mean() / variance**2 - 3.0) if variance > 0 else 0.0,
        "median": median,
        "min": low,
        "p10": p10,
        "p90": p90,
        "max": high,
        "iqr": p75 - p25,
        "range": high - low,
        "mad": float(np.abs(off).mean()),
        "rmad": float(np.abs(middle - middle.mean()).mean()) if middle.size else float("nan"),
        "medad": float(np.abs(values - median).mean()),
        "cov": float(np.sqrt(variance)) / mean if mean else float("nan"),
        "qcod": (p75 - p25) / (p75 + p25) if p75 + p25 else float("nan"),
    }
