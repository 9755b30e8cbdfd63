"""A method put on every frame of a clip: inside the image region only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mskus.enhance.method import enhance, method_named

if TYPE_CHECKING:
    from mskus.clip import Clip


def enhance_frames(clip: Clip, *, method: str, **parameters: Any) -> Iterator[NDArray[np.uint8]]:
    """Every frame of a clip, enhanced where the image is; text, rulers and what lies outside the field stay.

    The scale and the field of the clip are handed to methods that take them.

    Args:
        clip: the recording; a long one is streamed.
        method: a name of :func:`mskus.enhance.methods`.
        parameters: of the method.

    Yields:
        ``(H, W)`` uint8.

    Raises:
        EnhanceError: if the method or a parameter is not possible.

    Example:
        >>> from mskus.reading import read
        >>> clip = read(np.full((2, 60, 80), 64, np.uint8))
        >>> [int(frame[0, 0]) for frame in enhance_frames(clip, method="gamma", exponent=0.5)]
        [128, 128]
    """
    rows, columns = clip.image_region.slices
    field = None if clip.field is None else clip.field[rows, columns]
    if field is not None and "field" in method_named(method).parameters:
        parameters.setdefault("field", field)
    scale = clip.calibration
    spacing_mm = None if scale is None else (scale.mm_per_px_row, scale.mm_per_px_col)
    for frame in clip.frames():
        whole = np.array(frame)
        inside = whole[rows, columns]
        better = enhance(inside, method=method, spacing_mm=spacing_mm, **parameters)
        rounded = np.clip(np.rint(better), 0, 255).astype(np.uint8)
        whole[rows, columns] = rounded if field is None else np.where(field, rounded, inside)
        yield whole
