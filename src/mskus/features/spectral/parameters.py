"""Spectral parameters of tissue: mid-band fit, slope, intercept and integrated backscatter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region
from mskus.features.spectral.power import SOUND_SPEED_M_S
from mskus.features.spectral.reference import Calibrated, ReferencePhantom, jackknife
from mskus.statistics import Estimate

F64 = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class SpectralParameters:
    """A straight line through a calibrated spectrum, each figure with its 95 % interval.

    Attributes:
        midband_fit_db: the line at the middle of the band.
        slope_db_per_mhz: its slope.
        intercept_db: the line at frequency nought.
        integrated_backscatter_db: mean power over the band.
        band_mhz: the band.
        calibrated: whether a reference phantom was given; if not, transducer and gain are part of all figures.
        compensated: whether the attenuation of the tissue was taken out.
    """

    midband_fit_db: Estimate
    slope_db_per_mhz: Estimate
    intercept_db: Estimate
    integrated_backscatter_db: Estimate
    band_mhz: tuple[float, float]
    calibrated: bool
    compensated: bool

    def columns(self) -> dict[str, float]:
        """Figures by name, to stand beside the features of the same region in a table: ``spec_slope_db_per_mhz`` ..."""
        names = ("midband_fit_db", "slope_db_per_mhz", "intercept_db", "integrated_backscatter_db")
        return {f"spec_{name}": getattr(self, name).value for name in names}


def spectral_parameters(
    rf: NDArray[np.floating],
    *,
    sampling_hz: float,
    centre_hz: float,
    region: Region | None = None,
    reference: ReferencePhantom | None = None,
    attenuation_db_per_cm_mhz: float | None = None,
    band_hz: tuple[float, float] | None = None,
    gate_mm: float = 3.0,
    lines_per_block: int = 4,
    sound_speed_m_s: float = SOUND_SPEED_M_S,
) -> SpectralParameters:
    r"""Fit a line to the spectrum of a region over that of a reference phantom at the same depth.

    With gates at depth z, tissue and reference of (one-way) attenuation a and r in dB/cm/MHz,

    .. math:: R(f) = 10\log_{10} \Big\langle \frac{S_t(f,z)}{S_r(f,z)}\,10^{0.2\,z f (a-r)} \Big\rangle_z
              + 10\log_{10}\eta_r(f) \approx \text{intercept} + \text{slope}\cdot f

    Args:
        rf: ``(samples, lines)`` of beamformed RF; the first sample is at depth nought.
        sampling_hz: samples per second.
        centre_hz: centre frequency of the transducer.
        region: samples (y, h) and lines (x, w) of the tissue; everything by default.
        reference: the phantom. Without one the figures are those of tissue, transducer and gain together: compare them
            only within one recording.
        attenuation_db_per_cm_mhz: mean one-way attenuation between transducer and region, see
            :func:`attenuation_coefficient`; None takes that of the phantom, and the figures are apparent ones.
        band_hz: frequencies to fit; centre_hz plus and minus a quarter by default.
        gate_mm: length of one gate.
        lines_per_block: neighbouring lines that share a beam; for the intervals.
        sound_speed_m_s: of the tissue.

    Returns:
        The figures with intervals.

    Raises:
        FeatureError: if RF, region, gate, band or phantom do not fit together.

    Source:
        Lizzi et al. 1983, J. Acoust. Soc. Am. 73:1366; Lizzi et al. 1987, IEEE Trans. UFFC 34:319; Yao, Zagzebski &
        Madsen 1990, Ultrason. Imaging 12:58; Oelze & Mamou 2016, IEEE Trans. UFFC 63:336.
    """
    band = band_hz or (0.75 * centre_hz, 1.25 * centre_hz)
    spectra = Calibrated.of(
        rf,
        reference=reference,
        region=region,
        sampling_hz=sampling_hz,
        band_hz=band,
        gate_mm=gate_mm,
        sound_speed_m_s=sound_speed_m_s,
    )
    excess = spectra.excess(attenuation_db_per_cm_mhz)
    frequency = spectra.tissue.frequency_mhz
    regained = 10.0 ** (0.2 * excess * spectra.tissue.depth_cm[:, None] * frequency)
    middle = 0.5e-6 * (band[0] + band[1])

    def figures(tissue: F64, known: F64) -> F64:
        ratio = (tissue / known * regained).mean(0)
        return np.append(line_fit(frequency, ratio, middle_mhz=middle), 10.0 * np.log10(ratio.mean()))

    fit = jackknife(figures, spectra, lines_per_block=lines_per_block)
    return SpectralParameters(
        midband_fit_db=fit[0],
        slope_db_per_mhz=fit[1],
        intercept_db=fit[2],
        integrated_backscatter_db=fit[3],
        band_mhz=(band[0] / 1e6, band[1] / 1e6),
        calibrated=reference is not None,
        compensated=attenuation_db_per_cm_mhz is not None,
    )


def line_fit(frequency_mhz: F64, power: F64, *, middle_mhz: float) -> F64:
    """Mid-band fit, slope and intercept of ``10 log10`` power by least squares.

    Args:
        frequency_mhz: ``(F,)``.
        power: ``(..., F)``.
        middle_mhz: middle of the band.

    Returns:
        ``(3, ...)``.

    Example:
        >>> f = np.array([3.0, 4.0, 5.0])
        >>> line_fit(f, 10 ** (0.1 * (-20.0 + 2.0 * f)), middle_mhz=4.0).round(6)
        array([-12.,   2., -20.])
    """
    decibel = 10.0 * np.log10(power)
    off = frequency_mhz - frequency_mhz.mean()
    slope = (decibel * off).sum(-1) / (off**2).sum()
    intercept = decibel.mean(-1) - slope * frequency_mhz.mean()
    return np.stack([intercept + slope * middle_mhz, slope, intercept])
