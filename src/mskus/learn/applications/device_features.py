"""Features of one machine on the scale of another: location and spread of each feature matched, no labels used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import LearnError

Matrix = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class FeatureAlignment:
    r"""An affine map of every feature from one machine to another.

    .. math:: x' = m_r + (x - m_s)\,s_r / s_s

    with the medians :math:`m` and the interquartile ranges :math:`s` of the source and of the reference machine.
    It presumes a like mix of patients on both machines: where only the ill were seen by one of them, the map takes the
    illness away. Where a feature does not vary on either machine it is only moved.

    Attributes:
        source_centre, source_spread, reference_centre, reference_spread: ``(F,)``.

    Source:
        Johnson, Li, Rabinovic 2007, Biostatistics 8:118 (ComBat), of which this is the location and scale part with
        medians; for radiomics Orlhac et al. 2018, J Nucl Med 59:1321.

    Example:
        >>> align = FeatureAlignment.fit([[10.0], [20.0], [30.0]], [[1.0], [2.0], [3.0]])
        >>> align([[25.0]]).tolist()
        [[2.5]]
    """

    source_centre: Matrix
    source_spread: Matrix
    reference_centre: Matrix
    reference_spread: Matrix

    @staticmethod
    def fit(source: ArrayLike, reference: ArrayLike) -> FeatureAlignment:
        """From training patients' features, ``(N, F)`` and ``(M, F)``; NaN is left out.

        Raises:
            LearnError: if the numbers of features differ or a side has fewer than three rows.
        """
        have, want = (np.asarray(side, np.float64) for side in (source, reference))
        if have.ndim != 2 or want.ndim != 2 or have.shape[1] != want.shape[1]:
            raise LearnError(f"Features of two machines do not pair up: {have.shape} and {want.shape}.")
        if min(len(have), len(want)) < 3:
            raise LearnError(
                f"{min(len(have), len(want))} pictures of a machine are too few to align features; give 3."
            )
        (a, b), (c, d) = _centre_and_spread(have), _centre_and_spread(want)
        varies = (b > 0) & (d > 0)
        return FeatureAlignment(
            source_centre=a, source_spread=np.where(varies, b, 1.0),
            reference_centre=c, reference_spread=np.where(varies, d, 1.0),
        )  # fmt: skip

    def __call__(self, features: ArrayLike) -> Matrix:
        """``(N, F)`` features of the source machine, on the reference's scale."""
        moved = (np.asarray(features, np.float64) - self.source_centre) / self.source_spread
        return np.asarray(self.reference_centre + moved * self.reference_spread)


def _centre_and_spread(features: Matrix) -> tuple[Matrix, Matrix]:
    known = np.isfinite(features)
    safe = np.where(known.any(0), np.where(known, features, np.nan), 0.0)
    low, middle, high = np.nanpercentile(safe, [25, 50, 75], axis=0)
    return middle, high - low
