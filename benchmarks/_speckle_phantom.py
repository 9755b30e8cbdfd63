"""A drawing with what musculoskeletal pictures hold: layers, fasciae, fibres, a nerve, a cyst and a bright lesion."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.simulate import Scanner
from mskus.simulate.echogenicity import simulate_echogenicity

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class JudgedPhantom:
    """Picture with and without speckle, and the regions to judge by."""

    image: NDArray[np.uint8]
    reference: NDArray[np.uint8]
    homogeneous: Mask
    cyst: Mask
    around: Mask
    lesion: Mask
    lesion_window: Mask


def drawing(size_px: tuple[int, int]) -> tuple[NDArray[np.float32], dict[str, Mask]]:
    """Echogenicity in dB, and the masks of :class:`JudgedPhantom`."""
    height, width = size_px
    unit = width / 800.0
    db = np.full(size_px, 0.0, np.float32)
    db[: int(0.16 * height)] = -6.0  # fat
    for top, thick in ((0.16, 7), (0.55, 9)):  # fasciae
        y = int(top * height)
        db[y : y + max(2, round(thick * unit))] = 14.0
    fibres = np.zeros(size_px, np.uint8)  # perimysium at 15 degrees, in the left half between the fasciae
    for start in range(-300, 900, 34):
        a, b = (int(start * unit), int(0.54 * height)), (int((start + 800) * unit), int(0.54 * height - 214 * unit))
        cv2.line(fibres, a, b, 255, max(1, round(2 * unit)))
    fibres[: int(0.19 * height)] = 0
    fibres[:, int(0.5 * width) :] = 0
    db[fibres > 0] = 8.0
    nerve = _disc(size_px, (0.66, 0.36), (80 * unit, 48 * unit))
    db[nerve] = 7.0
    for i, (dx, dy) in enumerate(((-40, -8), (-5, -20), (0, 16), (38, -6), (-28, 22), (34, 20))):
        radius = (11.0 + i % 3) * unit
        db[_disc(size_px, (0.66 + dx / 800, 0.36 + dy * unit / height), (radius, radius))] = -4.0
    cyst = _disc(size_px, (0.30, 0.78), (48 * unit, 48 * unit))
    ring = _disc(size_px, (0.30, 0.78), (85 * unit, 75 * unit)) & ~_disc(size_px, (0.30, 0.78), (56 * unit, 56 * unit))
    db[cyst] = -14.0
    lesion = _disc(size_px, (0.86, 0.80), (36 * unit, 36 * unit))
    db[lesion] = 6.0
    inner = _disc(size_px, (0.30, 0.78), (40 * unit, 40 * unit))
    homogeneous = np.zeros(size_px, bool)
    homogeneous[int(0.66 * height) : int(0.92 * height), int(0.48 * width) : int(0.76 * width)] = True
    window = _disc(size_px, (0.86, 0.80), (70 * unit, 70 * unit))
    masks = {"homogeneous": homogeneous, "cyst": inner, "around": ring, "lesion": lesion, "lesion_window": window}
    return db, masks


def judged_phantom(*, seed: int, size_px: tuple[int, int] = (600, 800)) -> JudgedPhantom:
    """The drawing under a random linear probe of 7 to 11 MHz; 60 dB."""
    rng = np.random.default_rng(seed)
    db, masks = drawing(size_px)
    scanner = Scanner(
        width_mm=50.0, depth_mm=50.0 * size_px[0] / size_px[1], size_px=size_px, grey_level=0.55, noise_db=-40.0,
        frequency_mhz=float(rng.uniform(7, 11)), focus_mm=float(rng.uniform(12, 25)), line_gain_db=0.0,
    )  # fmt: skip
    made = simulate_echogenicity(db, scanner=scanner, seed=seed)
    return JudgedPhantom(made.image, made.reference, **masks)


def _disc(size_px: tuple[int, int], centre: tuple[float, float], radii: tuple[float, float]) -> Mask:
    height, width = size_px
    y, x = np.mgrid[:height, :width]
    return ((x - centre[0] * width) / radii[0]) ** 2 + ((y - centre[1] * height) / radii[1]) ** 2 <= 1.0
