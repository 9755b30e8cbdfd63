"""A picture as a network wants it: resized to its input, grey levels scaled; in release and running alike."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.models.intensity import robust_unit

Intensity = Literal["unit", "robust"]


def network_picture(
    frame: NDArray[np.uint8], *, size: tuple[int, int], intensity: Intensity = "unit"
) -> NDArray[np.float32]:
    """Resize by area where the picture gets smaller, and scale grey levels.

    Args:
        frame: ``(H, W)`` uint8, the part that the network is to see.
        size: ``(H, W)`` of the network's input; aspect is not kept.
        intensity: ``unit`` divides by 255; ``robust`` is :func:`mskus.models.intensity.robust_unit`.

    Returns:
        ``size`` float32 in [0, 1].

    Example:
        >>> network_picture(np.full((100, 60), 51, np.uint8), size=(32, 32))[0, 0]
        np.float32(0.2)
    """
    shrinks = frame.shape[0] > size[0] or frame.shape[1] > size[1]
    small = cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    if intensity == "robust":
        return robust_unit(small.astype(np.uint8, copy=False))
    return small.astype(np.float32) / np.float32(255.0)
