"""A sheet of small pictures with the outlines of their masks, those with remarks first and framed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import MskusError, SaveError
from mskus.learn.dataset.check import Checked
from mskus.learn.dataset.survey import Seen
from mskus.learn.manifest import class_numbers, load

_TILE_PX, _LETTER_PX, _GAP_PX, _COLUMNS = 220, 16, 4, 6
# red, green, blue; the colour-blind safe set of Okabe and Ito without black
_COLOURS = ((240, 228, 66), (86, 180, 233), (230, 159, 0), (0, 158, 115), (204, 121, 167), (213, 94, 0), (0, 114, 178))
_FRAME, _PAPER, _TEXT = (230, 60, 50), (255, 255, 255), (40, 40, 40)


def contact_sheet(checked: Checked, path: str | Path, *, most: int = 60) -> None:
    """Draw a sheet: rows with problems first in a red frame, then others evenly over the set.

    Args:
        checked: of :func:`mskus.learn.dataset.check.check_dataset`.
        path: of the PNG.
        most: tiles on the sheet.

    Raises:
        SaveError: if the picture cannot be written.
    """
    wrong: dict[int, str] = {}
    for remark in checked.problems:
        for row in remark.rows:
            wrong.setdefault(row - 1, remark.kind)
    first = list(wrong)[:most]
    rest = [n for n in range(len(checked.seen)) if n not in wrong]
    room = min(most - len(first), len(rest))
    chosen = first + [rest[i] for i in np.linspace(0, len(rest) - 1, room).round().astype(int)] if room else first
    tiles = [_tile(checked.seen[n], n + 1, wrong.get(n, ""), checked.classes) for n in chosen]
    blank = np.full_like(tiles[0], 255)
    columns = min(_COLUMNS, len(tiles))
    tiles += [blank] * (-len(tiles) % columns)
    sheet = np.vstack([np.hstack(tiles[n : n + columns]) for n in range(0, len(tiles), columns)])
    sheet = np.vstack([_legend(checked.classes, width=sheet.shape[1]), sheet])
    if not cv2.imwrite(str(path), sheet[..., ::-1]):
        raise SaveError(f"{path} cannot be written; is the folder there, and is there room on the disk?")


def _tile(seen: Seen, row: int, wrong: str, classes: Mapping[str, int]) -> NDArray[np.uint8]:
    picture = np.full((_TILE_PX, _TILE_PX, 3), 225, np.uint8)
    try:
        grey = load(seen.case).image.astype(np.uint8)
        scale = _TILE_PX / max(grey.shape)
        small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[..., None].repeat(3, axis=2)
        if seen.case.mask is not None:
            drawn = class_numbers(seen.case.mask, shape=grey.shape)
            for value in np.unique(drawn[drawn > 0]):
                colour = _colour(int(value), classes)
                outlines, _ = cv2.findContours((drawn == value).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
                small_ones = [np.round(outline * scale).astype(np.int32) for outline in outlines]
                cv2.polylines(small, small_ones, isClosed=True, color=colour, thickness=1, lineType=cv2.LINE_AA)
        h, w = min(small.shape[0], _TILE_PX), min(small.shape[1], _TILE_PX)
        picture[:h, :w] = small[:h, :w]
    except MskusError:
        pass  # the tile stays grey; the reason stands in the report
    text = f"{row} {wrong or seen.case.image.stem}"
    label = np.full((_LETTER_PX + 6, _TILE_PX, 3), 255, np.uint8)
    cv2.putText(label, text[:34], (2, _LETTER_PX), cv2.FONT_HERSHEY_SIMPLEX, 0.4, _TEXT, 1, cv2.LINE_AA)
    if wrong:
        cv2.rectangle(picture, (1, 1), (_TILE_PX - 2, _TILE_PX - 2), _FRAME, 3)
    return cv2.copyMakeBorder(
        np.vstack([picture, label]), _GAP_PX, _GAP_PX, _GAP_PX, _GAP_PX, cv2.BORDER_CONSTANT, value=_PAPER
    ).astype(np.uint8)


def _colour(value: int, classes: Mapping[str, int]) -> tuple[int, int, int]:
    values = list(classes.values())
    return _COLOURS[values.index(value) % len(_COLOURS)] if value in values else _FRAME


def _legend(classes: Mapping[str, int], *, width: int) -> NDArray[np.uint8]:
    strip = np.full((26, width, 3), 255, np.uint8)
    x = 8
    for name, value in classes.items():
        cv2.rectangle(strip, (x, 8), (x + 12, 20), _colour(value, classes), cv2.FILLED)
        cv2.putText(strip, name, (x + 18, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.45, _TEXT, 1, cv2.LINE_AA)
        x += 30 + cv2.getTextSize(name, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)[0][0]
    return strip
