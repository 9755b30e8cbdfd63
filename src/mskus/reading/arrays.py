"""NumPy arrays as a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mskus.errors import ReadError
from mskus.reading.grey import eight_bit, full_range
from mskus.reading.recording import Frame, Recording


def open_array(array: NDArray[np.generic]) -> Recording:
    """A recording of an array ``(H, W)``, ``(T, H, W)``, ``(H, W, 3)`` or ``(T, H, W, 3)``.

    Three dimensions whose last one is 3 (or 4: with alpha, which is dropped) are one RGB picture.

    Raises:
        ReadError: if the shape or the kind of number is none of these, or a side is empty.

    Example:
        >>> open_array(np.zeros((5, 40, 60), np.uint8)).n_frames
        5
    """
    pixels = np.asarray(array)
    if pixels.dtype.kind not in "buif":
        raise ReadError(f"An array of {pixels.dtype} is not a picture; give integers or floats.")
    if 0 in pixels.shape or pixels.ndim not in (2, 3, 4):
        raise ReadError(
            f"An array of shape {pixels.shape} is not a clip; give (H, W), (T, H, W), (H, W, 3) or (T, H, W, 3)."
        )
    is_rgb = pixels.ndim >= 3 and pixels.shape[-1] in (3, 4)
    if pixels.ndim == 4 and not is_rgb:
        raise ReadError(f"An array of shape {pixels.shape} has {pixels.shape[-1]} channels; give 3 (RGB) or none.")
    if is_rgb:
        pixels = pixels[..., :3]
    if pixels.ndim == (3 if is_rgb else 2):
        pixels = pixels[None]
    notes: list[str] = []
    if pixels.dtype == np.bool_:
        frames = pixels.astype(np.uint8) * np.uint8(255)
        notes.append("true and false scaled to 255 and 0")
    elif pixels.dtype == np.uint8:
        frames = pixels.astype(np.uint8, copy=True)
    else:
        low, high, note = full_range(pixels)
        frames = eight_bit(pixels, low=low, high=high)
        notes.append(note)

    def decode(indices: Sequence[int]) -> Iterator[Frame]:
        for i in indices:
            yield frames[i]

    t, h, w = frames.shape[:3]
    return Recording(kind="array", n_frames=t, height=h, width=w, has_colour=is_rgb, decode=decode, notes=notes)
