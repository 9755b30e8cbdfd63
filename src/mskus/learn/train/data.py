"""Examples for every task: a picture of a draw, changed by random numbers that the draw alone seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from mskus.learn.augment import NONE, Augmentation, DeviceLooks, View
from mskus.learn.datasets import shrink
from mskus.learn.manifest import Case
from mskus.learn.train.pictures import Picture, load_pictures
from mskus.learn.train.sampler import Draw
from mskus.models.intensity import robust_unit
from mskus.models.picture import Intensity

Example = tuple[Tensor, ...]
Item = TypeVar("Item")
# makes what is seen in an epoch of the picture drawn and, perhaps, another; see mskus.learn.train.mixing
Mixing = Callable[[Picture, np.random.Generator, int], Picture]
_VIEWS = 5  # drawn anew where a view keeps too little


class Renewed(Generic[Item]):
    """Stands for a picture that is another one in another epoch."""

    def at(self, epoch: int) -> Item:
        """The picture of that epoch."""
        raise NotImplementedError


class DrawnData(Dataset[Example], Generic[Item]):
    """The base of the tasks' data sets.

    Indexed by a :class:`Draw` it gives an augmented example that depends on seed and draw alone, whichever process
    makes it; indexed by a whole number, the picture as it is.

    Args:
        pictures: what examples are made of.
        seed: of the augmentation.
    """

    def __init__(self, pictures: Sequence[Item | Renewed[Item]], *, seed: int) -> None:
        self.pictures, self.seed = list(pictures), seed

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, which: Draw | int) -> Example:
        if isinstance(which, Draw):
            rng = np.random.default_rng([self.seed, which.epoch, which.place])
            return self.example(self.mixed(self.picture(which.picture, which.epoch), rng, which.epoch), rng)
        return self.example(self.picture(which), None)

    def picture(self, number: int, epoch: int = 0) -> Item:
        """The picture itself, in that epoch."""
        held = self.pictures[number]
        return held.at(epoch) if isinstance(held, Renewed) else held

    def mixed(self, picture: Item, rng: np.random.Generator, epoch: int) -> Item:
        """The picture that a draw shows: the drawn one, or what is made of it and another."""
        return picture

    def example(self, picture: Item, rng: np.random.Generator | None) -> Example:
        """The example of a picture: random where ``rng`` is given, plain where not."""
        raise NotImplementedError


class PictureData(DrawnData[Picture]):
    """Pictures as ``(1, H, W)`` float32 in [0, 1].

    Args:
        pictures: loaded pictures.
        size: ``(H, W)`` of the examples.
        augment: what is changed in a draw.
        intensity: ``unit`` (divide by 255) or ``robust`` (percentiles).
        seed: of the augmentation.
    """

    def __init__(
        self,
        pictures: Sequence[Picture | Renewed[Picture]],
        *,
        size: tuple[int, int],
        augment: Augmentation = NONE,
        intensity: Intensity = "unit",
        seed: int = 0,
    ) -> None:
        super().__init__(pictures, seed=seed)
        self.size, self.augment, self.intensity = size, augment, intensity
        still = [p for p in pictures if isinstance(p, Picture)]
        self.looks = (
            DeviceLooks.of([p.image for p in still], [p.case.device for p in still]) if augment.device_look else None
        )

    def example(self, picture: Picture, rng: np.random.Generator | None) -> Example:
        """The example of a picture: random where ``rng`` is given, plain where not."""
        return (torch.from_numpy(self.shown(picture, self.view(picture, rng), rng)[None]),)

    def view(self, picture: Picture, rng: np.random.Generator | None) -> View | _Whole:
        """The way from the stored picture to the example."""
        if rng is None:
            return _Whole(self.size)
        height, width = picture.image.shape
        return self.augment.view(rng, source=(width, height), size=(self.size[1], self.size[0]))

    def drawn(self, picture: Picture, view: View | _Whole) -> NDArray[np.float32]:
        """``(C, H, W)`` area shares of the classes; zeros where nothing is drawn."""
        if picture.masks is None:
            return np.zeros((len(picture.weights), *self.size), np.float32)
        return np.ascontiguousarray(np.moveaxis(view.warp(picture.masks), 2, 0)).astype(np.float32) / 255.0

    def shown(self, picture: Picture, view: View | _Whole, rng: np.random.Generator | None) -> NDArray[np.float32]:
        """``(H, W)`` in [0, 1]: moved, scaled and, with ``rng``, of another appearance."""
        moved = view.warp(picture.image)
        unit = robust_unit(moved) if self.intensity == "robust" else moved.astype(np.float32) / np.float32(255.0)
        if rng is None:
            return unit
        return self.augment.appearance(unit, rng, looks=self.looks, device=picture.case.device)


@dataclass(frozen=True)
class _Whole:
    """The whole picture, made smaller by area as the runtime does."""

    size: tuple[int, int]

    def warp(self, array: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return shrink(array, size=self.size)


class SegmentationData(PictureData):
    """``(image (1, H, W), masks (C, H, W), weights (C,))``; with ``twice``, a second appearance after the image.

    Args:
        cases: rows of a manifest, or pictures that are loaded already.
        classes: names of the structures and their numbers in the masks.
        size: ``(H, W)``.
        augment: what is changed.
        seed: of the augmentation.
        intensity: ``unit`` or ``robust``.
        twice: give each example a second appearance in the same geometry (mean teacher).
        mixing: what is made of a drawn picture and others before it is seen.
        keep: least share of a class's extent across the picture that a view keeps, by name; views that keep less are
            drawn again, a few times.

    Raises:
        LearnError: if a picture or mask cannot be used.
    """

    def __init__(
        self,
        cases: Sequence[Case] | Sequence[Picture] | Sequence[Picture | Renewed[Picture]],
        classes: Mapping[str, int],
        size: tuple[int, int],
        augment: Augmentation = NONE,
        seed: int = 0,
        *,
        intensity: Intensity = "unit",
        twice: bool = False,
        mixing: Sequence[Mixing] = (),
        keep: Mapping[str, float] | None = None,
    ) -> None:
        loaded = [c for c in cases if not isinstance(c, Case)]
        rows = [c for c in cases if isinstance(c, Case)]
        super().__init__(
            [*loaded, *load_pictures(rows, classes=classes, size=size)],
            size=size,
            augment=augment,
            intensity=intensity,
            seed=seed,
        )
        self.classes, self.twice, self.mixing = dict(classes), twice, tuple(mixing)
        self.keep = np.array([(keep or {}).get(name, 0.0) for name in classes], np.float64)

    def mixed(self, picture: Picture, rng: np.random.Generator, epoch: int) -> Picture:
        """The drawn picture after all that is made of it."""
        for mix in self.mixing:
            picture = mix(picture, rng, epoch)
        return picture

    def view(self, picture: Picture, rng: np.random.Generator | None) -> View | _Whole:
        """One that keeps enough of what is drawn."""
        chosen = super().view(picture, rng)
        if rng is None or picture.masks is None or not self.keep.any():
            return chosen
        least = self.keep * np.minimum(_extent(picture.masks), 0.9)
        for _ in range(_VIEWS):
            if np.all(_extent(chosen.warp(picture.masks)) >= least):
                break
            chosen = super().view(picture, rng)
        return chosen

    def example(self, picture: Picture, rng: np.random.Generator | None) -> Example:
        """See the class."""
        view = self.view(picture, rng)
        images = [self.shown(picture, view, rng) for _ in range(2 if self.twice and rng is not None else 1)]
        shown = (torch.from_numpy(i[None]) for i in images)
        return (*shown, torch.from_numpy(self.drawn(picture, view)), torch.from_numpy(picture.weights))


def _extent(masks: NDArray[np.uint8]) -> NDArray[np.float64]:
    """``(C,)`` share of the columns of ``(H, W, C)`` masks in which each class is seen."""
    return np.asarray((masks > 127).any(axis=0).mean(axis=0), np.float64)


class ClassificationData(PictureData):
    """``(image (1, H, W), class number)``.

    Args:
        pictures: loaded pictures.
        labels: class number of each.
        size: ``(H, W)``.
        augment: what is changed.
        intensity: ``unit`` or ``robust``.
        seed: of the augmentation.
    """

    def __init__(
        self,
        pictures: Sequence[Picture],
        labels: Sequence[int],
        *,
        size: tuple[int, int],
        augment: Augmentation = NONE,
        intensity: Intensity = "unit",
        seed: int = 0,
    ) -> None:
        super().__init__(pictures, size=size, augment=augment, intensity=intensity, seed=seed)
        self.labels = {id(p): n for p, n in zip(self.pictures, labels, strict=True)}

    def example(self, picture: Picture, rng: np.random.Generator | None) -> Example:
        """See the class."""
        return (*super().example(picture, rng), torch.tensor(self.labels[id(picture)]))


class HiddenPatchData(PictureData):
    """``(picture with hidden patches (1, H, W), picture (1, H, W), hidden (1, H, W))`` for pre-training without labels.

    Hidden patches show the picture's mean. Source: Xie et al. 2022, SimMIM (arXiv 2111.09886).

    Args:
        pictures: loaded pictures.
        size: ``(H, W)``.
        hidden: share of the picture.
        augment: what is changed.
        intensity: ``unit`` or ``robust``.
        seed: of the augmentation and the patches.
        patch_px: side of a patch.
    """

    def __init__(
        self,
        pictures: Sequence[Picture],
        *,
        size: tuple[int, int],
        hidden: float = 0.5,
        augment: Augmentation = NONE,
        intensity: Intensity = "unit",
        seed: int = 0,
        patch_px: int = 16,
    ) -> None:
        super().__init__(pictures, size=size, augment=augment, intensity=intensity, seed=seed)
        self.hidden, self.patch_px = hidden, patch_px

    def example(self, picture: Picture, rng: np.random.Generator | None) -> Example:
        """See the class; without ``rng`` the patches are those of seed 0."""
        (image,) = super().example(picture, rng)
        chance = (rng or np.random.default_rng(0)).random(
            (self.size[0] // self.patch_px, self.size[1] // self.patch_px)
        )
        coarse = torch.from_numpy(chance < np.quantile(chance, self.hidden))
        hidden = coarse.repeat_interleave(self.patch_px, 0).repeat_interleave(self.patch_px, 1)[None]
        return torch.where(hidden, image.mean(), image), image, hidden.float()
