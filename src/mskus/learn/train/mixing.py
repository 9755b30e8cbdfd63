"""Two pictures made into one before it is seen: structures pasted over, or a muscle laid under another's fat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mskus.learn.augment.paste import pasted
from mskus.learn.fat_layer import with_fat_layer
from mskus.learn.train.data import Renewed
from mskus.learn.train.pictures import Picture


class PastedStructures:
    """Sometimes a picture gets structures of another one; see :func:`mskus.learn.augment.paste.pasted`.

    Args:
        donors: labelled pictures of the same stored size.
        chance: of it.
    """

    def __init__(self, donors: Sequence[Picture], *, chance: float) -> None:
        self.donors, self.chance = [d for d in donors if d.masks is not None and d.masks.any()], chance

    def __call__(self, picture: Picture, rng: np.random.Generator, epoch: int) -> Picture:
        """See the class; a donor must say as much about the classes as the picture does."""
        if picture.masks is None or not self.donors or rng.random() >= self.chance:
            return picture
        donor = self.donors[int(rng.integers(len(self.donors)))]
        if donor.masks is None or donor is picture or np.any(donor.weights < picture.weights):
            return picture
        image, masks = pasted(picture.image, picture.masks, donor.image, donor.masks, rng)
        return replace(picture, image=image, masks=masks)


class FatLayers:
    """Sometimes a real muscle lies under the fat of a simulated one; see :mod:`mskus.learn.fat_layer`.

    Args:
        donors: simulated pictures of the same stored size, with the same classes.
        chance: of it.
        superficial, deep: places of these aponeuroses among the classes.
    """

    def __init__(self, donors: Sequence[Renewed[Picture]], *, chance: float, superficial: int, deep: int) -> None:
        self.donors, self.chance, self.superficial, self.deep = list(donors), chance, superficial, deep

    def __call__(self, picture: Picture, rng: np.random.Generator, epoch: int) -> Picture:
        """See the class; simulated pictures stay as they are."""
        if picture.masks is None or picture.case.device == "simulation" or rng.random() >= self.chance:
            return picture
        donor = self.donors[int(rng.integers(len(self.donors)))].at(epoch)
        return with_fat_layer(picture, donor, rng, superficial=self.superficial, deep=self.deep)
