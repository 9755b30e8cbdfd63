"""A frame as the classical road sees it: borders cut off, one width for all, gain evened out, speckle smoothed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region
from mskus.enhance.method import enhance
from mskus.errors import LearnError
from mskus.models.intensity import robust_unit
from mskus.reading.content_box import content_box

F32 = NDArray[np.float32]

# The width of a linear probe's picture is the width of its probe, whatever the depth.
WIDTH_PX = 256
_SMALLEST_PX = 32


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkingFrame:
    """The part of a frame that shows tissue, on the road's own pixels.

    Attributes:
        grey: ``(h, w)`` float32, 0 to 255, as wide as asked.
        smooth: ``(h, w)`` the same, despeckled.
        box: where it lies in the frame.
        shape: ``(H, W)`` of the frame.
    """

    grey: F32
    smooth: F32
    box: Region
    shape: tuple[int, int]

    def cut(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A mask ``(H, W)`` of the frame on the road's pixels."""
        share = cv2.resize(
            mask[self.box.slices].astype(np.float32), self.grey.shape[::-1], interpolation=cv2.INTER_AREA
        )
        return np.asarray(share >= 0.5)

    def put_back(self, level: F32) -> F32:
        """A map ``(h, w)`` at the size of the frame, 0 outside the box."""
        whole = np.zeros(self.shape, np.float32)
        whole[self.box.slices] = cv2.resize(level, (self.box.w, self.box.h), interpolation=cv2.INTER_LINEAR)
        return whole

    def put_back_classes(self, numbers: NDArray[np.uint8], *, classes: Sequence[int]) -> NDArray[np.uint8]:
        """Class numbers ``(h, w)`` at the size of the frame, with smooth outlines; the first class wins."""
        whole = np.zeros(self.shape, np.uint8)
        for one in reversed(classes):
            whole[self.put_back((numbers == one).astype(np.float32)) >= 0.5] = one
        return whole


def working_frame(frame: NDArray[np.uint8], *, width_px: int = WIDTH_PX, despeckle: str = "median") -> WorkingFrame:
    """Cut, resize, stretch (1st and 99.5th percentile) and despeckle a frame.

    Args:
        frame: ``(H, W)`` uint8.
        width_px: that the part with tissue is resized to, height in proportion.
        despeckle: a method of :mod:`mskus.enhance.despeckle`.

    Raises:
        LearnError: if the frame is no grey picture of uint8, shows fewer than 32 x 32 pixels, or is constant.
        EnhanceError: if there is no such method.
    """
    if frame.ndim != 2 or frame.dtype != np.uint8:
        raise LearnError(f"A grey frame (H, W) of uint8 is needed; this array is {frame.dtype} of {frame.shape}.")
    if min(frame.shape) < _SMALLEST_PX:
        raise LearnError(f"A frame of {frame.shape[1]} x {frame.shape[0]} pixels is too small; nerves need 32 x 32.")
    box = content_box(frame)
    if min(box.w, box.h) < _SMALLEST_PX:
        raise LearnError(f"Only {box.w} x {box.h} pixels of the frame show anything; nerves need at least 32 x 32.")
    unit = robust_unit(frame[box.slices])
    if not unit.any():
        raise LearnError("The frame is constant; there is nothing to find in it.")
    size = width_px, max(round(width_px * box.h / box.w), _SMALLEST_PX)
    shrinks = width_px < box.w
    grey = 255.0 * cv2.resize(unit, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    grey = np.asarray(grey, np.float32)
    return WorkingFrame(grey=grey, smooth=enhance(grey, method=despeckle), box=box, shape=frame.shape)
