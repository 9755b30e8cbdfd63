"""The orientation map in colour: hue says the angle, strength says the confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

from mskus import geometry


def orientation_colours(angle_deg: NDArray[np.floating], *, centre_deg: float = 0.0) -> NDArray[np.uint8]:
    """Colours of line orientations on an HSV wheel.

    The wheel is axial (an angle and its opposite share a colour) and spread so that the 60 degrees about ``centre_deg``
    take most of the hues: fascicles of one muscle differ by ten degrees, which an even wheel would hardly show.

    Args:
        angle_deg: orientations in degrees, counter-clockwise as seen on screen; any shape.
        centre_deg: the angle that is drawn green.

    Returns:
        ``angle_deg.shape + (3,)`` uint8 RGB.

    Example:
        >>> orientation_colours(np.array([15.0, -165.0]), centre_deg=15.0).tolist()
        [[51, 255, 51], [51, 255, 51]]
    """
    away = (np.asarray(angle_deg, np.float32) - centre_deg + 90.0) % 180.0 - 90.0
    hue = 60.0 - 60.0 * np.tanh(away / 22.0) - 30.0 * away / 90.0  # OpenCV's 8-bit hue: 0 to 180, green is 60
    hsv = np.empty((*hue.shape, 3), np.uint8)
    hsv[..., 0] = np.rint(np.nan_to_num(hue, nan=60.0)) % 180
    hsv[..., 1] = 204
    hsv[..., 2] = 255
    return np.asarray(cv2.cvtColor(hsv.reshape(-1, 1, 3), cv2.COLOR_HSV2RGB).reshape(hsv.shape), np.uint8)


def blend_orientation(
    canvas: NDArray[np.uint8],
    angle_deg: NDArray[np.floating],
    confidence: NDArray[np.floating],
    *,
    centre_deg: float,
    strength: float = 0.38,
) -> None:
    """Lay the coloured map over a picture of the same size; the picture's own brightness stays visible.

    Args:
        canvas: ``(H, W, 3)`` RGB, changed in place.
        angle_deg: ``(H, W)`` orientations.
        confidence: ``(H, W)``, at least 0; 0 leaves the picture as it is. The strength is relative to the surest tenth.
        centre_deg: see :func:`orientation_colours`.
        strength: opacity where the confidence is highest.
    """
    sure = np.nan_to_num(confidence)
    highest = float(np.quantile(sure[sure > 0], 0.9)) if (sure > 0).any() else 1.0
    alpha = (strength * np.sqrt(np.clip(sure / highest, 0.0, 1.0)))[..., None]
    colours = orientation_colours(angle_deg, centre_deg=centre_deg).astype(np.float32)
    shade = 0.45 + 0.55 * canvas.max(axis=2, keepdims=True).astype(np.float32) / 255.0
    canvas[:] = (canvas * (1.0 - alpha) + colours * shade * alpha).astype(np.uint8)


def axial_mean_deg(angle_deg: NDArray[np.floating], weight: NDArray[np.floating]) -> float:
    """Mean orientation by doubled angles, 0 where there is no weight."""
    found = geometry.axial_mean_deg(np.nan_to_num(angle_deg), np.nan_to_num(weight))
    return 0.0 if np.isnan(found) else found
