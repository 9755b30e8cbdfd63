"""Recursive bi-histogram equalisation that weighs brightness, contrast and detail against each other.

What is published. Hum et al. (2013) cut the histogram where a regularisation function of three parts is best and then
optimise each sub-histogram by itself (multipurpose beta-optimised bi-histogram equalisation); Hossain et al. (2014)
carry it to ultrasound of knee cartilage, recursively, and name the parts: preservation of brightness score, optimum
contrast score, preservation of detail score. The abstracts give neither their formulae nor their weights. Here, for a
part of levels ``a .. b`` with shares ``p``, mapped by ``f``:

- brightness ``1 - |mean f - mean x| / (b - a)``;
- contrast ``1 - |sd f - s| / s`` (at least 0), ``s = (b - a) / sqrt(12)`` being the spread of a flat histogram;
- detail: entropy of the rounded result over entropy before, since levels that merge are lost;
- the objective is their mean under ``weights``;
- ``beta`` is how far the sub-histograms are equalised, ``beta * f(x) + (1 - beta) * x``: 1 is full equalisation and 0
  leaves the levels where they are. It is chosen together with the cut from 0.1, 0.2 ... 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mskus.enhance.contrast.levels import F64, Mask, equalised, level_counts, map_levels, split
from mskus.enhance.method import Picture, enhancer
from mskus.errors import EnhanceError

_BETAS = tuple(k / 10 for k in range(1, 11))


@enhancer(
    "mborbhe",
    kind="contrast",
    source="Hossain et al. 2014 (knee cartilage ultrasound) after Hum et al. 2013, BioMed Eng OnLine 12:27",
)
def mborbhe(
    image: Picture,
    *,
    levels: int = 1,
    beta: float | None = None,
    weights: tuple[float, float, float] = (1.0, 1.0, 1.0),
    field: Mask | None = None,
) -> Picture:
    """Multipurpose beta-optimised recursive bi-histogram equalisation.

    Args:
        image: ``(H, W)`` grey levels.
        levels: rounds of cutting; each part is cut again at its own optimum.
        beta: degree of equalisation, above 0 up to 1; chosen by the objective if None.
        weights: of brightness, contrast and detail.
        field: ``(H, W)`` bool, the pixels that make the histogram; all by default.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    if beta is not None and not 0 < beta <= 1:
        raise EnhanceError(f"beta = {beta:g} is not a degree of equalisation; give a value above 0 up to 1, or none.")
    shares = np.asarray(weights, np.float64)
    if shares.shape != (3,) or shares.min() < 0 or shares.sum() <= 0:
        raise EnhanceError(f"weights = {weights} cannot be used; give three, none negative and not all 0.")
    shares = shares / shares.sum()
    betas = _BETAS if beta is None else (float(beta),)
    counts = level_counts(image, field=field)
    first, chosen = best_cut(counts, betas=betas, weights=shares)

    def cut(part: F64) -> int:
        return first if len(part) == len(counts) else best_cut(part, betas=betas, weights=shares)[0]

    return map_levels(image, _softened(counts, starts=split(counts, cut=cut, levels=levels), beta=chosen))


def best_cut(counts: F64, *, betas: tuple[float, ...], weights: F64) -> tuple[int, float]:
    """Cut and degree of equalisation with the best objective.

    Args:
        counts: ``(L,)`` pixels at each level of a part.
        betas: degrees to try.
        weights: ``(3,)``, of brightness, contrast and detail, summing to 1.

    Returns:
        Last level of the lower half, and the degree.
    """
    if np.count_nonzero(counts) < 2:
        return 0, betas[0]
    found = [objective(counts, tables=_tables(counts, beta), weights=weights) for beta in betas]
    row, cut = np.unravel_index(int(np.argmax(found)), np.shape(found))
    return int(cut), betas[int(row)]


def objective(counts: F64, *, tables: F64, weights: F64) -> F64:
    """The weighted mean of the three scores for each of several maps.

    Args:
        counts: ``(L,)`` pixels at each level.
        tables: ``(N, L)`` level of the result for each level of the picture.
        weights: ``(3,)``, of brightness, contrast and detail.

    Example:
        The map that changes nothing keeps brightness and detail.

        >>> flat = np.ones(16)
        >>> objective(flat, tables=np.arange(16.0)[None], weights=np.array([0.5, 0.0, 0.5])).round(3).tolist()
        [1.0]
    """
    share = counts / counts.sum()
    level = np.arange(len(counts), dtype=np.float64)
    span = len(counts) - 1.0
    means = tables @ share
    spread = np.sqrt(np.maximum((tables - means[:, None]) ** 2 @ share, 0.0))
    flat = span / np.sqrt(12.0)
    brightness = 1.0 - np.abs(means - share @ level) / span
    contrast = np.maximum(1.0 - np.abs(spread - flat) / flat, 0.0)
    scores = np.stack([brightness, contrast, _kept_entropy(share, tables)])
    return np.asarray(weights @ scores, np.float64)


def _kept_entropy(share: F64, tables: F64) -> F64:
    n, size = tables.shape
    place = np.rint(tables).astype(np.intp) + size * np.arange(n)[:, None]
    merged = np.asarray(np.bincount(place.ravel(), np.tile(share, n), minlength=n * size), np.float64)
    merged = merged.reshape(n, size)
    return np.asarray(_entropy(merged) / _entropy(share[None])[0], np.float64)


def _entropy(shares: F64) -> F64:
    return np.asarray(-np.sum(shares * np.log2(np.where(shares > 0, shares, 1.0)), axis=1), np.float64)


def _tables(counts: F64, beta: float) -> NDArray[np.float64]:
    """``(L-1, L)`` maps, one for each cut."""
    last = len(counts) - 1
    return np.stack([_softened(counts, starts=(0, cut + 1), beta=beta) for cut in range(last)])


def _softened(counts: F64, *, starts: tuple[int, ...], beta: float) -> F64:
    """As ``equalised``, but only by the degree ``beta``."""
    level = np.arange(len(counts), dtype=np.float64)
    return np.asarray(beta * equalised(counts, starts=starts) + (1.0 - beta) * level, np.float64)
