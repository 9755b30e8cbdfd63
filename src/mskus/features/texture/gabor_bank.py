"""A bank of log-Gabor wavelets by scale and orientation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family
from mskus.features.texture.summary import NAN, entropy
from mskus.features.texture.surroundings import FINEST_WAVE_PX, Spectrum, lengths

F32 = NDArray[np.float32]

WAVELENGTHS_MM = (0.5, 1.0, 2.0)
WAVELENGTHS_PX = (4.0, 8.0, 16.0)
ANGLES_DEG = (0, 30, 60, 90, 120, 150)
RADIAL_WIDTH = 0.4
# Near its peak the von Mises function is a Gaussian of 1 / sqrt(kappa) radians: 20 degrees.
KAPPA = 8.2


def gabor_energies(spectrum: Spectrum, *, wavelengths: Sequence[float]) -> Iterator[tuple[float, int, F32]]:
    r"""Squared magnitude of log-Gabor answers, one wavelength and orientation after the other.

    In frequency, :math:`G = \exp(-\ln^2(f\lambda)/2b^2)\,\exp(\kappa(\cos(\varphi-\theta-90°)-1))` with b = 0.4 (1.4
    octaves) and :math:`\kappa` = 8.2 (20 degrees), in millimetre geometry. Even and odd wavelet are squared and added:
    a grating of amplitude A answers :math:`A^2`.

    Args:
        spectrum: the region's, with a reach of 1.5 of the longest wave.
        wavelengths: in mm, or in pixels where there is no scale.

    Yields:
        Wavelength, angle in degrees of the lines (counter-clockwise as seen on the screen), ``(h, w)`` answers.

    Source:
        Field 1987, JOSA A 4:2379; Manjunath & Ma 1996, IEEE Trans. PAMI 18:837.
    """
    fy, fx = spectrum.frequencies
    radius = np.hypot(fx, fy)
    radius[0, 0] = 1.0
    # The odd wavelet is the even one a quarter of a period on.
    quarter = replace(spectrum, transform=-1j * spectrum.transform)
    fans = []
    for angle in ANGLES_DEG:
        # A line at angle t (rows down) varies along (sin t, cos t). Plain floats keep single precision.
        turn = float(np.radians(angle))
        towards = (fx * (KAPPA * math.sin(turn)) + fy * (KAPPA * math.cos(turn))) / radius
        one, other = np.exp(towards - KAPPA), np.exp(-towards - KAPPA)
        fans.append((angle, one + other, one - other))
    for wavelength in wavelengths:
        radial = np.exp(-0.5 * (np.log(radius * float(wavelength)) / RADIAL_WIDTH) ** 2)
        radial[0, 0] = 0.0
        for angle, even, odd in fans:
            yield wavelength, angle, spectrum.filtered(radial * even) ** 2 + quarter.filtered(radial * odd) ** 2


@family("gabor", source="Manjunath & Ma 1996, IEEE Trans. PAMI 18:837; Field 1987, JOSA A 4:2379 (log-Gabor)")
def gabor_features(region: FeatureRegion) -> dict[str, float]:
    r"""Mean, standard deviation and energy of the magnitude of log-Gabor answers by wavelength and orientation.

    Wavelengths are 0.5, 1 and 2 mm where there is a scale (``gabor_500um_30deg_mean``), else 4, 8 and 16 pixels; NaN
    where one is shorter than three pixels. A scale's answers over all orientations do not change when the picture is
    turned by 30 degrees: ``_mean``, ``_anisotropy`` (length of the mean doubled direction, 0 to 1) and ``_entropy``
    (of the energies, bits). See :func:`gabor_energies`.
    """
    waves = lengths(region, mm=WAVELENGTHS_MM, px=WAVELENGTHS_PX)
    names = {wavelength: name for name, wavelength in waves.items()}
    spectrum = Spectrum.of(region, reach=1.5 * max(names))
    row: dict[str, float] = {}
    means: dict[str, list[float]] = {name: [] for name in waves}
    energies: dict[str, list[float]] = {name: [] for name in waves}
    for wavelength, angle, answers in gabor_energies(spectrum, wavelengths=[*names]):
        name, square = names[wavelength], answers[spectrum.mask]
        mean, energy = float(np.sqrt(square).mean(dtype=np.float64)), float(square.mean(dtype=np.float64))
        means[name].append(mean)
        energies[name].append(energy)
        row |= {
            f"gabor_{name}_{angle}deg_mean": mean,
            f"gabor_{name}_{angle}deg_sd": float(np.sqrt(max(energy - mean * mean, 0.0))),
            f"gabor_{name}_{angle}deg_energy": energy,
        }
    for name, wavelength in waves.items():
        row |= {
            f"gabor_{name}_mean": float(np.mean(means[name])),
            f"gabor_{name}_anisotropy": _anisotropy(energies[name]),
            f"gabor_{name}_entropy": entropy(np.array(energies[name])),
        }
        if wavelength < FINEST_WAVE_PX * max(spectrum.spacing):
            row |= {column: NAN for column in row if column.startswith(f"gabor_{name}_")}
    return row


def _anisotropy(energies: list[float]) -> float:
    total = sum(energies)
    doubled = sum(e * np.exp(2j * np.radians(a)) for e, a in zip(energies, ANGLES_DEG, strict=True))
    return float(abs(doubled)) / total if total > 0.0 else NAN
