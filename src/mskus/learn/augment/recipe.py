"""How often and how far a training picture is changed: one typed entry for every change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from mskus.learn.augment.appearance import Image, augment_intensity, reverberation
from mskus.learn.augment.device_look import DeviceLooks
from mskus.learn.augment.elastic import Elastic, random_elastic
from mskus.learn.augment.geometry import Geometry, random_geometry

Chance = Annotated[float, Field(ge=0.0, le=1.0)]
Amount = Annotated[float, Field(ge=0.0)]


class Augmentation(BaseModel):
    """Chances and ranges of the changes.

    Attributes:
        geometry: chance of zoom, stretch, shift, turn and slant.
        zoom: smallest and largest.
        stretch: largest ratio of the zooms along x and y.
        shift: as a share of the picture.
        rotation_deg: largest turn.
        shear: largest slant.
        flip: whether left and right may change places.
        elastic: chance of a non-rigid change.
        intensity: scales the chances of speckle, gain, depth gain, dynamic range, shadow, blur, noise and borders.
        reverberation: chance of an echo at twice the depth.
        device_look: chance of the grey levels of a picture of another device (or, where none is named, of any other).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    geometry: Chance = 1.0
    zoom: tuple[Annotated[float, Field(gt=0.0)], Annotated[float, Field(gt=0.0)]] = (0.85, 1.35)
    stretch: Annotated[float, Field(ge=1.0)] = 1.2
    shift: Amount = 0.08
    rotation_deg: Amount = 6.0
    shear: Amount = 0.08
    flip: bool = True
    elastic: Chance = 0.0
    intensity: Amount = 1.0
    reverberation: Chance = 0.1
    device_look: Chance = 0.0

    def view(self, rng: np.random.Generator, *, source: tuple[int, int], size: tuple[int, int]) -> View:
        """A random way from a ``source`` (width, height) picture to ``size``."""
        if rng.random() >= self.geometry:
            return plain_view(source=source, size=size)
        geometry = random_geometry(
            rng,
            source=source,
            size=size,
            zoom=self.zoom,
            stretch=self.stretch,
            shift=self.shift,
            rotation_deg=self.rotation_deg,
            shear=self.shear,
            flip=self.flip,
        )
        return View(geometry, random_elastic(rng, size=size) if rng.random() < self.elastic else None)

    def appearance(
        self, unit: Image, rng: np.random.Generator, *, looks: DeviceLooks | None = None, device: str = ""
    ) -> Image:
        """A picture in [0, 1] as another scanner or setting might have shown it."""
        if looks is not None and rng.random() < self.device_look:
            unit = looks.apply(unit, rng, device=device)
        if rng.random() < self.reverberation:
            unit = reverberation(unit, rng)
        return augment_intensity(unit, rng, often=self.intensity)  # clips, too


NONE = Augmentation(geometry=0.0, intensity=0.0, reverberation=0.0)


@dataclass(frozen=True)
class View:
    """An affine map and, after it, perhaps an elastic one; the same for a picture and all its masks."""

    geometry: Geometry
    elastic: Elastic | None = field(default=None)

    def warp(self, array: NDArray[np.uint8], *, border: float = 0.0) -> NDArray[np.uint8]:
        """``array`` (H, W) or (H, W, C) in the output's pixels, bilinear."""
        if array.ndim == 3:  # channel by channel: OpenCV fills the border of four channels at most
            planes = [self.warp(np.ascontiguousarray(array[..., c]), border=border) for c in range(array.shape[2])]
            return np.stack(planes, axis=-1)
        moved = self.geometry.warp(array, border=border)
        return moved if self.elastic is None else self.elastic.warp(moved, border=border)


def plain_view(*, source: tuple[int, int], size: tuple[int, int]) -> View:
    """The whole ``source`` (width, height) picture resized to ``size``, pixel edges on pixel edges."""
    return View(
        Geometry(
            size=size,
            centre=((source[0] - 1) / 2, (source[1] - 1) / 2),
            scale_x=size[0] / source[0],
            scale_y=size[1] / source[1],
        )
    )
