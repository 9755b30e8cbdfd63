"""Options that several commands share, and how their text becomes numbers."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

_FORMATS = ("json", "csv", "overlay", "html")


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Inputs, and what the user knows of them."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders (searched through) and globs, mixed")
    known = parser.add_argument_group("what you know of the input")
    known.add_argument(
        "--mm-per-px", type=spacing, metavar="R[,C]", help="scale in mm per pixel; row,column where they differ"
    )
    known.add_argument("--tick-mm", type=float, metavar="MM", help="what one tick of the ruler in the picture means")
    known.add_argument(
        "--region", type=rectangle, metavar="X,Y,W,H", help="the B-mode image in pixels (else it is found by itself)"
    )
    known.add_argument(
        "--pixel-aspect", type=float, metavar="A", help="pixel height over width, where no scale is known (1: square)"
    )
    known.add_argument("--frames", metavar="A:B:STEP", help="which frames, like 10:200:2")


def reading_options(asked: argparse.Namespace) -> dict[str, Any]:
    """Keyword arguments for :func:`mskus.read`, those given only."""
    options = {name: getattr(asked, name) for name in ("mm_per_px", "tick_mm", "region", "pixel_aspect", "frames")}
    return {name: value for name, value in options.items() if value is not None}


def spacing(text: str) -> float | tuple[float, float]:
    """``"0.1"`` or ``"0.1,0.2"`` (row, column) in mm.

    Example:
        >>> spacing("0.1"), spacing("0.1,0.2")
        (0.1, (0.1, 0.2))
    """
    values = _numbers(text, form="R or R,C in mm, like 0.08 or 0.08,0.1", counts=(1, 2))
    return values[0] if len(values) == 1 else (values[0], values[1])


def rectangle(text: str) -> tuple[int, int, int, int]:
    """``"x,y,w,h"`` in whole pixels.

    Example:
        >>> rectangle("10,20,300,200")
        (10, 20, 300, 200)
    """
    x, y, w, h = _numbers(text, form="X,Y,W,H in pixels, like 60,20,680,500", counts=(4,))
    return int(x), int(y), int(w), int(h)


def formats(text: str) -> tuple[str, ...]:
    """``"json,csv"`` as output formats, each once.

    Example:
        >>> formats("json, csv,json")
        ('json', 'csv')
    """
    asked = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not asked or not set(asked) <= set(_FORMATS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of {', '.join(_FORMATS)}")
    return asked


def setting(text: str) -> tuple[str, Any]:
    """``"name=value"``: the value as JSON where it is JSON, else as text.

    Example:
        >>> setting("step=2"), setting("orientation=gabor")
        (('step', 2), ('orientation', 'gabor'))
    """
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def existing_file(text: str) -> Path:
    """A path that must be a file."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is not a file")
    return path


def at_least(least: int) -> Any:
    """A type of whole numbers from ``least`` up."""

    def number(text: str) -> int:
        if not text.lstrip("-").isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of {least} or more")
        return int(text)

    return number


def _numbers(text: str, *, form: str, counts: tuple[int, ...]) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) not in counts:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form {form}")
    return values
