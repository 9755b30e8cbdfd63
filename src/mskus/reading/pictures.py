"""Pictures (PNG, JPEG, TIFF, BMP) and folders of numbered pictures as a recording."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mskus.clip import Calibration
from mskus.errors import CalibrationError, ReadError
from mskus.reading.grey import eight_bit, full_range
from mskus.reading.recording import Frame, Recording

MAX_PIXELS = 100_000_000
_DESCRIPTION, _X_RESOLUTION, _Y_RESOLUTION = 270, 282, 283
_UNIT_MM = {"mm": 1.0, "millimeter": 1.0, "cm": 10.0, "centimeter": 10.0, "micron": 1e-3, "um": 1e-3, "\\u00b5m": 1e-3}


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
        calibration = _imagej_scale(picture) if picture.format == "TIFF" else None
        aspect, stated = picture_aspect(picture)
        notes.append(stated)

    def decode(indices: Sequence[int]) -> Iterator[Frame]:
        for page in _pages(path, indices):
            if page.shape[:2] != (height, width) or (page.ndim == 3) != is_rgb:
                raise ReadError(f"{path} holds pages of different size or kind; save them as separate files.")
            yield np.asarray(page, np.uint8) if page.dtype == np.uint8 else eight_bit(page, low=low, high=high)

    if calibration is not None:
        notes.append(calibration.note)
    return Recording(
        kind=kind,
        n_frames=n_pages,
        height=height,
        width=width,
        has_colour=is_rgb,
        decode=decode,
        calibration=calibration,
        pixel_aspect=aspect,
        notes=notes,
    )


def picture_aspect(picture: Image.Image) -> tuple[float, str]:
    """Height over width of a pixel from the file's two densities, and a line of provenance.

    PNG (pHYs), JPEG (JFIF), TIFF and BMP state columns and rows per length; where they state none, their standards take
    pixels as square.

    Example:
        >>> picture_aspect(Image.new("L", (4, 4)))[0]
        1.0
    """
    try:
        per_x, per_y = (float(density) for density in picture.info["dpi"])
        if min(per_x, per_y) > 0 and abs(per_x / per_y - 1.0) > 1e-3:
            aspect = per_x / per_y
            return aspect, f"the {picture.format} file states pixels {aspect:.4g} times as high as wide"
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        pass
    return 1.0, f"square pixels: a {picture.format} file that states no unequal densities has them by its standard"


def _imagej_scale(picture: Image.Image) -> Calibration | None:
    """The scale in a TIFF that ImageJ wrote: its description names a physical unit, the resolution tags count pixels.

    Resolution in dots per inch is about print and screen and never about the object; it is not used.
    """
    tags = getattr(picture, "tag_v2", {})
    text = str(tags.get(_DESCRIPTION, ""))
    unit = re.search(r"(?m)^unit=(\S+)", text) if text.startswith("ImageJ") else None
    mm = _UNIT_MM.get(unit[1].lower()) if unit else None
    try:
        per_x, per_y = float(tags[_X_RESOLUTION]), float(tags[_Y_RESOLUTION])
        if mm is None or min(per_x, per_y) <= 0:
            return None
        row, col = mm / per_y, mm / per_x
        text = f"ImageJ header: {row:.5g} x {col:.5g} mm per pixel (row x column)"
        return Calibration(mm_per_px_row=row, mm_per_px_col=col, source="file_header", note=text)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, CalibrationError):
        return None


def open_numbered_pictures(paths: Sequence[Path]) -> Recording:
    """A recording of pictures of equal size, one a frame, in the order given.

    Raises:
        ReadError: if one of them differs in size from the first, naming it.
    """
    first = _open_frame(paths[0])
    is_rgb = any(_open_frame(p).has_colour for p in paths[:: max(1, len(paths) // 8)])

    def decode(indices: Sequence[int]) -> Iterator[Frame]:
        for i in indices:
            one = _open_frame(paths[i])
            if (one.height, one.width) != (first.height, first.width):
                raise ReadError(
                    f"{paths[i]} is {one.width} x {one.height} pixels but {paths[0].name} is "
                    f"{first.width} x {first.height}; numbered frames of one clip must be of equal size."
                )
            frame = _decode_frame(one, paths[i])
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
        pixel_aspect=first.pixel_aspect,
        notes=[f"{len(paths)} numbered pictures, {paths[0].name} to {paths[-1].name}", *first.notes],
    )


def _open_frame(path: Path) -> Recording:
    try:
        return open_picture(path)
    except (OSError, ValueError, SyntaxError) as fault:
        raise ReadError(f"{path} is a damaged picture among the numbered frames; copy or export it again.") from fault


def _decode_frame(one: Recording, path: Path) -> Frame:
    try:
        return next(one.decode([0]))
    except (OSError, ValueError, SyntaxError) as fault:
        raise ReadError(f"{path} is a damaged picture among the numbered frames; copy or export it again.") from fault


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
