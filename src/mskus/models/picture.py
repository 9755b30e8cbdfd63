"""A frame as a network wants it: cut, resized to its input, grey levels scaled; in release and running alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region
from mskus.models.cards import Card, ModelError
from mskus.models.intensity import robust_unit
from mskus.reading.content_box import content_box

Crop = Literal["none", "content"]
Intensity = Literal["unit", "robust"]

_CROPS = {"none": "the image region", "content": "the picture without its black borders (content box)"}
_INTENSITIES = {"unit": "grey levels over 255", "robust": "grey levels, 1st percentile to 0 and 99.5th to 1, clipped"}


@dataclass(frozen=True, kw_only=True)
class NetworkInput:
    """How frames are prepared for a network of a fixed input size.

    Attributes:
        size: ``(H, W)``; aspect is not kept.
        crop: ``content`` cuts black borders off (:func:`mskus.reading.content_box.content_box`).
        intensity: ``unit`` divides by 255; ``robust`` is :func:`mskus.models.intensity.robust_unit`.

    Example:
        >>> given = NetworkInput(size=(32, 32))
        >>> given.picture(np.full((100, 60), 51, np.uint8))[0, 0]
        np.float32(0.2)
    """

    size: tuple[int, int]
    crop: Crop = "none"
    intensity: Intensity = "unit"

    @classmethod
    def of(cls, card: Card) -> Self:
        """As a card's texts say.

        Raises:
            ModelError: if the network takes pictures of any size.
        """
        height, width = card.input_shape[-2:]
        if height is None or width is None:
            raise ModelError(f"{card.name} takes pictures of any size; a network of a fixed input size is needed here.")
        return cls(
            size=(height, width),
            crop="content" if "content box" in card.input_spacing else "none",
            intensity="robust" if "percentile" in card.input_intensity else "unit",
        )

    @property
    def spacing_text(self) -> str:
        """For the card: what a pixel of the input means."""
        return f"{_CROPS[self.crop]} resized to {self.size[0]}x{self.size[1]}, aspect not kept"

    @property
    def intensity_text(self) -> str:
        """For the card: how grey levels are scaled."""
        return _INTENSITIES[self.intensity]

    def box(self, frame: NDArray[np.uint8]) -> Region:
        """The part of a frame ``(h, w)`` that the network sees."""
        return content_box(frame) if self.crop == "content" else Region(0, 0, frame.shape[1], frame.shape[0])

    def picture(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(H, W)`` float32 in [0, 1] of a frame ``(h, w)`` uint8; resized by area where it gets smaller."""
        seen, (height, width) = frame[self.box(frame).slices], self.size
        shrinks = seen.shape[0] > height or seen.shape[1] > width
        small = cv2.resize(seen, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        if self.intensity == "robust":
            return robust_unit(small.astype(np.uint8, copy=False))
        return small.astype(np.float32) / np.float32(255.0)
