"""The template: how often a structure was drawn at each place of the picture, and the region of interest from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.learn.applications.nerve.windows import Labelled, Windows

F32 = NDArray[np.float32]

_SIDE = 32
_BLUR = 2.0
# Places where a structure was drawn in fewer than one picture in two hundred are left out.
_LEAST = 0.005


@dataclass(frozen=True, kw_only=True, eq=False)
class Template:
    """Where structures lie, in shares of the picture's width and height.

    Attributes:
        levels: ``(C, 32, 32)`` share of the training pictures in which each class covers a place.
    """

    levels: F32

    @staticmethod
    def of(examples: Sequence[Labelled], *, classes: Sequence[int]) -> Template:
        """The mean of the drawn masks, smoothed."""
        size = (_SIDE, _SIDE)
        total = np.zeros((len(classes), *size), np.float32)
        for one in examples:
            for c, value in enumerate(classes):
                total[c] += cv2.resize((one.truth == value).astype(np.float32), size, interpolation=cv2.INTER_AREA)
        mean = total / max(len(examples), 1)
        return Template(levels=np.stack([cv2.GaussianBlur(level, (0, 0), _BLUR) for level in mean]))

    def at(self, grid: tuple[int, int]) -> F32:
        """``(h, w, C)`` at the nodes of a grid."""
        return np.stack([cv2.resize(level, grid[::-1], interpolation=cv2.INTER_LINEAR) for level in self.levels], -1)

    def region_of_interest(self, grid: tuple[int, int]) -> NDArray[np.bool_]:
        """``(h, w)`` nodes where a structure may lie."""
        return np.asarray((self.at(grid) >= _LEAST).any(-1))

    def with_prior(self, windows: Windows) -> F32:
        """``(h, w, F + C)`` features of a frame and the template's shares."""
        return np.concatenate([windows.features, self.at(windows.grid)], axis=-1)
