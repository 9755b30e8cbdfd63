"""Pictures (PNG, JPEG, TIFF, BMP) and folders of numbered pictures as a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mskus.errors import ReadError
from mskus.reading.grey import eight_bit, full_range
from mskus.reading.recording import Frame, Recording

MAX_PIXELS = 100_000_000


def open_picture(path: Path) -> Recording:
    """A recording of one picture; a TIFF of several pages of equal size is a clip.

    Raises:
        ReadError: if the picture is damaged, larger than 100 megapixels, or its pages differ in size.
    """
    with Image.open(path) as picture:
        n_pages = int(getattr(picture, "n_frames", 1)) if picture.format == "TIFF" else 1
        width, height = picture.size
        kind = f"{picture.format} picture"
        if width * height > MAX_PIXELS:
            raise ReadError(f"{path} has {width} x {height} pixels, more than a scanner makes; crop it first.")
        first = _pixels(picture)
        notes: list[str] = []
        low, high = 0.0, 255.0
        if first.dtype != np.uint8:
            if n_pages > 1:
                peak = max(float(page.max()) for page in _pages(path, range(n_pages)))
                first = np.append(first.ravel(), np.asarray([peak], first.dtype))
            low, high, note = full_range(first)
            notes.append(note)
        is_rgb = first.ndim == 3

    def decode(indices: Sequence[int]) -> Iterator[Frame]:
        for page in _pages(path, indices):
            if page.shape[:2] != (height, width) or (page.ndim == 3) != is_rgb:
                raise ReadError(f"{path} holds pages of different size or kind; save them as separate files.")
            yield np.asarray(page, np.uint8) if page.dtype == np.uint8 else eight_bit(page, low=low, high=high)

    return Recording(
        kind=kind, n_frames=n_pages, height=height, width=width, has_colour=is_rgb, decode=decode, notes=notes
    )


def open_numbered_pictures(paths: Sequence[Path]) -> Recording:
    """A recording of pictures of equal size, one a frame, in the order given.

    Raises:
        ReadError: if one of them differs in size from the first, naming it.
    """
    first = open_picture(paths[0])
    is_rgb = any(open_picture(p).has_colour for p in paths[:: max(1, len(paths) // 8)]) or first.has_colour

    def decode(indices: Sequence[int]) -> Iterator[Frame]:
        for i in indices:
            one = open_picture(paths[i])
            if (one.height, one.width) != (first.height, first.width):
                raise ReadError(
                    f"{paths[i]} is {one.width} x {one.height} pixels but {paths[0].name} is "
                    f"{first.width} x {first.height}; numbered frames of one clip must be of equal size."
                )
            frame = next(one.decode([0]))
            if is_rgb and frame.ndim == 2:
                frame = np.repeat(frame[..., None], 3, axis=2)
            elif not is_rgb and frame.ndim == 3:
                frame = np.rint(frame @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
            yield frame

    return Recording(
        kind="folder of numbered pictures",
        n_frames=len(paths),
        height=first.height,
        width=first.width,
        has_colour=is_rgb,
        decode=decode,
        notes=[f"{len(paths)} numbered pictures, {paths[0].name} to {paths[-1].name}", *first.notes],
    )


def _pages(path: Path, indices: Sequence[int]) -> Iterator[NDArray[np.generic]]:
    """Pages of a picture file as grey ``(H, W)`` or RGB ``(H, W, 3)``."""
    with Image.open(path) as picture:
        for i in indices:
            if i:
                picture.seek(i)
            yield _pixels(picture)


def _pixels(picture: Image.Image) -> NDArray[np.generic]:
    """Grey as stored (8 or 16 bits), everything else as RGB; alpha lies on black."""
    if picture.mode in ("L", "I;16", "I;16B", "I;16L", "I", "F"):
        return np.asarray(picture)
    if picture.mode == "1":
        return np.asarray(picture.convert("L"))
    if picture.mode in ("RGBA", "PA", "LA", "La", "RGBa") or "transparency" in picture.info:
        base = Image.new("RGBA", picture.size, (0, 0, 0, 255))
        return np.asarray(Image.alpha_composite(base, picture.convert("RGBA")).convert("RGB"))
    return np.asarray(picture.convert("RGB"))
