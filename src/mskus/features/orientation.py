"""The orientation field: which way the lines run at every pixel, how sure; means, smoothing and change of geometry."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import MskusError
from mskus.geometry import axial_mean_deg, spacing_angle_deg

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class OrientationField:
    """Orientation of the lines at every pixel, full resolution.

    Attributes:
        angle_deg: ``(H, W)`` float32 in (-90, 90]; counter-clockwise as seen, positive = rising to the right.
        confidence: ``(H, W)`` float32 in [0, 1]; 0 where nothing is known.
        aspect: pixel height over width of the geometry in which the angles hold. 1 means angles as seen in pixels.
    """

    angle_deg: Floats
    confidence: Floats
    aspect: float = 1.0

    def __post_init__(self) -> None:
        if self.angle_deg.ndim != 2 or self.angle_deg.shape != self.confidence.shape:
            raise MskusError(
                f"An orientation field needs angle and confidence of one (H, W); got {self.angle_deg.shape} and "
                f"{self.confidence.shape}."
            )

    def mean_angle_deg(self, mask: NDArray[np.bool_] | None = None) -> float:
        """Axial, confidence-weighted mean over ``mask`` (all pixels by default); nan if nothing there is known."""
        if mask is None:
            return axial_mean_deg(self.angle_deg, self.confidence)
        return axial_mean_deg(self.angle_deg[mask], self.confidence[mask])

    def to_mm(self, aspect: float) -> OrientationField:
        """The same lines, their angles restated for pixels ``aspect`` times as high as wide.

        Example:
            >>> field = OrientationField(np.full((1, 1), 45.0, np.float32), np.ones((1, 1), np.float32))
            >>> round(float(field.to_mm(0.5).angle_deg[0, 0]), 3)
            26.565
        """
        angle = spacing_angle_deg(self.angle_deg, aspect / self.aspect).astype(np.float32)
        return OrientationField(angle, self.confidence, aspect)

    def doubled(self) -> tuple[Floats, Floats]:
        """``(cos, sin)`` of the doubled angle, ``(H, W)`` each: the form in which fields may be averaged."""
        twice = np.radians(2.0 * self.angle_deg)
        return np.cos(twice), np.sin(twice)

    def smoothed(self, sigma_px: float, *, mask: NDArray[np.bool_] | None = None) -> OrientationField:
        """Confidence-weighted Gaussian mean of the doubled angles, seeing only ``mask``; defined everywhere.

        Outside the mask, the field is continued from the nearest inside by the tails of the mean.

        Args:
            sigma_px: standard deviation in columns (rows follow by the aspect).
            mask: ``(H, W)`` where the field is trusted, or None for all of it.
        """
        weight = self.confidence if mask is None else self.confidence * mask
        c, s = self.doubled()
        step = max(1, int(sigma_px / 3.0))
        height, width = weight.shape
        small = (max(1, -(-width // step)), max(1, -(-height // step)))

        def blur(plane: Floats) -> Floats:
            shrunk = cv2.resize(plane, small, interpolation=cv2.INTER_AREA)
            spread = cv2.GaussianBlur(
                shrunk, (0, 0), sigma_px / step, sigmaY=sigma_px / step / self.aspect, borderType=cv2.BORDER_REFLECT
            )
            return np.asarray(cv2.resize(spread, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)

        total, c, s = blur(weight), blur(weight * c), blur(weight * s)
        angle = (0.5 * np.degrees(np.arctan2(s, c))).astype(np.float32)
        agreement = np.hypot(c, s) / np.maximum(total, 1e-12)
        return OrientationField(angle, np.clip(agreement, 0.0, 1.0).astype(np.float32), self.aspect)
