"""Judge a despeckling filter: how much speckle went, and what went with it.

A high number of looks is easily had by blurring. Look at all columns together, and above all at what the next step
makes of the picture: ``benchmarks/despeckle.py`` shows how.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.enhance.despeckle.compression import to_envelope
from mskus.enhance.despeckle.window import positive
from mskus.enhance.method import Picture, as_picture
from mskus.errors import EnhanceError

Mask = NDArray[np.bool_]
NAN = float("nan")
# Pratt's scale of the distance, by his book.
_PRATT_SCALE = 1.0 / 9.0


@dataclass(frozen=True, kw_only=True)
class DespeckleScores:
    """What a filter did; NaN where the mask or reference that a score needs was not given.

    Attributes:
        looks: equivalent number of looks in the homogeneous region, ``mean^2 / variance`` of the intensity; 1 before
            filtering for fully developed speckle.
        speckle_snr: mean over standard deviation of the envelope there; 1.91 for fully developed speckle.
        level_shift: mean grey level there after less before. Filters that average the envelope raise it, because the
            mean of a logarithm lies under the logarithm of the mean.
        contrast_to_noise: of the two regions, in grey levels.
        edge_merit: Pratt's figure of merit of the edges, 0 to 1.
        similarity: mean structural similarity with the reference, -1 to 1.
        structure_removed: correlation of what was taken away with the reference; 0 if only speckle was, negative if
            contrast was sharpened.
    """

    looks: float = NAN
    speckle_snr: float = NAN
    level_shift: float = NAN
    contrast_to_noise: float = NAN
    edge_merit: float = NAN
    similarity: float = NAN
    structure_removed: float = NAN

    def as_dict(self) -> dict[str, float]:
        """Scores by name."""
        return asdict(self)


def judge(
    before: ArrayLike,
    after: ArrayLike,
    *,
    homogeneous: ArrayLike | None = None,
    contrast: tuple[ArrayLike, ArrayLike] | None = None,
    reference: ArrayLike | None = None,
    compression_db: float | None = 60.0,
) -> DespeckleScores:
    """Score one filtered picture.

    Args:
        before: ``(H, W)`` grey levels 0-255 with speckle.
        after: the same, filtered.
        homogeneous: ``(H, W)`` bool, a region of one tissue.
        contrast: masks of two regions that should differ.
        reference: ``(H, W)`` the picture without speckle, of a phantom.
        compression_db: dynamic range of the display; None for a linear picture.

    Raises:
        EnhanceError: if shapes differ, or a region holds fewer than two pixels.
    """
    first, last = as_picture(before), as_picture(after)
    scores: dict[str, float] = {}
    _same_shape(first, last, "filtered picture")
    if homogeneous is not None:
        mask = _region(homogeneous, first)
        scores["looks"] = equivalent_looks(last, mask=mask, compression_db=compression_db)
        scores["speckle_snr"] = speckle_snr(last, mask=mask, compression_db=compression_db)
        scores["level_shift"] = float(last[mask].mean() - first[mask].mean())
    if contrast is not None:
        scores["contrast_to_noise"] = contrast_to_noise(last, inside=contrast[0], outside=contrast[1])
    if reference is not None:
        truth = as_picture(reference)
        _same_shape(first, truth, "reference")
        scores["edge_merit"] = figure_of_merit(edges(last), drawn=edges(truth))
        scores["similarity"] = structural_similarity(last, reference=truth)
        scores["structure_removed"] = _correlation(first - last, truth)
    return DespeckleScores(**scores)


def equivalent_looks(picture: ArrayLike, *, mask: ArrayLike, compression_db: float | None = 60.0) -> float:
    """``mean^2 / variance`` of the intensity in a homogeneous region; infinite where it is constant.

    Source:
        Oliver & Quegan 2004, Understanding Synthetic Aperture Radar Images, section 4.3.

    Example:
        >>> equivalent_looks([[51, 51, 51], [51, 102, 102], [0, 0, 0]], compression_db=None,
        ...     mask=[[0, 0, 0], [1, 1, 0], [0, 0, 0]])  # intensities 0.04 and 0.16: 0.1^2 / 0.06^2
        2.7777...
    """
    power = _envelope_values(picture, mask, compression_db) ** 2
    return _ratio(float(power.mean()) ** 2, float(power.var()))


def speckle_snr(picture: ArrayLike, *, mask: ArrayLike, compression_db: float | None = 60.0) -> float:
    """Mean over standard deviation of the envelope in a homogeneous region (Wagner et al. 1983)."""
    envelope = _envelope_values(picture, mask, compression_db)
    return _ratio(float(envelope.mean()), float(envelope.std()))


def contrast_to_noise(picture: ArrayLike, *, inside: ArrayLike, outside: ArrayLike) -> float:
    r"""$|\mu_1 - \mu_2| / \sqrt{\sigma_1^2 + \sigma_2^2}$ of the grey levels of two regions.

    Source:
        Patterson & Foster 1983, Ultrason Imaging 5:195.
    """
    grey = as_picture(picture)
    a, b = (grey[_region(m, grey)].astype(np.float64) for m in (inside, outside))
    return _ratio(abs(float(a.mean() - b.mean())), float(np.sqrt(a.var() + b.var())))


def edges(picture: ArrayLike, *, sigma_px: float = 2.0, low: float = 2.0, high: float = 4.0) -> Mask:
    """Canny's edges of a picture, ``(H, W)`` bool.

    Args:
        picture: grey levels 0-255.
        sigma_px: of the Gaussian.
        low: slope in grey levels a pixel along which an edge is followed.
        high: slope from which on an edge begins.
    """
    from skimage.feature import canny

    positive(sigma_px=sigma_px, low=low, high=high)
    grey = as_picture(picture)
    # a slope of one grey level a pixel is 8 to Sobel's kernel
    found = canny(grey, sigma=sigma_px, low_threshold=8.0 * low, high_threshold=8.0 * high, mode="nearest")  # type: ignore[no-untyped-call]
    return np.asarray(found)


def figure_of_merit(found: ArrayLike, *, drawn: ArrayLike) -> float:
    r"""Pratt's figure of merit, $\sum 1/(1 + d^2/9) / \max(N_{found}, N_{drawn})$.

    ``d`` is the distance of every found edge pixel to the nearest drawn one. 1 if both are the same; 0 if nothing was
    found; NaN if nothing was drawn.

    Source:
        Pratt 1978, Digital Image Processing, section 17.5.

    Example:
        >>> drawn = np.zeros((4, 4), bool); drawn[:, 1] = True
        >>> round(figure_of_merit(np.roll(drawn, 1, axis=1), drawn=drawn), 6)  # all a pixel off: 1 / (1 + 1/9)
        0.9
    """
    from scipy.ndimage import distance_transform_edt

    true, seen = np.asarray(drawn) != 0, np.asarray(found) != 0
    if true.shape != seen.shape:
        raise EnhanceError(f"The edges are {seen.shape} and {true.shape}; they must be of one picture.")
    if not true.any():
        return NAN
    distance = distance_transform_edt(~true)[seen]
    return float((1.0 / (1.0 + _PRATT_SCALE * distance**2)).sum() / max(int(seen.sum()), int(true.sum())))


def structural_similarity(picture: ArrayLike, *, reference: ArrayLike) -> float:
    """Mean structural similarity, by Gaussian windows of 1.5 px, after the mean grey level is made the same.

    The shift of level is a matter of where a filter averages, and is told by ``level_shift``.

    Source:
        Wang et al. 2004, IEEE Trans Image Process 13:600.
    """
    from skimage.metrics import structural_similarity as skimage_similarity

    grey, truth = as_picture(picture), as_picture(reference)
    _same_shape(grey, truth, "reference")
    level = grey - (grey.mean(dtype=np.float64) - truth.mean(dtype=np.float64)).astype(np.float32)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255.0}
    return float(skimage_similarity(level, truth, **options))  # type: ignore[no-untyped-call]


def _envelope_values(picture: ArrayLike, mask: ArrayLike, compression_db: float | None) -> NDArray[np.float64]:
    grey = as_picture(picture)
    inside = _region(mask, grey)
    return to_envelope(grey, compression_db=compression_db)[inside].astype(np.float64)


def _region(mask: ArrayLike, picture: Picture) -> Mask:
    region = np.asarray(mask) != 0
    _same_shape(picture, region, "mask of a region")
    if np.count_nonzero(region) < 2:
        raise EnhanceError("A region to judge by holds fewer than two pixels; draw it larger.")
    return region


def _same_shape(picture: Picture, other: NDArray[np.generic], what: str) -> None:
    if picture.shape != other.shape:
        raise EnhanceError(f"The {what} is {other.shape} but the picture {picture.shape}; they must be of one size.")


def _correlation(a: Picture, b: Picture) -> float:
    x, y = (p.ravel().astype(np.float64) - float(p.mean(dtype=np.float64)) for p in (a, b))
    norm = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / norm if norm > 0 else 0.0


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else float("inf")
