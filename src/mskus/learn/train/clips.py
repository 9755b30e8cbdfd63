"""Series of frames for clip networks: rows of a manifest that belong to one clip, and examples of some frames in a row.

A clip is a file with several frames, of which a row names one, or pictures that share the value of a column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from mskus.errors import LearnError
from mskus.learn.augment import NONE, Augmentation
from mskus.learn.manifest import PLAIN, Case, clip_of
from mskus.learn.train.data import DrawnData, Example, PictureData
from mskus.learn.train.pictures import Picture, PictureMaker, grey_frame
from mskus.models.picture import Crop, Intensity
from mskus.reading.content_box import content_box


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """Frames of one clip in their order.

    Attributes:
        frames: of one stored size; those without a mask have weights of 0.
    """

    frames: tuple[Picture, ...]

    @property
    def labelled(self) -> list[int]:
        """Places of the frames that teach."""
        return [n for n, frame in enumerate(self.frames) if frame.weights.any()]

    @property
    def case(self) -> Case:
        """The row that stands for all: the first that is labelled, or the first."""
        return self.frames[next(iter(self.labelled), 0)].case

    @property
    def image(self) -> NDArray[np.uint8]:
        """``(h, w)`` of the frame in the middle."""
        return self.frames[len(self.frames) // 2].image


def load_series(
    cases: Sequence[Case], *, column: str, make: PictureMaker, crop: Crop, reach: int | None
) -> list[Series]:
    """Read all clips, in the order of their first rows.

    Args:
        cases: rows; those of one clip file, or of one value of ``column``, belong together.
        column: names the clip of a picture.
        make: gives a frame its mask and size.
        crop: ``content`` cuts black borders off, as the first frame shows them.
        reach: frames around labelled ones that are read of a clip file; None reads all.

    Raises:
        LearnError: if a picture names no clip, a frame is not there or named twice, or frames differ in size.
    """
    return [Series(frames=tuple(_frames(name, rows, make, crop, reach))) for name, rows in _by_clip(cases, column)]


def _by_clip(cases: Sequence[Case], column: str) -> list[tuple[str, list[Case]]]:
    clips: dict[str, list[Case]] = {}
    for case in cases:
        if case.image.suffix.lower() not in PLAIN:
            name = str(case.image)
        elif column in case.row:
            name = f"{case.patient}, {column} {case.row[column]}"
        else:
            raise LearnError(f"{case.image} names no clip; fill the column {column!r}, or set data.clip to another.")
        clips.setdefault(name, []).append(case)
    for name, rows in clips.items():
        numbers = [c.frame for c in rows if "frame" in c.row]
        if len(set(numbers)) < len(numbers):
            raise LearnError(f"The clip {name} has two rows for one frame; number them in the column 'frame'.")
    return [(name, sorted(rows, key=lambda c: c.frame)) for name, rows in clips.items()]


def _frames(name: str, rows: list[Case], make: PictureMaker, crop: Crop, reach: int | None) -> Iterator[Picture]:
    found = _of_pictures(rows) if rows[0].image.suffix.lower() in PLAIN else _of_file(rows, reach)
    box, size = None, None
    for case, frame, is_row in found:
        if size is None:
            box, size = content_box(frame) if crop == "content" else None, frame.shape
        if frame.shape != size:
            raise LearnError(f"The frames of the clip {name} differ in size: {case.image} has another than the first.")
        yield make(case, frame, box=box, masked=is_row)


def _of_pictures(rows: list[Case]) -> Iterator[tuple[Case, NDArray[np.uint8], bool]]:
    for case in rows:
        yield case, grey_frame(case), True


def _of_file(rows: list[Case], reach: int | None) -> Iterator[tuple[Case, NDArray[np.uint8], bool]]:
    clip = clip_of(rows[-1])
    by_frame = {c.frame: c for c in rows}
    first, last = 0, clip.n_frames
    if reach is not None:
        first, last = max(0, min(by_frame) - reach), min(clip.n_frames, max(by_frame) + reach + 1)
    for number in range(first, last):
        yield by_frame.get(number, rows[0]), clip.frame(number), number in by_frame


def windows(series: Series, length: int) -> list[Series]:
    """One after another, so that every frame is judged once; those without a labelled frame are left out."""
    cut = [Series(frames=series.frames[n : n + length]) for n in range(0, len(series.frames), length)]
    return [part for part in cut if part.labelled]


class ClipData(DrawnData[Series]):
    """The base: ``(T, 1, H, W)`` float32 in [0, 1], all frames through one view and in one appearance.

    Args:
        series: clips.
        length: T.
        size: ``(H, W)``.
        augment: what is changed in a draw.
        intensity: ``unit`` or ``robust``.
        seed: of the augmentation.
    """

    def __init__(
        self,
        series: Sequence[Series],
        *,
        length: int,
        size: tuple[int, int],
        augment: Augmentation = NONE,
        intensity: Intensity = "unit",
        seed: int = 0,
    ) -> None:
        super().__init__(series, seed=seed)
        middle = [s.frames[len(s.frames) // 2] for s in series]
        self.length, self.still = length, PictureData(middle, size=size, augment=augment, intensity=intensity)

    def example(self, picture: Series, rng: np.random.Generator | None) -> Example:
        """See the class."""
        frames = self.chosen(picture, rng)
        view = self.still.view(frames[0], rng)
        look = None if rng is None else int(rng.integers(2**32))
        shown = [
            self.still.shown(frame, view, None if look is None else np.random.default_rng(look)) for frame in frames
        ]
        masks = [self.still.drawn(frame, view) for frame in frames]
        # a clip too short for its length is repeated at its end, and nothing is asked of the repetition
        known = [f.weights if n < len(picture.frames) else 0 * f.weights for n, f in enumerate(frames)]
        return (
            torch.from_numpy(np.stack(shown)[:, None]),
            torch.from_numpy(np.stack(masks)),
            torch.from_numpy(np.stack(known)),
        )

    def chosen(self, series: Series, rng: np.random.Generator | None) -> list[Picture]:
        """``length`` frames in a row; random ones hold at least one labelled frame."""
        spare = max(0, len(series.frames) - self.length)
        start = 0
        if rng is not None and spare:
            labelled = series.labelled
            held = labelled[int(rng.integers(len(labelled)))]
            start = int(rng.integers(max(0, held - self.length + 1), min(held, spare) + 1))
        last = len(series.frames) - 1
        return [series.frames[min(start + n, last)] for n in range(self.length)]


class ClipClassificationData(ClipData):
    """``(frames (T, 1, H, W), class number)``.

    The clip is cut into T equal parts and a frame is taken of each: any while training, the middle one else (temporal
    segments, Wang et al. 2016, arXiv 1608.00859).

    Args:
        series: clips.
        labels: class number of each.
        length, size, augment, intensity, seed: as of :class:`ClipData`.
    """

    def __init__(
        self,
        series: Sequence[Series],
        labels: Sequence[int],
        *,
        length: int,
        size: tuple[int, int],
        augment: Augmentation = NONE,
        intensity: Intensity = "unit",
        seed: int = 0,
    ) -> None:
        super().__init__(series, length=length, size=size, augment=augment, intensity=intensity, seed=seed)
        self.labels = {id(s): n for s, n in zip(self.pictures, labels, strict=True)}

    def example(self, picture: Series, rng: np.random.Generator | None) -> Example:
        """See the class."""
        return super().example(picture, rng)[0], torch.tensor(self.labels[id(picture)])

    def chosen(self, series: Series, rng: np.random.Generator | None) -> list[Picture]:
        """One frame of every part."""
        within = np.full(self.length, 0.5) if rng is None else rng.random(self.length)
        places = (np.arange(self.length) + within) * len(series.frames) / self.length
        return [series.frames[int(n)] for n in places]
