"""The look of another device: grey levels of a picture brought to the quantiles of a picture from another machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mskus.enhance.harmonise.grey_curves import MatchQuantiles
from mskus.enhance.harmonise.scan import Scan
from mskus.errors import EnhanceError
from mskus.learn.augment.appearance import Image

_THUMBNAIL_PX = 64  # grey levels are what counts


@dataclass(frozen=True, eq=False)
class DeviceLooks:
    """Pictures whose grey levels may be borrowed.

    Attributes:
        scans: small copies.
        devices: the machine of each, or empty.
    """

    scans: tuple[Scan, ...]
    devices: tuple[str, ...]

    @classmethod
    def of(cls, pictures: Sequence[np.ndarray], devices: Sequence[str]) -> DeviceLooks:
        """From uint8 pictures ``(H, W)``; one of a single grey level has no look and is left out."""
        small = [cv2.resize(p, (_THUMBNAIL_PX, _THUMBNAIL_PX), interpolation=cv2.INTER_AREA) for p in pictures]
        kept = [(s, d) for s, d in zip(small, devices, strict=True) if s.min() < s.max()]
        return cls(tuple(Scan(image=s.astype(np.float32)) for s, _ in kept), tuple(d for _, d in kept))

    def apply(self, unit: Image, rng: np.random.Generator, *, device: str) -> Image:
        """``unit`` in [0, 1] part of the way to the look of a random picture of another device.

        Args:
            unit: ``(H, W)``.
            rng: chooses the picture and how far.
            device: the picture's own machine; empty takes any.
        """
        others = [n for n, d in enumerate(self.devices) if d != device or not device]
        if not others:
            return unit
        chosen = self.scans[others[int(rng.integers(len(others)))]]
        share = np.float32(rng.uniform(0.3, 1.0))
        own = Scan(image=np.asarray(unit * 255.0, np.float32))
        try:
            other = MatchQuantiles.fit([own], [chosen]).apply(own).image / 255.0
        except EnhanceError:  # a picture of one grey level
            return unit
        return np.asarray(unit + share * (other - unit), np.float32)
