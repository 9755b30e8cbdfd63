"""A phantom of any drawing: its B-mode picture, and the picture that the scanner would show without speckle."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.simulate.bmode import BeamGrid
from mskus.simulate.scanner import Scanner
from mskus.simulate.tissue import speckle_points

# Mean of the log of a Rayleigh envelope under the log of its root mean square: 10 log10(e) * Euler's constant.
_RAYLEIGH_LOG_OFFSET_DB = 10.0 * float(np.log10(np.e)) * float(np.euler_gamma)
_PER_CELL = 5.0
_LATERAL_OVERSAMPLING = 4


@dataclass(frozen=True, eq=False)
class SpecklePhantom:
    """``image`` and ``reference``, both ``(H, W)`` uint8 grey levels: with speckle, and what is expected of them."""

    image: NDArray[np.uint8]
    reference: NDArray[np.uint8]


def simulate_echogenicity(echogenicity_db: ArrayLike, *, scanner: Scanner, seed: int = 0) -> SpecklePhantom:
    r"""Fully developed speckle of a map of echogenicity.

    The reference is the expected grey level: the power $P$ of the map and of the noise, blurred by the square of the
    point-spread function, through the same gain, log compression and scan conversion, less the 2.5 dB by which the mean
    log of a Rayleigh envelope lies under $10 \log_{10} P$. It has the blur of the image, and none of its speckle.

    Args:
        echogenicity_db: ``(H, W)`` backscattered power in dB, drawn over the whole picture; 0 shows as the scanner's
            ``grey_level``.
        scanner: with a linear probe and one look.
        seed: of scatterers and noise.

    Raises:
        ValueError: if the probe is curved or looks are compounded.

    Source:
        Wagner et al. 1983, IEEE Trans Sonics Ultrason 30:156.
    """
    if scanner.probe != "linear" or len(scanner.looks_deg) != 1:
        raise ValueError("the reference without speckle is known for a linear probe with one look")
    power = np.power(10.0, np.asarray(echogenicity_db, np.float32) / 10.0).astype(np.float32)
    rng = np.random.default_rng(seed)
    grid = BeamGrid(scanner, rng)
    waist = float(scanner.sigma_lateral_mm(np.array([scanner.focus_mm]))[0])
    per_mm2 = _PER_CELL / (2.355**2 * scanner.sigma_axial_mm * waist)
    x, y, strength = speckle_points(
        rng, width_mm=scanner.width_mm + 4.0, height_mm=scanner.depth_mm + 2.0, per_mm2=per_mm2,
        wavelength_mm=scanner.wavelength_mm,
    )  # fmt: skip
    x, y = x - 2.0, y - 1.0
    amplitude = strength * np.sqrt(_sample(power, x, y=y, scanner=scanner) / per_mm2)
    echoes = grid.envelope(
        x.astype(np.float32), y_mm=y.astype(np.float32), amplitude=amplitude.astype(np.float32), rng=rng
    )
    expected = _expected_power(power, grid)
    quiet = np.sqrt(expected) * 10.0 ** (-_RAYLEIGH_LOG_OFFSET_DB / 20.0)
    return SpecklePhantom(grid.picture(grid.compress(echoes)), grid.picture(grid.compress(quiet)))


def _sample(
    power: NDArray[np.float32], x: NDArray[np.float64], *, y: NDArray[np.float64], scanner: Scanner
) -> NDArray[np.float32]:
    """Power at points in mm; the map's border goes on beyond it."""
    height, width = power.shape
    column = np.clip(np.rint(x / scanner.width_mm * width), 0, width - 1).astype(np.intp)
    row = np.clip(np.rint(y / scanner.depth_mm * height), 0, height - 1).astype(np.intp)
    return power[row, column]


def _expected_power(power: NDArray[np.float32], grid: BeamGrid) -> NDArray[np.float64]:
    """Power on the beam grid after the two-way beam, plus the noise's."""
    from scipy.ndimage import gaussian_filter1d

    scanner, fine = grid.scanner, _LATERAL_OVERSAMPLING
    x, y = np.meshgrid(grid.first + np.arange(grid.count * fine) * grid.step / fine, grid.depths)
    sampled = _sample(power, x, y=y, scanner=scanner).astype(np.float64)
    # a Gaussian squared is narrower by the root of two
    for row, sigma in enumerate(grid.sigma_lines):
        sampled[row] = gaussian_filter1d(sampled[row], sigma * fine / np.sqrt(2.0), mode="nearest")
    axial = float(np.mean(grid.sigma_axial)) / scanner.depth_step_mm / np.sqrt(2.0)
    blurred = cv2.GaussianBlur(sampled[:, ::fine], (0, 0), sigmaX=1e-3, sigmaY=axial, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred * grid.transmission**2 + 2.0 * np.asarray(grid.noise, np.float64) ** 2)
