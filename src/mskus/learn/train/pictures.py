"""Pictures and soft masks of a manifest, kept in memory at a moderate size, so that augmentation can zoom in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Region
from mskus.errors import LearnError
from mskus.learn.datasets import shrink
from mskus.learn.manifest import PLAIN, Case, class_numbers, clip_of, frame_in_file
from mskus.models.picture import Crop
from mskus.reading.content_box import content_box

# kept larger than the network's input, for zooming in
ROOM_TO_ZOOM = 1.5


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """One labelled or unlabelled picture.

    Attributes:
        image: ``(h, w)`` uint8, the whole picture (or its content) at the stored size, aspect not kept.
        masks: ``(h, w, C)`` uint8, area share of the class times 255; None where nothing is drawn.
        weights: ``(C,)`` float32; 0 where the picture says nothing about a class.
        case: its row.
    """

    image: NDArray[np.uint8]
    masks: NDArray[np.uint8] | None
    weights: NDArray[np.float32]
    case: Case


def load_pictures(
    cases: Sequence[Case],
    *,
    classes: Mapping[str, int],
    size: tuple[int, int],
    labelled: str | None = None,
    ignore: Sequence[int] = (),
    crop: Crop = "none",
) -> list[Picture]:
    """Read all pictures.

    Args:
        cases: rows of a manifest.
        classes: names of the classes and their numbers in the masks.
        size: ``(H, W)`` of the network's input.
        labelled: column that lists which classes a row's mask shows.
        ignore: numbers in masks that mean nothing.
        crop: ``content`` cuts black borders off.

    Raises:
        LearnError: if a picture or mask cannot be read, is of another size, or holds a class that is not named.
    """
    made = PictureMaker(classes, size=size, labelled=labelled, ignore=ignore)
    pictures = []
    for case in cases:
        frame = grey_frame(case)
        pictures.append(made(case, frame, box=content_box(frame) if crop == "content" else None))
    return pictures


def grey_frame(case: Case) -> NDArray[np.uint8]:
    """``(H, W)`` uint8 frame of a case, from a picture file or a clip.

    Raises:
        LearnError: if the frame is not there, or a picture cannot be read.
        ReadError: if another file cannot be read.
    """
    if case.image.suffix.lower() in PLAIN:
        image = cv2.imread(str(case.image), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
        if image is None:
            raise LearnError(f"{case.image} cannot be read as a picture; check that the data set is complete.")
        if image.dtype == np.uint8:
            return np.asarray(image)
    # deeper grey levels are scaled as the exams do
    return clip_of(case).frame(frame_in_file(case))


class PictureMaker:
    """Frames with their masks at the size that is kept.

    Args:
        classes, size, labelled, ignore: as of :func:`load_pictures`.
    """

    def __init__(
        self, classes: Mapping[str, int], *, size: tuple[int, int], labelled: str | None, ignore: Sequence[int]
    ) -> None:
        self.classes, self.labelled, self.ignore = classes, labelled, set(ignore)
        self.stored = stored_size(size)

    def __call__(self, case: Case, frame: NDArray[np.uint8], *, box: Region | None, masked: bool = True) -> Picture:
        """One picture.

        Args:
            case: its row.
            frame: ``(H, W)`` of it.
            box: part that is kept; None keeps all.
            masked: False leaves the row's mask aside, which is then of another frame.

        Raises:
            LearnError: if the mask does not fit.
        """
        seen = (slice(None), slice(None)) if box is None else box.slices
        weights = np.zeros(len(self.classes), np.float32)
        masks = None
        if case.mask is not None and self.classes and masked:
            numbers = class_numbers(case.mask, shape=frame.shape)
            _check_classes(case, numbers, self.classes, self.ignore)
            planes = np.stack([numbers == value for value in self.classes.values()], axis=-1).astype(np.uint8) * 255
            masks = shrink(planes[seen], size=self.stored)
            weights[:] = _shown(case, self.classes, self.labelled)
        return Picture(image=shrink(frame[seen], size=self.stored), masks=masks, weights=weights, case=case)


def stored_size(size: tuple[int, int]) -> tuple[int, int]:
    """``(H, W)`` at which a picture is kept for a network's input of ``size``."""
    return round(size[0] * ROOM_TO_ZOOM), round(size[1] * ROOM_TO_ZOOM)


def _check_classes(case: Case, numbers: NDArray[np.generic], classes: Mapping[str, int], ignore: set[int]) -> None:
    unknown = sorted({int(n) for n in np.unique(numbers)} - {0, *classes.values(), *ignore})
    if unknown:
        known = ", ".join(f"{name} = {value}" for name, value in classes.items())
        raise LearnError(
            f"The mask {case.mask} holds the class {unknown[0]}, which data.classes does not name ({known}); "
            "name it there, or list it under data.ignore."
        )


def _shown(case: Case, classes: Mapping[str, int], labelled: str | None) -> list[float]:
    drawn = [float(value >= 0) for value in classes.values()]
    if labelled is None or labelled not in case.row:
        return drawn
    shown = str(case.row[labelled]).split()
    unknown = sorted(set(shown) - set(classes))
    if unknown:
        raise LearnError(f"{case.image}: the column {labelled!r} names the class {unknown[0]!r}, which is not known.")
    return [d * (name in shown) for d, name in zip(drawn, classes, strict=True)]
