"""Sliding windows: every node of a grid described by the texture around it, and back from nodes to pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.applications.nerve.frame import WIDTH_PX, WorkingFrame, working_frame
from mskus.learn.applications.nerve.maps import FAMILIES, Maps

F32 = NDArray[np.float32]
Classes = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class WindowSettings:
    """How windows are laid and described; training and running must use the same.

    Attributes:
        width_px: of the working frame.
        step_px: from node to node.
        windows_px: sides of the windows, odd.
        despeckle: a method of :mod:`mskus.enhance.despeckle`.
        families: of :data:`~mskus.learn.applications.nerve.maps.FAMILIES`.

    Raises:
        LearnError: if a size or a name is not possible.
    """

    width_px: int = WIDTH_PX
    step_px: int = 6
    windows_px: tuple[int, ...] = (15, 31)
    despeckle: str = "median"
    families: tuple[str, ...] = tuple(FAMILIES)

    def __post_init__(self) -> None:
        if not 64 <= self.width_px <= 2048 or not 1 <= self.step_px <= 32:
            raise LearnError(f"Width {self.width_px} (64 to 2048) or step {self.step_px} (1 to 32) is not possible.")
        if not self.windows_px or any(size % 2 == 0 or size < 3 for size in self.windows_px):
            raise LearnError(f"Windows of {self.windows_px} pixels are not possible; give odd sides from 3.")
        unknown = [name for name in self.families if name not in FAMILIES]
        if unknown or not self.families:
            raise LearnError(f"No family of maps named {unknown}; choose from {', '.join(FAMILIES)}.")


@dataclass(frozen=True, kw_only=True, eq=False)
class Windows:
    """A frame's windows.

    Attributes:
        frame: the working frame.
        features: ``(h, w, F)`` float32, a window a node.
        names: F names.
        settings: how they were laid and described; the first node lies at half a step.
    """

    frame: WorkingFrame
    features: F32
    names: tuple[str, ...]
    settings: WindowSettings

    @property
    def grid(self) -> tuple[int, int]:
        """``(h, w)`` nodes."""
        return self.features.shape[0], self.features.shape[1]

    def at_nodes(self, level: NDArray[np.generic]) -> NDArray[np.generic]:
        """A picture on the working frame's pixels, read at the nodes."""
        step = self.settings.step_px
        return level[step // 2 :: step, step // 2 :: step]

    def at_pixels(self, level: F32) -> F32:
        """A map ``(h, w)`` of nodes on the working frame's pixels, linear between nodes."""
        height, width = self.frame.grey.shape
        step = self.settings.step_px
        scale, shift = 1.0 / step, -(step // 2) / step
        towards = np.array([[scale, 0.0, shift], [0.0, scale, shift]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(level, towards, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def describe(frame: NDArray[np.uint8], *, settings: WindowSettings) -> Windows:
    """Describe all windows of a frame.

    Args:
        frame: ``(H, W)`` uint8.
        settings: how.

    Raises:
        LearnError: if the frame shows nothing, see :func:`~mskus.learn.applications.nerve.frame.working_frame`.
    """
    seen = working_frame(frame, width_px=settings.width_px, despeckle=settings.despeckle)
    maps: Maps = {}
    for name in settings.families:
        maps |= FAMILIES[name](seen, windows_px=settings.windows_px)
    first, step = settings.step_px // 2, settings.step_px
    features = np.stack([level[first::step, first::step] for level in maps.values()], axis=-1)
    return Windows(frame=seen, features=np.asarray(features, np.float32), names=tuple(maps), settings=settings)


@dataclass(frozen=True, kw_only=True, eq=False)
class Labelled:
    """A described frame with its drawn masks.

    Attributes:
        windows: the description.
        truth: ``(h, w)`` class numbers on the working frame's pixels, 0 for neither.
        group: who (or which near-duplicate group).
    """

    windows: Windows
    truth: Classes
    group: str

    @property
    def labels(self) -> Classes:
        """``(h, w)`` class numbers at the nodes."""
        return np.asarray(self.windows.at_nodes(self.truth), np.uint8)


def label_windows(
    frame: NDArray[np.uint8], mask: NDArray[np.integer], *, group: str, classes: Sequence[int], settings: WindowSettings
) -> Labelled:
    """Describe a frame and cut its masks alike.

    Args:
        frame: ``(H, W)`` uint8.
        mask: ``(H, W)`` class numbers.
        group: who.
        classes: numbers to learn; where parts overlap after resizing, the first named wins.
        settings: of the windows.

    Raises:
        LearnError: if frame and mask differ in size, a class number is not possible, or the frame shows nothing.
    """
    if not classes or any(not 0 < one < 256 for one in classes) or len(set(classes)) < len(classes):
        raise LearnError(f"Classes {tuple(classes)} are not possible; give different numbers from 1 to 255.")
    if frame.shape != mask.shape:
        raise LearnError(f"The frame is {frame.shape} but its mask {mask.shape}; draw it on the same picture.")
    windows = describe(frame, settings=settings)
    truth = np.zeros(windows.frame.grey.shape, np.uint8)
    for one in reversed(classes):
        truth[windows.frame.cut(np.asarray(mask == one))] = one
    return Labelled(windows=windows, truth=truth, group=group)


def common_settings(examples: Sequence[Labelled]) -> WindowSettings:
    """The settings that all examples were described with.

    Raises:
        LearnError: if there are no examples, or they were described in different ways.
    """
    if not examples:
        raise LearnError("There are no pictures to learn nerves from.")
    found = {one.windows.settings for one in examples}
    if len(found) > 1:
        raise LearnError("The pictures were described with different window settings; describe them alike.")
    return found.pop()
