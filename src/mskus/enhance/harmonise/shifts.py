"""How far the features of two machines lie apart, before and after harmonising."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import ks_2samp, wasserstein_distance

Features = Mapping[str, ArrayLike]


class DeviceFeatures(NamedTuple):
    """Columns by name: of the new machine before and after, and of the reference machine.

    ``reference_after`` is the reference's after its own treatment (``blur`` and ``spacing`` may change it), the same as
    before where it is not given.
    """

    before: Features
    after: Features
    reference: Features
    reference_after: Features | None = None


@dataclass(frozen=True, kw_only=True)
class FeatureShift:
    """How far a feature's distribution on the new machine lies from that on the reference machine.

    Attributes:
        name: of the feature.
        ks_before: largest difference of the two cumulative distributions, 0 to 1, before harmonising.
        ks_after: after.
        wasserstein_before: mean distance to be moved, in standard deviations of the reference, before.
        wasserstein_after: after.
    """

    name: str
    ks_before: float
    ks_after: float
    wasserstein_before: float
    wasserstein_after: float


def feature_shifts(features: DeviceFeatures) -> tuple[FeatureShift, ...]:
    """The shift of every feature that all tables have and that varies on the reference machine.

    Example:
        >>> shift, = feature_shifts(DeviceFeatures({"a": [6, 8]}, {"a": [1, 3]}, {"a": [1, 3]}))
        >>> shift.wasserstein_before, shift.wasserstein_after
        (5.0, 0.0)
    """
    before, after, reference, given = features
    reference_after = reference if given is None else given
    found = []
    for name in before:
        if not all(name in columns for columns in (after, reference, reference_after)):
            continue
        pairs = [
            (_finite(new[name]), _finite(old[name])) for new, old in ((before, reference), (after, reference_after))
        ]
        if any(not len(new) or not len(old) or old.std() == 0 for new, old in pairs):
            continue
        ks = [float(ks_2samp(new, old).statistic) for new, old in pairs]
        moved = [float(wasserstein_distance(new, old) / old.std()) for new, old in pairs]
        found.append(
            FeatureShift(
                name=name,
                ks_before=ks[0],
                ks_after=ks[1],
                wasserstein_before=moved[0],
                wasserstein_after=moved[1],
            )
        )
    return tuple(found)


def _finite(column: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(column, np.float64)
    return values[np.isfinite(values)]
