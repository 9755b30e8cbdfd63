"""Nearest neighbours that never ask for more neighbours than there are samples."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import KNeighborsClassifier


class BoundedNeighbours(KNeighborsClassifier):  # type: ignore[misc]
    """k nearest neighbours with k lowered to the number of samples where it is greater.

    The tuning cannot know how many rows an inner fold will hold, and scikit-learn refuses at prediction.

    Source: Cover & Hart 1967, IEEE Trans Inf Theory 13:21.
    """

    n_neighbors: int

    def fit(self, X: NDArray[np.float64], y: NDArray[Any]) -> Self:
        """Keep the samples."""
        asked = self.n_neighbors
        self.n_neighbors = min(asked, len(X))
        super().fit(X, y)
        return self
