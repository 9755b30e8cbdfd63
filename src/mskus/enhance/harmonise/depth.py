"""The step of depth gain: both machines brought to the same course of brightness over depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mskus.enhance.contrast.depth_gain import add_gain
from mskus.enhance.harmonise.scan import F64, Scan
from mskus.errors import EnhanceError

_NODES = 48
_SMOOTH_NODES = 2.5


@dataclass(frozen=True)
class MatchDepthGain:
    """Rows are lifted by the difference of the two machines' mean brightness at that depth, less its mean.

    Overall brightness is left to the other steps. Depth is in mm where every picture has a scale, else a share of the
    picture's height; beyond what both machines show, the difference is held.

    Attributes:
        unit: ``"mm"`` or ``"share"``.
        depth: nodes of depth.
        gain: grey levels to add at each.
    """

    name: ClassVar[str] = "depth_gain"
    unit: Literal["mm", "share"]
    depth: tuple[float, ...]
    gain: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.depth) != len(self.gain) or not self.depth:
            raise ValueError("depths and gains that do not pair up")

    @classmethod
    def fit(cls, source: Sequence[Scan], reference: Sequence[Scan]) -> Self:
        """From the mean profiles over depth."""
        unit: Literal["mm", "share"] = "mm" if all(s.spacing_mm for s in (*source, *reference)) else "share"
        have, want = (_Profiles(scans, unit) for scans in (source, reference))
        last = min(have.deepest, want.deepest)
        nodes = np.linspace(0.0, last, _NODES)
        difference = gaussian_filter1d(want.at(nodes) - have.at(nodes), _SMOOTH_NODES, mode="nearest")
        difference -= difference.mean()
        return cls(unit, tuple(float(v) for v in nodes.round(4)), tuple(float(v) for v in difference.round(3)))

    def apply(self, scan: Scan) -> Scan:
        """The picture with the gain of each row.

        Raises:
            EnhanceError: if the gain was fitted in mm and the picture has no scale.
        """
        if self.unit == "mm" and scan.spacing_mm is None:
            raise EnhanceError("This harmoniser's depth gain is in mm; give the picture's scale (spacing_mm).")
        gain = np.interp(_depths(scan, self.unit), self.depth, self.gain)
        return replace(scan, image=add_gain(scan.image, levels=gain, field=scan.field))

    def apply_to_reference(self, scan: Scan) -> Scan:
        """As it is."""
        return scan


class _Profiles:
    """Mean brightness over depth of several pictures, each less its own mean."""

    def __init__(self, scans: Sequence[Scan], unit: Literal["mm", "share"]) -> None:
        self._curves = []
        for scan in scans:
            counts = scan.inside.sum(axis=1)
            rows = counts > 0.05 * scan.image.shape[1]
            level = np.where(scan.inside, scan.image, 0).sum(axis=1, dtype=np.float64)[rows] / counts[rows]
            self._curves.append((_depths(scan, unit)[rows], level - np.average(level, weights=counts[rows])))
        self.deepest = float(np.median([depth[-1] for depth, _ in self._curves]))

    def at(self, nodes: F64) -> F64:
        return np.asarray(np.mean([np.interp(nodes, depth, level) for depth, level in self._curves], axis=0))


def _depths(scan: Scan, unit: Literal["mm", "share"]) -> F64:
    rows = np.arange(scan.image.shape[0], dtype=np.float64)
    if unit == "share":
        return rows / max(1, len(rows) - 1)
    assert scan.spacing_mm is not None
    return rows * scan.spacing_mm[0]
