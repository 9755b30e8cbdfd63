"""Crisp text on RGB pictures: anti-aliased strips, rendered once a string and then pasted."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Colour = tuple[int, int, int]


@lru_cache(maxsize=32)
def _font(size_px: int, bold: bool) -> Any:
    from PIL import ImageFont

    spec = find_spec("matplotlib")  # its DejaVu Sans has the degree sign and superscripts; the package is not opened
    if spec is not None and spec.origin is not None:
        name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
        path = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / name
        if path.is_file():
            return ImageFont.truetype(str(path), size_px)
    return ImageFont.load_default(size=size_px)


@lru_cache(maxsize=4096)
def text_strip(text: str, *, size_px: int, bold: bool = False) -> NDArray[np.float32]:
    """The text as an ``(h, w, 1)`` coverage strip in [0, 1], all strips of a size equally high.

    Args:
        text: one line.
        size_px: nominal letter height in pixels.
        bold: whether the bold face is used.
    """
    from PIL import Image, ImageDraw

    font = _font(size_px, bold)
    width = max(int(np.ceil(font.getlength(text))), 1) + 2
    height = int(np.ceil(size_px * 1.3))
    strip = Image.new("L", (width, height))
    ImageDraw.Draw(strip).text((1, size_px), text, font=font, fill=255, anchor="ls")
    return (np.asarray(strip, np.float32) / 255.0)[:, :, None]


def text_width_px(text: str, *, size_px: int, bold: bool = False) -> int:
    """Width that :func:`put_text` will cover."""
    return int(text_strip(text, size_px=size_px, bold=bold).shape[1])


def fit_text(text: str, *, width_px: int, size_px: int, bold: bool = False) -> str:
    """The text, shortened with dots in its middle until it fits into ``width_px``."""
    keep = len(text)
    shown = text
    while keep > 4 and text_width_px(shown, size_px=size_px, bold=bold) > width_px:
        keep -= 1
        shown = f"{text[: (keep + 1) // 2]}...{text[len(text) - keep // 2 :]}"
    return shown


def wrap_text(text: str, *, width_px: int, size_px: int) -> list[str]:
    """The text in lines no wider than ``width_px``, broken at blanks."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width_px(longer, size_px=size_px) <= width_px:
            lines[-1] = longer
        else:
            lines.append(fit_text(word, width_px=width_px, size_px=size_px))
    return lines


def put_text(
    canvas: NDArray[np.uint8],
    text: str,
    *,
    at: tuple[int, int],
    size_px: int,
    colour: Colour = (235, 238, 242),
    bold: bool = False,
    align: str = "left",
) -> int:
    """Paste one line of text; what lies outside the canvas is cut.

    Args:
        canvas: ``(H, W, 3)`` RGB, changed in place.
        text: one line.
        at: ``(x, y)`` of the strip's top left (``align="left"``), top right or top middle corner.
        size_px: letter height.
        colour: RGB.
        bold: whether the bold face is used.
        align: ``"left"``, ``"right"`` or ``"middle"``.

    Returns:
        Width of the text in pixels.
    """
    strip = text_strip(text, size_px=size_px, bold=bold)
    height, width = strip.shape[:2]
    x = at[0] - {"left": 0, "right": width, "middle": width // 2}[align]
    y = at[1]
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, canvas.shape[1]), min(y + height, canvas.shape[0])
    if right > left and bottom > top:
        alpha = strip[top - y : bottom - y, left - x : right - x]
        part = canvas[top:bottom, left:right]
        part[:] = (part + alpha * (np.array(colour, np.float32) - part)).astype(np.uint8)
    return int(width)
