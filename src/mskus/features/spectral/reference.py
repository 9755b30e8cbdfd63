"""The reference phantom: what takes transducer, beam and gain out of a spectrum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from mskus.clip import Region
from mskus.errors import FeatureError
from mskus.features.spectral.power import SOUND_SPEED_M_S, PowerSpectra, power_spectra
from mskus.statistics import Estimate

F64 = NDArray[np.float64]


def _flat(frequency_mhz: F64) -> F64:
    return np.zeros_like(frequency_mhz)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReferencePhantom:
    """RF of a phantom of known attenuation and backscatter, recorded with the settings of the tissue's RF.

    Attributes:
        rf: ``(samples, lines)``; the same depths as the tissue, any number of lines.
        attenuation_db_per_cm_mhz: one-way attenuation of the phantom.
        backscatter_db: its backscatter coefficient in dB at frequencies in MHz; 0 by default, and results are then in
            dB over the phantom.
    """

    rf: NDArray[np.floating]
    attenuation_db_per_cm_mhz: float
    backscatter_db: Callable[[F64], F64] = field(default=_flat)


@dataclass(frozen=True, eq=False)
class Calibrated:
    """Spectra of the tissue and of the reference in the same gates.

    Attributes:
        tissue: power of the tissue.
        reference: power of the phantom, already over its backscatter; ones where there is no phantom.
        attenuation: of the phantom, in dB / cm / MHz.
        calibrated: whether there is a phantom.
    """

    tissue: PowerSpectra
    reference: F64
    attenuation: float
    calibrated: bool

    @staticmethod
    def of(
        rf: NDArray[np.floating],
        *,
        reference: ReferencePhantom | None,
        region: Region | None,
        sampling_hz: float,
        band_hz: tuple[float, float],
        gate_mm: float,
        sound_speed_m_s: float = SOUND_SPEED_M_S,
    ) -> Calibrated:
        """Spectra in the region and at the same depths of the phantom (Yao et al. 1990, Ultrason. Imaging 12:58).

        Raises:
            FeatureError: if the phantom's RF is shorter than the region is deep, or silent.
        """

        def spectra(signal: NDArray[np.floating], part: Region | None) -> PowerSpectra:
            return power_spectra(
                signal,
                sampling_hz=sampling_hz,
                band_hz=band_hz,
                region=part,
                gate_mm=gate_mm,
                sound_speed_m_s=sound_speed_m_s,
            )

        tissue = spectra(rf, region)
        if not tissue.power.mean((0, 1)).all():
            raise FeatureError("The RF is silent in the region or the band; choose another.")
        if reference is None:
            return Calibrated(tissue, np.ones((1, *tissue.power.shape[1:])), 0.0, False)
        part = region or Region(0, 0, rf.shape[1], rf.shape[0])
        samples, lines = reference.rf.shape
        if samples < part.y + part.h:
            raise FeatureError(
                f"The reference phantom's RF has {samples} samples but the region ends at {part.y + part.h}; record "
                f"the phantom to the same depth."
            )
        known = spectra(reference.rf, replace(part, x=0, w=lines)).power
        if not known.mean(0).all():
            raise FeatureError("The reference phantom's RF is silent in the region or the band; record it again.")
        loudness = 10.0 ** (0.1 * reference.backscatter_db(tissue.frequency_mhz))
        return Calibrated(tissue, known / loudness, reference.attenuation_db_per_cm_mhz, True)

    def excess(self, attenuation_db_per_cm_mhz: float | None) -> float:
        """Attenuation of the tissue over that of the phantom; 0 where the tissue's is not known.

        Raises:
            FeatureError: if it is negative or not finite.
        """
        if attenuation_db_per_cm_mhz is None:
            return 0.0
        if not 0.0 <= attenuation_db_per_cm_mhz < np.inf:
            raise FeatureError(
                f"An attenuation of {attenuation_db_per_cm_mhz:g} dB/cm/MHz is not possible; give 0 or more, or None."
            )
        return attenuation_db_per_cm_mhz - self.attenuation


def jackknife(figures: Callable[[F64, F64], F64], spectra: Calibrated, *, lines_per_block: int) -> list[Estimate]:
    """Figures of mean spectra, with intervals that leave out one block of neighbouring lines at a time.

    Neighbouring lines share their beam and are not independent; tissue and phantom vary independently of each other.
    The same figures tell the bias that a quotient with few lines has (16 independent ones of a phantom: 0.26 dB), and
    it is taken off.

    Args:
        figures: maps the mean power ``(gates, frequencies)`` of tissue and reference to ``(N,)`` figures.
        spectra: by line.
        lines_per_block: lines that one beam is wide.

    Returns:
        N figures with 95 % intervals (Student's t, degrees of freedom by Welch and Satterthwaite); infinite where
        tissue or phantom has fewer than two blocks.

    Raises:
        FeatureError: if a block has no line.

    Source:
        Quenouille 1956, Biometrika 43:353 (bias); Künsch 1989, Ann. Statist. 17:1217;
        Satterthwaite 1946, Biometrics Bull. 2:110.
    """
    if lines_per_block < 1:
        raise FeatureError(f"A beam is {lines_per_block} lines wide; give 1 or more lines_per_block.")
    tissue, reference = spectra.tissue.power, spectra.reference
    means = tissue.mean(0), reference.mean(0)
    value = figures(*means)
    variance, uncertainty, bias = np.zeros_like(value), np.zeros_like(value), np.zeros_like(value)
    for which, lines in enumerate((tissue, reference) if spectra.calibrated else (tissue,)):
        n = len(lines) // lines_per_block
        if n < 2:
            return [Estimate(float(v), -np.inf, np.inf) for v in value]  # one block tells nothing of its spread
        left_out = []
        for block in np.array_split(np.arange(len(lines)), n):
            mean = (means[which] * len(lines) - lines[block].sum(0)) / (len(lines) - len(block))
            left_out.append(figures(mean, means[1]) if which == 0 else figures(means[0], mean))
        spread = np.array(left_out)
        part = (n - 1) / n * ((spread - spread.mean(0)) ** 2).sum(0)
        variance += part
        uncertainty += part**2 / (n - 1)
        bias += (n - 1) * (spread.mean(0) - value)
    value = value - bias
    freedom = variance**2 / np.maximum(uncertainty, np.finfo(float).tiny)
    half = student.ppf(0.975, np.maximum(freedom, 1.0)) * np.sqrt(variance)
    return [Estimate(float(v), float(v - h), float(v + h)) for v, h in zip(value, half, strict=True)]
