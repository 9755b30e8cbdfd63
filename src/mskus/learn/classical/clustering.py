"""Localisation without labels: k-means over maps of grey level and texture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import LearnError

Choice = Literal["brightest", "darkest", "central", "largest"]

_PIXELS = 20_000  # that the centres are learned from


@dataclass(frozen=True, kw_only=True, eq=False)
class Localisation:
    """Clusters of a picture and the one that was asked for.

    Attributes:
        labels: ``(H, W)`` cluster of each pixel, 0 the darkest.
        chosen: number of the chosen cluster.
        mask: ``(H, W)`` bool, its largest connected part.
    """

    labels: NDArray[np.uint8]
    chosen: int
    mask: NDArray[np.bool_]


def kmeans_localise(
    image: ArrayLike,
    *,
    k: int = 3,
    choose: Choice = "brightest",
    scale_px: float = 3.0,
    maps: Sequence[ArrayLike] | None = None,
    seed: int = 0,
) -> Localisation:
    """Cut a picture into `k` kinds of tissue and take the part that is asked for.

    Every pixel is a point of standardised maps: by default the mean and the standard deviation of the grey level in a
    Gaussian window. Clusters minimise the squared distance to their centres; they are numbered by rising mean grey
    level.

    Args:
        image: ``(H, W)`` grey levels.
        k: number of clusters, 2 to 20.
        choose: ``"brightest"`` or ``"darkest"`` in mean grey level, ``"central"`` (nearest to the middle by its centre
            of mass) or ``"largest"`` in pixels.
        scale_px: standard deviation of the window in pixels; above the speckle's size.
        maps: ``(H, W)`` each, in place of the two default ones.
        seed: of the start.

    Raises:
        LearnError: if a map is not finite or of another shape, or has fewer different pixels than clusters.

    Source: MacQueen 1967, Proc 5th Berkeley Symp 1:281; k-means++ start: Arthur & Vassilvitskii 2007, SODA, p. 1027.
    """
    picture = np.asarray(image, np.float64)
    if picture.ndim != 2 or not np.isfinite(picture).all():
        raise LearnError("A grey picture (H, W) without NaN is needed to find clusters in.")
    if not 2 <= k <= 20:
        raise LearnError(f"k = {k} clusters are not possible; give 2 to 20.")
    points = _points(picture, _texture(picture, scale_px) if maps is None else [np.asarray(m, float) for m in maps])
    labels: NDArray[np.intp] = _clusters(points, k, seed).reshape(picture.shape)
    by_level = np.argsort([picture[labels == c].mean() for c in range(k)])
    ordered: NDArray[np.uint8] = np.argsort(by_level)[labels].astype(np.uint8)
    chosen = _chosen(ordered, k, choose)
    return Localisation(labels=ordered, chosen=chosen, mask=_largest_part(ordered == chosen))


def _texture(picture: NDArray[np.float64], scale_px: float) -> list[NDArray[np.float64]]:
    from scipy.ndimage import gaussian_filter

    mean = gaussian_filter(picture, scale_px)
    # Rounding can take the variance of a flat window a little below zero.
    variance = np.maximum(gaussian_filter(picture**2, scale_px) - mean**2, 0.0)
    return [mean, np.sqrt(variance)]


def _points(picture: NDArray[np.float64], maps: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """``(H * W, M)`` standardised; constant maps are left out."""
    columns = []
    for one in maps:
        if one.shape != picture.shape or not np.isfinite(one).all():
            raise LearnError(f"A map of shape {one.shape} with finite values must fit the picture {picture.shape}.")
        if (sd := float(one.std())) > 1e-9:
            columns.append(((one - one.mean()) / sd).ravel())
    if not columns:
        raise LearnError("The picture is constant; there are no clusters in it.")
    return np.stack(columns, axis=1)


def _clusters(points: NDArray[np.float64], k: int, seed: int) -> NDArray[np.intp]:
    from sklearn.cluster import KMeans

    some = points[np.random.default_rng(seed).permutation(len(points))[:_PIXELS]]
    if len(np.unique(some, axis=0)) < k:
        raise LearnError(f"The picture has fewer than {k} different pixels; ask for fewer clusters.")
    found = KMeans(k, n_init=4, random_state=seed).fit(some).predict(points)
    if len(np.unique(found)) < k:
        raise LearnError(f"The picture has fewer than {k} clusters; ask for fewer.")
    return np.asarray(found, np.intp)


def _chosen(labels: NDArray[np.uint8], k: int, choose: Choice) -> int:
    match choose:
        case "darkest":
            return 0
        case "brightest":
            return k - 1
        case "largest":
            return int(np.argmax(np.bincount(labels.ravel(), minlength=k)))
        case "central":
            middle = (np.array(labels.shape) - 1) / 2
            far = [np.linalg.norm(np.argwhere(labels == c).mean(0) - middle) for c in range(k)]
            return int(np.argmin(far))
        case _:
            raise LearnError(f"{choose!r} is no way to choose a cluster; give brightest, darkest, central or largest.")


def _largest_part(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    import cv2

    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return np.asarray(parts == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))
