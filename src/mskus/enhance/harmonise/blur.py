"""The step of blur: the sharper machine's pictures are blurred until speckle is as coarse as the other's.

How coarse speckle is, is read from the autocorrelation of the picture, depth and width apart: the full width at half
its height (Wagner et al. 1983, IEEE Trans Sonics Ultrason 30:156: it follows the point spread). Anatomy with long lines
widens it on both machines alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self

import cv2
import numpy as np
from scipy.optimize import brentq

from mskus.enhance.harmonise.scan import Scan
from mskus.enhance.method import Picture
from mskus.errors import EnhanceError

Axis = Literal["axial", "lateral"]
AXES: tuple[Axis, Axis] = ("axial", "lateral")

_MOST_LAGS = 40
_BACKGROUND_PX = 12.0  # what is smoother than this is anatomy and gain, not speckle
_LARGEST_SIGMA_PX = 8.0
_SAME = 0.97  # widths this close are the same
_LOOKED_AT = 8  # pictures of each machine, evenly over those given


@dataclass(frozen=True)
class MatchBlur:
    """Gaussian blur of the sharper side, for depth and width apart; nothing is ever sharpened.

    Where the source machine is the sharper one, :meth:`apply` blurs its pictures. Where the reference is,
    :meth:`apply_to_reference` blurs those of the reference, and a model must be trained on pictures treated so.

    Attributes:
        unit: ``"mm"`` where every picture has a scale, else ``"px"``.
        source_sigma: ``(axial, lateral)`` blur of source pictures.
        reference_sigma: ``(axial, lateral)`` blur of reference pictures; in each direction one of the two is 0.
    """

    name: ClassVar[str] = "blur"
    unit: Literal["mm", "px"]
    source_sigma: tuple[float, float]
    reference_sigma: tuple[float, float]

    @classmethod
    def fit(cls, source: Sequence[Scan], reference: Sequence[Scan]) -> Self:
        """Find the blur by bisection: the widths are measured again after each trial."""
        unit: Literal["mm", "px"] = "mm" if all(s.spacing_mm for s in (*source, *reference)) else "px"
        sigmas = []
        for axis in AXES:
            have, want = (_Speckle(scans, axis, unit) for scans in (source, reference))
            sigmas.append((have.sigma_for(want.width()), want.sigma_for(have.width())))
        (axial, of_axial), (lateral, of_lateral) = sigmas
        return cls(unit, (axial, lateral), (of_axial, of_lateral))

    def apply(self, scan: Scan) -> Scan:
        """The picture blurred where the source machine is the sharper one.

        Raises:
            EnhanceError: if the blur was fitted in mm and the picture has no scale.
        """
        return self._blurred(scan, self.source_sigma)

    def apply_to_reference(self, scan: Scan) -> Scan:
        """The reference's picture blurred where that machine is the sharper one."""
        return self._blurred(scan, self.reference_sigma)

    def _blurred(self, scan: Scan, sigma: tuple[float, float]) -> Scan:
        if self.unit == "mm" and scan.spacing_mm is None:
            raise EnhanceError("This harmoniser's blur is in mm; give the picture's scale (spacing_mm).")
        image = scan.image
        for axis, width in zip(AXES, sigma, strict=True):
            image = _blur(image, width / _pixel(scan, axis, self.unit), axis)
        return replace(scan, image=image if scan.field is None else np.where(scan.field, image, scan.image))


def speckle_width_px(image: Picture, *, axis: Axis) -> float:
    """Full width at half height of the autocorrelation in pixels; NaN for a picture of one grey level.

    Example:
        Every column twice, every row once: twice as wide as high.

        >>> noise = np.random.default_rng(0).normal(100, 20, (64, 64)).astype(np.float32)
        >>> wide = np.repeat(noise, 2, axis=1)
        >>> [round(speckle_width_px(wide, axis=axis), 1) for axis in ("axial", "lateral")]
        [1.0, 2.0]
    """
    flat = image - cv2.GaussianBlur(image, (0, 0), _BACKGROUND_PX, borderType=cv2.BORDER_REFLECT)
    along = flat.T if axis == "axial" else flat
    power = float((along**2).mean())
    if power < 1e-6:
        return float("nan")
    above, lag = 1.0, 0
    for lag in range(1, min(_MOST_LAGS, along.shape[1] - 1)):
        value = float((along[:, lag:] * along[:, :-lag]).mean()) / power
        if value < 0.5:
            return 2.0 * (lag - 1 + (above - 0.5) / (above - value))
        above = value
    return 2.0 * lag


class _Speckle:
    """The median speckle width of a machine's pictures along one axis, as they are and after a blur."""

    def __init__(self, scans: Sequence[Scan], axis: Axis, unit: Literal["mm", "px"]) -> None:
        chosen = np.unique(np.linspace(0, len(scans) - 1, _LOOKED_AT).round().astype(int))
        self._axis: Axis = axis
        self._looks = [(scans[i].image, _pixel(scans[i], axis, unit)) for i in chosen]
        self.largest_sigma = _LARGEST_SIGMA_PX * min(pixel for _, pixel in self._looks)

    def width(self, sigma: float = 0.0) -> float:
        found = [
            speckle_width_px(_blur(image, sigma / pixel, self._axis), axis=self._axis) * pixel
            for image, pixel in self._looks
        ]
        return float(np.nanmedian(found)) if np.isfinite(found).any() else float("nan")

    def sigma_for(self, wanted: float) -> float:
        """Blur after which the width is the wanted one; 0 where it is as wide already."""
        sharp = self.width()
        if not np.isfinite([sharp, wanted]).all() or sharp >= _SAME * wanted:
            return 0.0
        if self.width(self.largest_sigma) <= wanted:
            return round(self.largest_sigma, 5)
        found = brentq(lambda s: self.width(s) - wanted, 0.0, self.largest_sigma, xtol=0.01 * self.largest_sigma)
        return round(float(found), 5)


def _pixel(scan: Scan, axis: Axis, unit: Literal["mm", "px"]) -> float:
    if unit == "px":
        return 1.0
    assert scan.spacing_mm is not None
    return scan.spacing_mm[0 if axis == "axial" else 1]


def _blur(image: Picture, sigma_px: float, axis: Axis) -> Picture:
    if sigma_px < 0.05:
        return image
    least = 1e-3  # OpenCV takes 0 for "as in the other direction"
    x, y = (least, sigma_px) if axis == "axial" else (sigma_px, least)
    return cv2.GaussianBlur(image, (0, 0), sigmaX=x, sigmaY=y, borderType=cv2.BORDER_REFLECT).astype(np.float32)
