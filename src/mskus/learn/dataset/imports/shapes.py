"""Outlines as annotation tools store them, drawn into masks.

Tools count from the corner of the first pixel: pixel 0 reaches from 0 to 1. Here pixel centres lie at whole numbers, so
half a pixel is taken away, and a pixel belongs to a shape if its centre does: a box from 10 to 20 is ten pixels wide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import LearnError

Draw = Callable[[tuple[int, int]], NDArray[np.bool_]]


@dataclass(frozen=True)
class Shape:
    """One labelled shape; ``draw((H, W))`` gives its ``(H, W)`` bool mask, or a LearnError that says what is wrong."""

    label: str
    draw: Draw


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """The shapes of one picture.

    Attributes:
        name: of the picture, as the annotation file has it.
        shapes: in the order of drawing; a later one covers an earlier one.
        size: ``(H, W)`` as stated, or None.
        frame: of a clip, or None for a picture.
        drawn_in: the label map that holds the shapes, where ``name`` is a name without its ending.
    """

    name: str
    shapes: Sequence[Shape]
    size: tuple[int, int] | None = None
    frame: int | None = None
    drawn_in: Path | None = None


def polygons(label: str, parts: Sequence[ArrayLike]) -> Shape:
    """The union of closed outlines, each ``(N, 2)`` points ``(x, y)``.

    Example:
        >>> int(polygons("box", [[(10, 10), (20, 10), (20, 15), (10, 15)]]).draw((40, 40)).sum())
        50
    """
    return Shape(label, partial(_fill, [np.asarray(part, float) for part in parts]))


def _fill(parts: Sequence[NDArray[np.float64]], shape: tuple[int, int]) -> NDArray[np.bool_]:
    from mskus.features.polygon import polygon_mask

    mask = np.zeros(shape, bool)
    for part in parts:
        if part.ndim != 2 or part.shape[1] != 2 or len(part) < 3:
            raise LearnError(f"an outline of {len(part)} point(s) encloses nothing; it needs three or more")
        if not np.isfinite(part).all():
            raise LearnError("an outline has a point that is no number")
        mask |= polygon_mask(part - 0.5, shape=shape)
    return mask


def box(label: str, left: float, top: float, right: float, bottom: float) -> Shape:
    """A box by its sides."""
    return polygons(label, [[(left, top), (right, top), (right, bottom), (left, bottom)]])


def ellipse(label: str, centre: tuple[float, float], radii: tuple[float, float], *, turned_rad: float = 0.0) -> Shape:
    """An ellipse; a circle has two equal radii. Positive angles turn x towards y, clockwise on the screen."""
    turn = np.linspace(0, 2 * np.pi, 256, endpoint=False)
    along, across = radii[0] * np.cos(turn), radii[1] * np.sin(turn)
    cos, sin = np.cos(turned_rad), np.sin(turned_rad)
    outline = np.column_stack([centre[0] + along * cos - across * sin, centre[1] + along * sin + across * cos])
    return polygons(label, [outline])


def placed(label: str, patch: Callable[[], NDArray[np.bool_]], *, left: int, top: int) -> Shape:
    """A small mask with its upper left pixel at ``(left, top)``; what leaves the picture is cut off."""
    return Shape(label, partial(_place, patch, left, top))


def _place(patch: Callable[[], NDArray[np.bool_]], left: int, top: int, shape: tuple[int, int]) -> NDArray[np.bool_]:
    mask, small = np.zeros(shape, bool), patch()
    small = small[max(0, -top) :, max(0, -left) :]
    left, top = max(0, left), max(0, top)
    here = mask[top : top + small.shape[0], left : left + small.shape[1]]
    here[:] = small[: here.shape[0], : here.shape[1]]
    return mask


def undrawable(label: str, kind: str) -> Shape:
    """A shape without an inside, like a point or a line."""
    return Shape(label, partial(_refuse, kind))


def _refuse(kind: str, shape: tuple[int, int]) -> NDArray[np.bool_]:
    raise LearnError(f"a {kind} has no inside; draw a polygon instead")


def runs(counts: Sequence[int], shape: tuple[int, int], *, by_column: bool) -> NDArray[np.bool_]:
    """Decode run lengths that begin with background.

    Args:
        counts: lengths of the runs, background and inside in turn.
        shape: ``(H, W)``.
        by_column: whether the runs go down the columns (COCO) or along the rows (CVAT).

    Raises:
        LearnError: if the runs do not fill the mask.

    Example:
        >>> runs([1, 2, 3], (2, 3), by_column=True).astype(int).tolist()
        [[0, 1, 0], [1, 0, 0]]
    """
    lengths = np.asarray(counts, np.int64)
    if lengths.ndim != 1 or (lengths < 0).any() or lengths.sum() != shape[0] * shape[1]:
        raise LearnError(f"run lengths of {int(lengths.sum())} pixels do not fill a mask of {shape[1]} x {shape[0]}")
    flat = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    return flat.reshape(shape[::-1]).T if by_column else flat.reshape(shape)
