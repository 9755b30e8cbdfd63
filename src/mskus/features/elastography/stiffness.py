"""Shear-wave values and strain ratios of regions, with their error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mskus.errors import FeatureError
from mskus.features.elastography.decode import Elastogram
from mskus.statistics import Estimate

# Colours are compressed in blocks of 8 x 8 pixels; errors within one are not independent.
_BLOCK_PX = 64
MUSCLE_DENSITY_KG_M3 = 1060.0


@dataclass(frozen=True, kw_only=True)
class ShearWaveValues:
    """What an elastogram says of a region.

    Attributes:
        mean: with the 95 % interval of decoding alone (colours, compression, steps and ends of the bar); how a repeated
            recording would differ is not in it.
        median: of the pixels.
        sd: spread over the region.
        unit: of the values.
        decoded_fraction: share of the region's pixels that have a value.
        saturated_fraction: share in the uppermost fiftieth of the bar, where the true value may be higher.
    """

    mean: Estimate
    median: float
    sd: float
    unit: str
    decoded_fraction: float
    saturated_fraction: float

    def columns(self) -> dict[str, float]:
        """Figures by name, to stand beside the features of the same region in a table: ``swe_mean_kpa`` ..."""
        unit = {"1": ""}.get(self.unit, "_" + self.unit.replace("/", "_").lower())
        return {
            f"swe_mean{unit}": self.mean.value,
            f"swe_median{unit}": self.median,
            f"swe_sd{unit}": self.sd,
            "swe_decoded_fraction": self.decoded_fraction,
            "swe_saturated_fraction": self.saturated_fraction,
        }


def shear_wave_values(elastogram: Elastogram, *, mask: NDArray[np.bool_]) -> ShearWaveValues:
    """Mean, median and spread in a region, in the unit of the colour bar.

    Args:
        elastogram: decoded values.
        mask: ``(H, W)`` region.

    Raises:
        FeatureError: if the mask does not fit, or the region has no decoded pixel.

    Source:
        Săftoiu et al. 2019, EFSUMB guidelines, Ultraschall Med. 40:425 (what is reported of a region).
    """
    if mask.shape != elastogram.values.shape:
        raise FeatureError(f"The mask is {mask.shape} but its picture {elastogram.values.shape}; give one to fit.")
    inside = np.asarray(mask) != 0  # a mask of numbers would be taken for indices
    values = elastogram.values[inside]
    known = np.isfinite(values)
    if not known.any():
        raise FeatureError("No pixel of the region has a colour of the bar; draw it inside the elastogram's box.")
    bar = elastogram.bar
    span = bar.high - bar.low
    told = values[known]
    errors = elastogram.standard_error[inside][known]
    mean = float(told.mean())
    independent = max(told.size / _BLOCK_PX, 1.0)
    # The bar's ends are seen to about one row.
    half = 1.96 * float(np.sqrt((errors**2).mean() / independent + (span / len(bar.colours)) ** 2))
    return ShearWaveValues(
        mean=Estimate(mean, mean - half, mean + half),
        median=float(np.median(told)),
        sd=float(told.std()),
        unit=bar.unit,
        decoded_fraction=float(known.mean()),
        saturated_fraction=float((told >= bar.high - 0.02 * span).mean()),
    )


def strain_ratio(elastogram: Elastogram, *, target: NDArray[np.bool_], reference: NDArray[np.bool_]) -> Estimate:
    r"""Mean strain of a reference tissue over that of the target; above 1 the target is stiffer.

    The bar must show strain, linear from nought at its low (hard) end; scanners that print no numbers leave that an
    assumption. Errors of both means are combined: :math:`\sigma^2/q^2 = \sigma_r^2/r^2 + \sigma_t^2/t^2`.

    Args:
        elastogram: decoded strain.
        target: ``(H, W)`` region judged.
        reference: ``(H, W)`` region compared with, at a like depth.

    Raises:
        FeatureError: if a region has no decoded pixel, or the target does not strain.

    Source:
        Bamber et al. 2013, EFSUMB guidelines, Ultraschall Med. 34:169.
    """
    top, below = (shear_wave_values(elastogram, mask=mask).mean for mask in (reference, target))
    if below.value <= 0.0:
        raise FeatureError("The target's strain is nought; a ratio to it has no value.")
    ratio = top.value / below.value
    half = ratio * np.hypot((top.high - top.value) / max(top.value, 1e-12), (below.high - below.value) / below.value)
    return Estimate(ratio, float(ratio - half), float(ratio + half))


def young_modulus_kpa(speed_m_s: float, *, density_kg_m3: float = MUSCLE_DENSITY_KG_M3) -> float:
    r"""Young's modulus :math:`E = 3\rho c^2` of a shear-wave speed.

    Holds for soft tissue that is isotropic, linear, incompressible and wide against the wavelength. Muscle and tendon
    are none of the first: along the fibres report the speed, or :math:`\mu = \rho c^2`, rather.

    Args:
        speed_m_s: shear-wave speed.
        density_kg_m3: 1060 for muscle; many scanners use 1000.

    Source:
        Bercoff, Tanter & Fink 2004, IEEE Trans. UFFC 51:396; density: Mendez & Keys 1960, Metabolism 9:184.

    Example:
        >>> round(young_modulus_kpa(2.0, density_kg_m3=1000.0), 6)
        12.0
    """
    return 3.0 * density_kg_m3 * speed_m_s**2 / 1000.0


def shear_wave_speed_m_s(young_kpa: float, *, density_kg_m3: float = MUSCLE_DENSITY_KG_M3) -> float:
    """Speed that a Young's modulus was computed from; the inverse of :func:`young_modulus_kpa`.

    Example:
        >>> shear_wave_speed_m_s(12.0, density_kg_m3=1000.0)
        2.0
    """
    return float(np.sqrt(young_kpa * 1000.0 / (3.0 * density_kg_m3)))
