"""Undecimated wavelet transform: energy by direction and octave."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.features.family import FeatureRegion, family
from mskus.features.texture.summary import entropy
from mskus.features.texture.surroundings import surroundings

F32 = NDArray[np.float32]

LEVELS = 3
# Daubechies' filter of four taps, low pass with sum 1.
_ROOT = np.sqrt(3.0)
LOW = np.array([1.0 + _ROOT, 3.0 + _ROOT, 3.0 - _ROOT, 1.0 - _ROOT]) / 8.0
HIGH = LOW[::-1] * (1.0, -1.0, 1.0, -1.0)
# A filter and where its weight lies, or coarse sub-bands would tell of tissue six pixels beside the region.
_Taps = tuple[NDArray[np.float64], float]
_LOW: _Taps = LOW, float(LOW @ np.arange(4.0))
_HIGH: _Taps = HIGH, float(HIGH**2 @ np.arange(4.0) / (HIGH @ HIGH))


def subbands(picture: F32, *, levels: int = LEVELS) -> Iterator[tuple[str, F32]]:
    r"""Sub-bands of the undecimated transform, from fine to coarse; the last is the coarse picture.

    Level l filters with the two filters spread by :math:`2^{l-1}`. As :math:`|H|^2 + |G|^2 = 1`, mean squares of all
    sub-bands add up to that of the picture (of one period of a periodic one).

    Args:
        picture: ``(H, W)`` float32.
        levels: octaves.

    Yields:
        Name and ``(H, W)`` coefficients. The first letter of a name is the filter along rows (x): ``1_hl`` is the
        finest detail across vertical lines.

    Source:
        Daubechies 1988, Comm. Pure Appl. Math. 41:909; Nason & Silverman 1995, Lect. Notes Statist. 103:281.
    """
    for level in range(1, levels + 1):
        step = 2 ** (level - 1)
        for name, along_x, along_y in (("lh", _LOW, _HIGH), ("hl", _HIGH, _LOW), ("hh", _HIGH, _HIGH)):
            yield f"{level}_{name}", _filtered(picture, along_x, along_y, step)
        picture = _filtered(picture, _LOW, _LOW, step)
    yield f"{levels}_ll", picture


@family("wavelet", source="Daubechies 1988, Comm. Pure Appl. Math. 41:909; Mallat 1989, IEEE Trans. PAMI 11:674")
def wavelet_features(region: FeatureRegion) -> dict[str, float]:
    r"""Energy, entropy, mean size and standard deviation of each sub-band inside the region, and their shares.

    Columns ``wav_1_lh_energy`` (mean square), ``_mean_abs``, ``_sd`` and ``_entropy``: that of
    :math:`p_i = w_i^2/\sum w^2` over its greatest value :math:`\log_2 N`, 1 where the energy is spread evenly, NaN
    where there is none. ``wav_entropy`` is the entropy in bits of the details' energies over the sub-bands (Rosso
    et al. 2001, J. Neurosci. Methods 105:65). Octaves are those of the pixel: bring pictures to one spacing first.
    """
    reach = 3 * 2**LEVELS
    picture = surroundings(region, margin=(reach, reach))
    # Half the range: of a constant picture nothing is left, not even rounding.
    level = 0.5 * (picture.min() + picture.max())
    inside = region.mask[region.box]
    height, width = inside.shape
    row: dict[str, float] = {}
    energies = []
    for name, band in subbands(picture - level):
        weights = band[reach : reach + height, reach : reach + width][inside].astype(np.float64)
        if name.endswith("ll"):
            weights += level
        square = weights * weights
        energy, mean = float(square.mean()), float(weights.mean())
        if not name.endswith("ll"):
            energies.append(energy)
        row |= {
            f"wav_{name}_energy": energy,
            f"wav_{name}_mean_abs": float(np.abs(weights).mean()),
            f"wav_{name}_sd": float(np.sqrt(max(energy - mean * mean, 0.0))),
            f"wav_{name}_entropy": entropy(square) / float(np.log2(weights.size)),
        }
    return row | {"wav_entropy": entropy(np.array(energies))}


def _filtered(picture: F32, along_x: _Taps, along_y: _Taps, step: int) -> F32:
    (x, x_centre), (y, y_centre) = along_x, along_y
    anchor = round(x_centre * step), round(y_centre * step)
    return np.asarray(cv2.sepFilter2D(picture, cv2.CV_32F, _spread(x, step), _spread(y, step), anchor=anchor))


def _spread(taps: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """Zeros between the taps."""
    out = np.zeros((len(taps) - 1) * step + 1)
    out[::step] = taps
    return out
