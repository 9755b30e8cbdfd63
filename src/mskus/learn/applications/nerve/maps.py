"""Texture around every pixel at once: code pictures and filter answers, summed over windows by box filters.

Describing each window by itself would compute overlapping windows again and again; a code picture and one box filter a
class give the histograms of all windows in the time of a few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion
from mskus.features.texture.gabor_bank import gabor_energies
from mskus.features.texture.median_binary import REDUCED, MedianBinaryPattern
from mskus.features.texture.surroundings import Spectrum
from mskus.learn.applications.nerve.frame import WorkingFrame

F32 = NDArray[np.float32]
Maps = dict[str, F32]

_SIGMAS_PX = (1.5, 3.0, 6.0, 12.0)
_WAVES_PX = (4.0, 8.0, 16.0)
_LEVELS = 8
_DISCS_PX = (6, 9, 13, 18, 25, 34)
_DIRECTIONS = 8
_LOOKS_PX = (12.0, 24.0, 40.0)


def grey_maps(frame: WorkingFrame, *, windows_px: Sequence[int]) -> Maps:
    """Grey level at four scales, its difference between scales, and its spread in each window."""
    at = [cv2.GaussianBlur(frame.smooth, (0, 0), s, borderType=cv2.BORDER_REFLECT) for s in _SIGMAS_PX]
    found: Maps = {f"grey_{s:g}": np.asarray(level) for s, level in zip(_SIGMAS_PX, at, strict=True)}
    for (s, fine), coarse in zip(zip(_SIGMAS_PX[:-1], at[:-1], strict=True), at[1:], strict=True):
        found[f"grey_band_{s:g}"] = fine - coarse
    for size in windows_px:
        found[f"grey_mean_{size}"] = mean = _box(frame.grey, size)
        found[f"grey_sd_{size}"] = np.sqrt(np.maximum(_box(frame.grey * frame.grey, size) - mean * mean, 0.0))
    return found


def median_binary_maps(frame: WorkingFrame, *, windows_px: Sequence[int]) -> Maps:
    """Shares of the reduced median binary pattern in each window (Hadjerci et al. 2014, ICIAR, LNCS 8815:132)."""
    codes = MedianBinaryPattern.of(frame.smooth).reduced
    found: Maps = {}
    for number, name in enumerate(REDUCED):
        here = (codes == number).astype(np.float32)
        found |= {f"mbp_{name}_{size}": _box(here, size) for size in windows_px}
    return found


def gabor_maps(frame: WorkingFrame, *, windows_px: Sequence[int]) -> Maps:
    """Mean log-Gabor magnitude in the larger window by wavelength and orientation."""
    size = max(windows_px)
    spectrum = Spectrum.of(FeatureRegion.of(frame.grey), reach=1.5 * max(_WAVES_PX))
    return {
        f"gabor_{wave:g}_{angle}deg": _box(np.sqrt(answers), size)
        for wave, angle, answers in gabor_energies(spectrum, wavelengths=_WAVES_PX)
    }


def cooccurrence_maps(frame: WorkingFrame, *, windows_px: Sequence[int]) -> Maps:
    """Contrast, homogeneity, correlation, energy and entropy of grey level pairs (Haralick 1973), right and down."""
    levels = np.clip(frame.grey * (_LEVELS / 256.0), 0, _LEVELS - 1).astype(np.uint8)
    size = max(windows_px)
    found: Maps = {}
    for name, (down, right) in {"right": (0, 1), "down": (1, 0)}.items():
        other = cv2.copyMakeBorder(levels, 0, down, 0, right, cv2.BORDER_REPLICATE)[down:, right:]
        a, b = levels.astype(np.float32), other.astype(np.float32)
        mean_a, mean_b = _box(a, size), _box(b, size)
        both = _box(a * b, size) - mean_a * mean_b
        spread = (_box(a * a, size) - mean_a**2) * (_box(b * b, size) - mean_b**2)
        found |= {
            f"glcm_contrast_{name}": _box((a - b) ** 2, size),
            f"glcm_homogeneity_{name}": _box(1.0 / (1.0 + (a - b) ** 2), size),
            f"glcm_correlation_{name}": np.asarray(both / np.sqrt(np.maximum(spread, 1e-2)), np.float32),
        }
        # unordered pairs, as the matrix is symmetric
        low, high = np.minimum(levels, other), np.maximum(levels, other)
        pair = low.astype(np.int32) * _LEVELS + high
        energy, entropy = np.zeros_like(a), np.zeros_like(a)
        for code in np.unique(pair):
            share = _box((pair == code).astype(np.float32), size)
            energy += share * share
            entropy -= share * np.log2(np.maximum(share, 1e-6))
        found |= {f"glcm_energy_{name}": energy, f"glcm_entropy_{name}": entropy}
    return found


def disc_maps(frame: WorkingFrame, *, windows_px: Sequence[int]) -> Maps:
    """How much darker a disc is than the ring around it, at six radii: the template of a vessel, or of a fascicle."""
    found: Maps = {}
    for radius in _DISCS_PX:
        answer = cv2.filter2D(frame.smooth, cv2.CV_32F, _disc(radius), borderType=cv2.BORDER_REFLECT)
        found[f"disc_{radius}"] = np.asarray(answer, np.float32)
    return found


def look_maps(frame: WorkingFrame, *, windows_px: Sequence[int]) -> Maps:
    """Smoothed grey level at points around: what lies above, below and beside (the picture's edge repeated)."""
    found: Maps = {}
    for distance in _LOOKS_PX:
        smooth = cv2.GaussianBlur(frame.smooth, (0, 0), distance / 4.0, borderType=cv2.BORDER_REFLECT)
        found |= {f"look_{distance:g}_{k}": level for k, level in enumerate(around(smooth, distance))}
    return found


def place_maps(frame: WorkingFrame, *, windows_px: Sequence[int]) -> Maps:
    """Where a pixel lies: across as a share of the width, down as a share of the width and of the height."""
    height, width = frame.grey.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return {
        "place_across": x / width,
        "place_off_middle": np.abs(x / width - 0.5),
        "place_down": y / width,
        "place_depth": y / height,
    }


FAMILIES: dict[str, Callable[..., Maps]] = {
    "grey": grey_maps,
    "mbp": median_binary_maps,
    "gabor": gabor_maps,
    "glcm": cooccurrence_maps,
    "disc": disc_maps,
    "look": look_maps,
    "place": place_maps,
}


def around(level: NDArray[Any], distance: float) -> list[F32]:
    """A map seen from its neighbours in eight directions, the edge repeated."""
    moved = []
    for k in range(_DIRECTIONS):
        turn = 2.0 * np.pi * k / _DIRECTIONS
        down, right = round(distance * np.sin(turn)), round(distance * np.cos(turn))
        reach = int(np.ceil(distance))
        wide = cv2.copyMakeBorder(level, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
        height, width = level.shape
        seen = wide[reach + down : reach + down + height, reach + right : reach + right + width]
        moved.append(np.asarray(seen, np.float32))
    return moved


def _box(level: NDArray[Any], size: int) -> F32:
    return np.asarray(cv2.blur(level, (size, size), borderType=cv2.BORDER_REFLECT))


def _disc(radius: int) -> F32:
    """Ring less disc, each of weight one; the ring is a third of the radius wide."""
    outer = radius + max(radius // 3, 2)
    y, x = np.mgrid[-outer : outer + 1, -outer : outer + 1]
    far = np.hypot(y, x)
    disc, ring = (far <= radius - 1), (far > radius) & (far <= outer)
    return np.asarray(ring / ring.sum() - disc / disc.sum(), np.float32)
