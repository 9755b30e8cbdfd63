"""Maps of spectral parameters over a whole frame of RF."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mskus.errors import FeatureError
from mskus.features.spectral.parameters import line_fit
from mskus.features.spectral.power import SOUND_SPEED_M_S
from mskus.features.spectral.reference import Calibrated, ReferencePhantom

F32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class SpectralMaps:
    """Parametric pictures, one row a gate and one column a line.

    Attributes:
        midband_fit_db, slope_db_per_mhz, intercept_db: ``(gates, lines)``.
        depth_mm: ``(gates,)`` depth of the gates' middles.
    """

    midband_fit_db: F32
    slope_db_per_mhz: F32
    intercept_db: F32
    depth_mm: NDArray[np.float64]


def spectral_maps(
    rf: NDArray[np.floating],
    *,
    sampling_hz: float,
    centre_hz: float,
    reference: ReferencePhantom | None = None,
    attenuation_db_per_cm_mhz: float | None = None,
    band_hz: tuple[float, float] | None = None,
    gate_mm: float = 3.0,
    lines: int = 16,
    sound_speed_m_s: float = SOUND_SPEED_M_S,
) -> SpectralMaps:
    """Mid-band fit, slope and intercept in gates of one length, averaged over neighbouring lines.

    Arguments, errors and sources are those of :func:`spectral_parameters`; ``lines`` is the width of the average.
    """
    if lines < 1:
        raise FeatureError(f"Maps cannot be averaged over {lines} lines; give 1 or more.")
    band = band_hz or (0.75 * centre_hz, 1.25 * centre_hz)
    spectra = Calibrated.of(
        rf,
        reference=reference,
        region=None,
        sampling_hz=sampling_hz,
        band_hz=band,
        gate_mm=gate_mm,
        sound_speed_m_s=sound_speed_m_s,
    )
    frequency, depth = spectra.tissue.frequency_mhz, spectra.tissue.depth_cm
    excess = spectra.excess(attenuation_db_per_cm_mhz)
    local = ndimage.uniform_filter1d(spectra.tissue.power, lines, axis=0, mode="nearest").transpose(1, 0, 2)
    ratio = local / spectra.reference.mean(0)[:, None] * 10.0 ** (0.2 * excess * depth[:, None, None] * frequency)
    # Where nothing echoes the logarithm has no value.
    ratio = np.where(ratio > 0.0, ratio, np.nan)
    midband, slope, intercept = line_fit(frequency, ratio, middle_mhz=0.5e-6 * (band[0] + band[1])).astype(np.float32)
    return SpectralMaps(midband_fit_db=midband, slope_db_per_mhz=slope, intercept_db=intercept, depth_mm=10.0 * depth)
