"""Steps that are one monotone map of grey levels: histogram, quantiles, dynamic range.

They assume that both machines were shown the same mix of tissue. Where one has more patients than the other, they take
the disease away with the machine; :mod:`mskus.enhance.harmonise.report` tests for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from mskus.enhance.contrast.levels import map_levels
from mskus.enhance.harmonise.scan import F64, Scan, shares

_PROBABILITIES = np.array([0.01, 0.05, *np.arange(0.1, 0.91, 0.1), 0.95, 0.99])
_LEVEL = np.arange(256.0)


class _GreyCurve:
    """What the three have in common: the picture goes through a table of 256 levels."""

    def table(self) -> F64:
        """``(256,)`` level of the result for each level."""
        raise NotImplementedError

    def apply(self, scan: Scan) -> Scan:
        """The picture through the table, inside its field."""
        mapped = map_levels(scan.image, self.table())
        return replace(scan, image=mapped if scan.field is None else np.where(scan.field, mapped, scan.image))

    def apply_to_reference(self, scan: Scan) -> Scan:
        """As it is."""
        return scan


@dataclass(frozen=True)
class MatchHistogram(_GreyCurve):
    """Full histogram matching: each level goes to the reference's level of the same cumulative share.

    Attributes:
        levels: 256 levels of the result.

    Source:
        Gonzalez & Woods, Digital Image Processing, ch. 3.3.
    """

    name: ClassVar[str] = "histogram"
    levels: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.levels) != len(_LEVEL):
            raise ValueError(f"a table of {len(self.levels)} levels, not {len(_LEVEL)}")

    @classmethod
    def fit(cls, source: Sequence[Scan], reference: Sequence[Scan]) -> Self:
        """From the pooled histograms.

        Raises:
            EnhanceError: if a machine's pictures show one grey level only.
        """
        have, want = shares(source, who="source"), shares(reference, who="reference")
        seen = want > 0
        middle = (np.cumsum(want) - want / 2)[seen]
        table = np.interp(np.cumsum(have) - have / 2, middle, _LEVEL[seen])
        return cls(tuple(float(v) for v in table.round(3)))

    def table(self) -> F64:
        """The levels as fitted."""
        return np.asarray(self.levels, np.float64)


@dataclass(frozen=True)
class MatchQuantiles(_GreyCurve):
    """Quantile matching: a piecewise linear map through 13 quantiles, parallel to the diagonal beyond them.

    Fewer numbers than a histogram, so that a lesion of one picture does not bend the curve.

    Attributes:
        source: quantiles of the source machine, strictly rising.
        reference: where they go, not falling.

    Source:
        Nyul & Udupa 1999, Magn Reson Med 42:1072 (standardising intensities by landmarks).
    """

    name: ClassVar[str] = "quantiles"
    source: tuple[float, ...]
    reference: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.source) != len(self.reference) or not self.source or np.diff(self.source).min(initial=1.0) <= 0:
            raise ValueError("quantiles that do not rise or do not pair up")

    @classmethod
    def fit(cls, source: Sequence[Scan], reference: Sequence[Scan]) -> Self:
        """From the pooled histograms.

        Raises:
            EnhanceError: if a machine's pictures show one grey level only.
        """
        have = _quantiles(shares(source, who="source")).round(2)  # equal quantiles are one knot
        want = _quantiles(shares(reference, who="reference"))
        knots = np.unique(have)
        goes_to = [float(want[have == knot].mean()) for knot in knots]
        return cls(tuple(float(k) for k in knots), tuple(round(v, 3) for v in goes_to))

    def table(self) -> F64:
        """Interpolated between the quantiles, clipped to 0-255."""
        inner = np.interp(_LEVEL, self.source, self.reference)
        beyond = np.minimum(_LEVEL - self.source[0], 0) + np.maximum(_LEVEL - self.source[-1], 0)
        return np.asarray(np.clip(inner + beyond, 0, 255), np.float64)


@dataclass(frozen=True)
class MatchDynamicRange(_GreyCurve):
    """Gain and dynamic range: one straight line that matches the median and the spread (5 % to 95 %) of grey levels.

    In log-compressed pictures the slope is the ratio of the dynamic ranges in dB and the shift is gain.

    Attributes:
        slope: ratio of the spreads, reference over source.
        from_level: median of the source machine.
        to_level: median of the reference machine.
    """

    name: ClassVar[str] = "dynamic_range"
    slope: float
    from_level: float
    to_level: float

    @classmethod
    def fit(cls, source: Sequence[Scan], reference: Sequence[Scan]) -> Self:
        """From the pooled histograms.

        Raises:
            EnhanceError: if a machine's pictures show one grey level only.
        """
        have, want = shares(source, who="source"), shares(reference, who="reference")
        low, middle, high = _quantiles(have, (0.05, 0.5, 0.95))
        low_wanted, middle_wanted, high_wanted = _quantiles(want, (0.05, 0.5, 0.95))
        slope = (high_wanted - low_wanted) / max(high - low, 1.0)
        return cls(round(float(slope), 5), float(middle.round(3)), float(middle_wanted.round(3)))

    def table(self) -> F64:
        """The straight line, clipped to 0-255."""
        return np.asarray(np.clip(self.to_level + self.slope * (_LEVEL - self.from_level), 0, 255), np.float64)


def _quantiles(share: F64, probabilities: Sequence[float] | F64 = _PROBABILITIES) -> F64:
    """Levels at which the cumulative share (the middle of each level's step) reaches the probabilities."""
    seen = share > 0
    return np.asarray(np.interp(probabilities, (np.cumsum(share) - share / 2)[seen], _LEVEL[seen]), np.float64)
