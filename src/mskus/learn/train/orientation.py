"""Examples for the regression of fascicle orientation, from drawn fragments or from the simulator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mskus.errors import LearnError
from mskus.learn.fascicle_data import FascicleSample, drawn_sample
from mskus.learn.manifest import Case, class_numbers
from mskus.learn.sampling import augmented_fascicles
from mskus.learn.train.data import DrawnData, Example, Renewed
from mskus.learn.train.pictures import grey_frame


class OrientationData(DrawnData[FascicleSample]):
    """``(image (1, 192, 320), target (5, 192, 320))``; see :func:`mskus.learn.losses.fascicle_loss`.

    A held-out picture is seen through one view that its name fixes, in its own appearance.

    Args:
        samples: pictures with square pixels and what is known of their fascicles.
        seed: of the augmentation.
    """

    def __init__(self, samples: Sequence[FascicleSample | Renewed[FascicleSample]], *, seed: int) -> None:
        super().__init__(samples, seed=seed)

    def example(self, picture: FascicleSample, rng: np.random.Generator | None) -> Example:
        """See the class."""
        if rng is not None:
            return augmented_fascicles(picture, rng)
        return augmented_fascicles(picture, np.random.default_rng(list(picture.name.encode())), often=0.0)


def fragments(case: Case) -> FascicleSample:
    """A manifest's picture (square pixels) and the fragments that its mask draws.

    Raises:
        LearnError: if a file cannot be used or nothing is drawn.
    """
    image = grey_frame(case)
    assert case.mask is not None
    numbers = class_numbers(case.mask, shape=image.shape)
    drawn = numbers > 0 if case.mask_value is None else numbers == case.mask_value
    if not drawn.any():
        raise LearnError(f"The mask {case.mask} is empty; leave the row out, it proves no direction.")
    return drawn_sample(
        image,
        np.asarray(drawn, np.bool_),
        source="manifest",
        group=case.patient,
        stratum=case.device,
        name=f"{case.image.stem} {case.frame}",
    )
