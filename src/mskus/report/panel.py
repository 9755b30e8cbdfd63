"""The side panel of an overlay: title, values with intervals, legend and the wheel of orientations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mskus.report.headline import headlines
from mskus.report.lettering import Colour, fit_text, put_text, wrap_text
from mskus.report.orientation_colours import orientation_colours
from mskus.report.strokes import Style
from mskus.report.terms import headline_stems, stem, term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mskus.findings import Findings, Measurement

BACKGROUND: Colour = (13, 17, 23)
BRIGHT: Colour = (240, 243, 247)
FAINT: Colour = (150, 160, 172)
VERDICT_COLOURS: dict[str, Colour] = {"pass": (90, 205, 130), "warn": (245, 190, 70), "fail": (240, 105, 90)}
VERDICT_WORDS = {
    "pass": "Image quality: good",
    "warn": "Image quality: limited",
    "fail": "Image quality: not sufficient",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a panel: label and value, or a note under it."""

    text: str
    value: str = ""
    note: str = ""
    colour: Colour = BRIGHT
    swatch: Colour | None = None


class FrameValues:
    """The headline values of each frame as rows; sorted out once, asked for often.

    A clip's own value (of no frame) stands in where a frame has none.
    """

    def __init__(self, findings: Findings) -> None:
        wanted = headline_stems(findings.exam)
        chosen = [h.name for h in headlines(findings)]
        order = {name: wanted.index(stem(name)) if wanted else i for i, name in enumerate(chosen)}
        self._own: dict[str, Measurement] = {}
        self._framed: dict[int, dict[str, Measurement]] = {}
        for m in sorted((m for m in findings.measurements if m.name in order), key=lambda m: order[m.name]):
            if m.frame is None:
                self._own.setdefault(m.name, m)
            else:
                self._framed.setdefault(m.frame, {})[m.name] = m
        self._names = sorted(order, key=lambda name: order[name])

    def rows(self, frame: int) -> list[Row]:
        """One row a value of that frame, in the exam's order."""
        framed = self._framed.get(frame, {})
        found = [framed.get(name) or self._own.get(name) for name in self._names]
        return [_value_row(m) for m in found if m is not None]


def _value_row(m: Measurement) -> Row:
    t = term(m.name, m.unit)
    if m.value is None:
        return Row(text=t.label, value="withheld", note=m.withheld, colour=VERDICT_COLOURS["warn"])
    note = f"95 %: {t.show_interval(m.interval)}" if m.interval is not None else ""
    return Row(text=t.label, value=t.show(m.value), note="; ".join((note, *m.flags)).strip("; "))


def legend_rows(styles: list[Style]) -> list[Row]:
    """One line a kind of structure drawn."""
    return [Row(text=style.legend, swatch=style.colour) for style in styles]


def draw_rows(rows: list[Row], *, width_px: int, size_px: int) -> NDArray[np.uint8]:
    """A block of rows as an RGB picture of that width, as high as it needs to be.

    Args:
        rows: label left, value right, note smaller below.
        width_px: width of the block.
        size_px: letter height of labels.
    """
    small = max(size_px - 3, 11)
    line, note_line = round(size_px * 1.65), round(small * 1.45)
    notes = [wrap_text(row.note, width_px=width_px, size_px=small)[:3] for row in rows]
    block = np.empty((sum(line + note_line * len(n) for n in notes), width_px, 3), np.uint8)
    block[:] = BACKGROUND
    y = 0
    for row, lines in zip(rows, notes, strict=True):
        used = put_text(
            block, row.value, at=(width_px, y), size_px=size_px, colour=row.colour, bold=True, align="right"
        )
        x = 0
        if row.swatch is not None:
            x = 2 * size_px
            middle = y + round(size_px * 0.7)
            cv2.line(block, (0, middle), (round(1.4 * size_px), middle), row.swatch, 3, cv2.LINE_AA)
        label = fit_text(row.text, width_px=width_px - x - used - 6, size_px=size_px)
        put_text(block, label, at=(x, y), size_px=size_px, colour=(205, 211, 219))
        y += line
        for text in lines:
            put_text(block, text, at=(width_px, y - round(size_px * 0.3)), size_px=small, colour=FAINT, align="right")
            y += note_line
    return block


def draw_wheel(*, centre_deg: float, size_px: int, width_px: int) -> NDArray[np.uint8]:
    """The wheel of orientations: each spoke lies at the angle whose colour it has."""
    radius, small = round(3.4 * size_px), max(size_px - 3, 11)
    pad = round(1.6 * small)
    height = 2 * radius + pad
    block = np.empty((height, width_px, 3), np.uint8)
    block[:] = BACKGROUND
    cy, cx = height // 2, radius + pad
    y, x = np.mgrid[0:height, 0:width_px]
    dy, dx = cy - y, x - cx
    distance = np.hypot(dx, dy)
    colours = orientation_colours(np.degrees(np.arctan2(dy, dx)), centre_deg=centre_deg)
    ring = np.clip(radius - distance + 0.5, 0, 1) * np.clip(distance - 0.45 * radius + 0.5, 0, 1)
    block[:] = (block + ring[..., None] * (colours.astype(np.float32) - block)).astype(np.uint8)
    text_x = cx + radius + pad
    lines = ("Fascicle", "direction", f"green = {centre_deg:.0f}°")
    for i, text in enumerate(lines):
        at = (text_x, cy - round(2.2 * size_px) + round(i * 1.5 * size_px))
        put_text(block, text, at=at, size_px=size_px if i < 2 else small, colour=BRIGHT if i < 2 else FAINT)
    return block


def stack(blocks: list[NDArray[np.uint8]], *, gap_px: int, across: bool = False) -> NDArray[np.uint8]:
    """Blocks one below the other, or side by side if ``across``, with gaps of background."""
    axis = 1 if across else 0
    side = max(block.shape[1 - axis] for block in blocks)
    parts: list[NDArray[np.uint8]] = []
    for i, block in enumerate(blocks):
        shape = [side, side, 3]
        shape[axis] = block.shape[axis] + (gap_px if i < len(blocks) - 1 else 0)
        part = np.empty(shape, np.uint8)
        part[:] = BACKGROUND
        part[: block.shape[0], : block.shape[1]] = block
        parts.append(part)
    return np.concatenate(parts, axis=axis)
