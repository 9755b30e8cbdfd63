"""Is this picture of the kind that a network learned from? Its features tell, and refuse what is not.

A network answers beside its logits the mean of every channel at every scale on the way down. Of the training pictures
these features z have mean m and covariance S, and a new picture lies at the Mahalanobis distance

    D = sqrt((z - m)' S^-1 (z - m)).

Body part and plane show in the deep scales, the device's look (speckle, gain, blur) in the shallow ones. There are two
limits. 95 % of unseen pictures of the right kind keep the first; beyond it a picture is measured with a warning. The
second is kept by 95 % of them shown as other devices and settings might show them; beyond it a picture is refused.

Source: Lee et al. 2018, A simple unified framework for detecting out-of-distribution samples (arXiv 1807.03888), with
one Gaussian over all scales and the shrunk covariance of Ledoit & Wolf 2004 (J. Multivariate Analysis 88:365).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.models.cards import ModelError

SUFFIX = ".outlier.npz"


@dataclass(frozen=True, kw_only=True, eq=False)
class OutlierScore:
    """The Gaussian of the training pictures' features.

    S is kept as ``diag(scale) (V' diag(variances - rest) V + rest I) diag(scale)`` with orthonormal rows V: of few
    pictures it has few directions of its own, and is alike in all others.

    Attributes:
        mean: ``(D,)``.
        scale: ``(D,)`` standard deviations.
        directions: ``(K, D)`` V.
        variances: ``(K,)`` along V.
        rest: variance in every other direction.
        limit: distance beyond which there is a warning.
        refusal: distance beyond which nothing is measured.
        seen: sorted distances of pictures of the right kind that the Gaussian was not made of.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    directions: NDArray[np.float32]
    variances: NDArray[np.float32]
    rest: float
    limit: float
    refusal: float
    seen: NDArray[np.float32]

    def distance(self, features: ArrayLike) -> NDArray[np.float64]:
        """Mahalanobis distance of each picture.

        Args:
            features: ``(N, D)`` as :meth:`mskus.models.runtime.Network.predict_with_features` gives them.

        Returns:
            ``(N,)``; infinite where a feature is not finite.

        Raises:
            ModelError: if the number of features is not D.
        """
        given = np.asarray(features, np.float64)
        if given.ndim != 2 or given.shape[1] != len(self.mean):
            raise ModelError(f"{len(self.mean)} features a picture are needed; got an array of shape {given.shape}.")
        finite = np.asarray(np.isfinite(given).all(axis=1))
        z = np.where(finite[:, None], given - self.mean, 0.0) / self.scale
        along = z @ self.directions.T.astype(np.float64)
        across = np.maximum((z**2).sum(axis=1) - (along**2).sum(axis=1), 0.0)
        squared = (along**2 / self.variances).sum(axis=1) + across / self.rest
        return np.where(finite, np.sqrt(squared), np.inf)

    def is_outlier(self, features: ArrayLike) -> NDArray[np.bool_]:
        """``(N,)`` bool: beyond the first limit."""
        return self.distance(features) > self.limit

    def refuses(self, distance: float) -> bool:
        """Whether a picture at this distance is refused."""
        return distance > self.refusal

    def share_farther(self, distance: float) -> float:
        """Share of unseen pictures of the right kind that lie as far or farther, as ``(1 + n) / (1 + N)``.

        A p-value that is valid for any distribution (Vovk, Gammerman & Shafer 2005, Algorithmic Learning, ch. 2).
        """
        return float((1 + np.count_nonzero(self.seen >= distance)) / (1 + len(self.seen)))

    def reason(self, distance: float) -> str | None:
        """What is wrong with a picture at this distance, or None if nothing is."""
        if distance <= self.limit:
            return None
        limit = f"limit {self.limit:.1f}, refused from {self.refusal:.1f}"
        if self.refuses(distance):
            return (
                "the picture is unlike those that the network learned from (another body part, plane or device look, or"
                f" nothing but noise): distance {distance:.1f}, {limit}"
            )
        return (
            "the picture is somewhat unlike those that the network learned from (another device or setting, or another"
            f" body part): distance {distance:.1f}, {limit}"
        )

    def save(self, path: Path) -> None:
        """Write as NPZ, arrays only."""
        np.savez_compressed(path, **{f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def load(cls, path: Path) -> OutlierScore:
        """Read from NPZ; nothing but arrays is loaded.

        Raises:
            ModelError: if the file is not one of these.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays: dict[str, Any] = {f.name: stored[f.name] for f in fields(cls)}
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ModelError(
                f"{path.name} holds no features of training pictures; release the network again."
            ) from error
        return cls(**(arrays | {name: float(arrays[name]) for name in ("rest", "limit", "refusal")}))
