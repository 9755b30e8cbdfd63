"""Attenuation of tissue from how its spectrum falls with depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region
from mskus.errors import FeatureError
from mskus.features.spectral.power import SOUND_SPEED_M_S
from mskus.features.spectral.reference import Calibrated, ReferencePhantom, jackknife
from mskus.statistics import Estimate


def attenuation_coefficient(
    rf: NDArray[np.floating],
    *,
    sampling_hz: float,
    centre_hz: float,
    reference: ReferencePhantom,
    region: Region | None = None,
    band_hz: tuple[float, float] | None = None,
    gate_mm: float = 3.0,
    lines_per_block: int = 4,
    sound_speed_m_s: float = SOUND_SPEED_M_S,
) -> Estimate:
    r"""One-way attenuation inside a region in dB/cm/MHz by the reference phantom's spectral log difference.

    In tissue whose backscatter does not change with depth,
    :math:`10\log_{10} S_t/S_r = b(f) - 2(a-r)\,f z`; least squares over all gates and frequencies give :math:`a-r`.

    Args:
        rf: ``(samples, lines)`` of beamformed RF.
        sampling_hz: samples per second.
        centre_hz: centre frequency of the transducer.
        reference: the phantom.
        region: samples (y, h) and lines (x, w) of even tissue, at least three gates deep; 2 cm and more for a narrow
            interval.
        band_hz: frequencies to use; centre_hz plus and minus a quarter by default.
        gate_mm: length of one gate.
        lines_per_block: neighbouring lines that share a beam; for the interval.
        sound_speed_m_s: of the tissue.

    Returns:
        The coefficient with its 95 % interval.

    Raises:
        FeatureError: if the region is not deep enough, or the input does not fit together.

    Source:
        Yao, Zagzebski & Madsen 1990, Ultrason. Imaging 12:58.
    """
    spectra = Calibrated.of(
        rf,
        reference=reference,
        region=region,
        sampling_hz=sampling_hz,
        band_hz=band_hz or (0.75 * centre_hz, 1.25 * centre_hz),
        gate_mm=gate_mm,
        sound_speed_m_s=sound_speed_m_s,
    )
    depth, frequency = spectra.tissue.depth_cm, spectra.tissue.frequency_mhz
    if len(depth) < 3:
        raise FeatureError(
            f"The region is {len(depth)} gate{'s' if len(depth) > 1 else ''} of {gate_mm:g} mm deep; attenuation needs "
            f"three or more (each begins half a gate below the last)."
        )
    lever = (depth - depth.mean())[:, None] * frequency

    def figures(tissue: NDArray[np.float64], known: NDArray[np.float64]) -> NDArray[np.float64]:
        fall = 10.0 * np.log10(tissue / known)
        excess = -0.5 * float((fall * lever).sum() / (lever**2).sum())
        return np.array([spectra.attenuation + excess])

    return jackknife(figures, spectra, lines_per_block=lines_per_block)[0]
