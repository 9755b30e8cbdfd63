"""A bank of log-Gabor wavelets by scale and orientation."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from mskus.features.family import FeatureRegion, family
from mskus.features.texture.summary import NAN, entropy
from mskus.features.texture.surroundings import FINEST_WAVE_PX, Spectrum, lengths

F32 = NDArray[np.float32]

WAVELENGTHS_MM = (0.5, 1.0, 2.0)
WAVELENGTHS_PX = (4.0, 8.0, 16.0)
ANGLES_DEG = (0, 30, 60, 90, 120, 150)
RADIAL_WIDTH = 0.4
ANGULAR_SIGMA_DEG = 20.0


@family("gabor", source="Manjunath & Ma 1996, IEEE Trans. PAMI 18:837; Field 1987, JOSA A 4:2379 (log-Gabor)")
def gabor_features(region: FeatureRegion) -> dict[str, float]:
    r"""Mean, standard deviation and energy of the magnitude of log-Gabor answers by wavelength and orientation.

    In frequency, with :math:`f` and :math:`\varphi` in millimetre geometry,
    :math:`G = \exp(-\ln^2(f\lambda)/2b^2)\,\exp(-(\varphi-\theta-90°)^2/2\sigma_\theta^2)`, b = 0.4 (1.4 octaves),
    :math:`\sigma_\theta` = 20 degrees. The magnitude is that of the even and odd wavelet together: a grating of
    amplitude A answers A. Angles are those of the lines, counter-clockwise as seen on the screen.

    Wavelengths are 0.5, 1 and 2 mm where there is a scale (``gabor_500um_30deg_mean``), else 4, 8 and 16 pixels; NaN
    where one is shorter than three pixels. A scale's answers over all orientations do not change when the picture is
    turned by 30 degrees: ``_mean``, ``_anisotropy`` (length of the mean doubled direction, 0 to 1) and ``_entropy``
    (of the energies, bits).
    """
    waves = lengths(region, mm=WAVELENGTHS_MM, px=WAVELENGTHS_PX)
    spectrum = Spectrum.of(region, reach=1.5 * max(waves.values()))
    row: dict[str, float] = {}
    for name, wavelength in waves.items():
        means, energies = [], []
        told: dict[str, float] = {}
        for angle, (even, odd) in zip(ANGLES_DEG, _wavelets(*spectrum.key, wavelength), strict=True):
            square = spectrum.filtered(even)[spectrum.mask] ** 2 + spectrum.filtered(odd)[spectrum.mask] ** 2
            means.append(float(np.sqrt(square).mean(dtype=np.float64)))
            energies.append(float(square.mean(dtype=np.float64)))
            told |= {
                f"gabor_{name}_{angle}deg_mean": means[-1],
                f"gabor_{name}_{angle}deg_sd": float(np.sqrt(max(energies[-1] - means[-1] ** 2, 0.0))),
                f"gabor_{name}_{angle}deg_energy": energies[-1],
            }
        told |= {
            f"gabor_{name}_mean": float(np.mean(means)),
            f"gabor_{name}_anisotropy": _anisotropy(energies),
            f"gabor_{name}_entropy": entropy(np.array(energies)),
        }
        resolved = wavelength >= FINEST_WAVE_PX * max(spectrum.spacing)
        row.update(told if resolved else dict.fromkeys(told, NAN))
    return row


@lru_cache(maxsize=6)
def _wavelets(
    shape: tuple[int, int], spacing: tuple[float, float], wavelength: float
) -> list[tuple[F32, NDArray[np.complex64]]]:
    """Even and odd transfer functions on the half spectrum, one pair an orientation."""
    fy = fft.fftfreq(shape[0], spacing[0])[:, None]
    fx = fft.rfftfreq(shape[1], spacing[1])[None, :]
    radius = np.hypot(fx, fy)
    radius[0, 0] = 1.0
    radial = np.exp(-0.5 * (np.log(radius * wavelength) / RADIAL_WIDTH) ** 2)
    radial[0, 0] = 0.0
    # A line at angle t (rows down) varies along (sin t, cos t); the two lobes are half a turn apart.
    across = np.arctan2(fx, fy)
    bank = []
    for angle in ANGLES_DEG:
        lobes = []
        for turn in (0.0, np.pi):
            off = (across - np.radians(angle) - turn + np.pi) % (2.0 * np.pi) - np.pi
            lobes.append(np.exp(-0.5 * (off / np.radians(ANGULAR_SIGMA_DEG)) ** 2))
        even = (radial * (lobes[0] + lobes[1])).astype(np.float32)
        odd = (-1j * radial * (lobes[0] - lobes[1])).astype(np.complex64)
        bank.append((even, odd))
    return bank


def _anisotropy(energies: list[float]) -> float:
    total = sum(energies)
    doubled = sum(e * np.exp(2j * np.radians(a)) for e, a in zip(energies, ANGLES_DEG, strict=True))
    return float(abs(doubled)) / total if total > 0.0 else NAN
