"""Anti-aliased strokes of structures on a canvas: polylines, segments, circles, points, masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mskus.findings import Circle, Mask, Point, Polyline, Segments, Structure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from mskus.report.lettering import Colour
    from mskus.report.viewport import Viewport

_SHIFT = 4  # sub-pixel bits of cv2's fixed-point coordinates


@dataclass(frozen=True, kw_only=True)
class Style:
    """How one kind of structure is drawn: legend text, RGB colour, width in canvas pixels, drawing order."""

    legend: str
    colour: Colour
    width: float = 2.0
    order: int = 5
    ends: bool = False


# nerves warm, vessels cool; the first of each is met most
_THINGS: dict[str, tuple[Colour, ...]] = {
    "nerve": ((250, 230, 80), (245, 165, 30), (240, 150, 205), (250, 250, 250), (200, 220, 120)),
    "vessel": ((86, 190, 245), (90, 120, 245), (120, 230, 220)),
}
# Okabe and Ito's palette (safe for colour-blind readers), lightened for a dark picture
_STYLES = {
    "superficial_aponeurosis": Style(legend="Superficial aponeurosis", colour=(86, 190, 245), order=6),
    "deep_aponeurosis": Style(legend="Deep aponeurosis", colour=(245, 165, 30), order=6),
    "fascicle": Style(legend="Fascicles", colour=(250, 230, 80), width=1.6, order=4),
    "fascicle_fragment": Style(legend="Fascicle fragments", colour=(250, 250, 250), width=1.0, order=3),
    "thickness": Style(legend="Thickness 25, 50, 75 %", colour=(240, 150, 205), width=1.6, order=7, ends=True),
    "muscle_belly": Style(legend="Muscle belly", colour=(200, 205, 215), width=1.0, order=1),
    "subcutaneous_fat": Style(legend="Skin and fat", colour=(215, 190, 140), width=1.0, order=1),
    "bone": Style(legend="Bone", colour=(230, 120, 90), order=5),
    **{
        f"{kind}_{i}{end}": Style(
            legend=f"{kind.capitalize()} {i}{', not seen: carried over' if end else ''}",
            colour=colour,
            width=1.0 if end else 2.0,
            order=5 if kind == "nerve" else 4,
        )
        for kind, colours in _THINGS.items()
        for i, colour in enumerate(colours, start=1)
        for end in ("", "_carried")
    },
    "region": Style(legend="Region of the user", colour=(240, 240, 240), width=1.6, order=2),
}
_ALIASES = {
    "fascicles": "fascicle",
    "fascicle_trace": "fascicle",
    "fascicle_fragments": "fascicle_fragment",
    "thickness_line": "thickness",
    "thickness_lines": "thickness",
    "muscle_thickness": "thickness",
    "belly": "muscle_belly",
    "fat": "subcutaneous_fat",
    "subcutaneous_fat_layer": "subcutaneous_fat",
    "user_region": "region",
    "muscle_region": "region",
}
_SPARE_COLOURS: tuple[Colour, ...] = ((150, 170, 255), (120, 230, 220), (250, 140, 120), (210, 210, 120))


def legend_styles(structures: Iterable[Structure]) -> list[Style]:
    """Styles of what is drawn, each once, in the order of a legend: known ones first, as in the list above."""
    known = list(_STYLES)
    names = {_ALIASES.get(s.label, s.label) for s in structures}
    ordered = sorted(names, key=lambda name: (known.index(name) if name in known else len(known), name))
    return [style_of(name) for name in ordered]


def style_of(label: str) -> Style:
    """The style for a structure's label; an unknown label gets a colour of its own that never changes."""
    known = _STYLES.get(_ALIASES.get(label, label))
    if known is not None:
        return known
    colour = _SPARE_COLOURS[sum(label.encode()) % len(_SPARE_COLOURS)]
    return Style(legend=label.replace("_", " ").capitalize(), colour=colour)


def draw_structure(canvas: NDArray[np.uint8], structure: Structure, viewport: Viewport, *, thin: bool = False) -> None:
    """Draw one structure in its label's style.

    Args:
        canvas: ``(H, W, 3)`` RGB, changed in place.
        structure: what to draw, in frame pixels.
        viewport: how frame pixels lie on the canvas.
        thin: one-pixel lines, for small canvases and video.
    """
    style = style_of(structure.label)
    width = 1 if thin else max(round(style.width * canvas.shape[0] / 700), 2 if style.width > 1 else 1)
    match structure.geometry:
        case Polyline(points=points, closed=closed):
            _lines(canvas, [viewport.to_canvas(points)], style.colour, width, closed=closed)
        case Segments(lines=lines):
            pairs = viewport.to_canvas(lines).reshape(-1, 2, 2)
            _lines(canvas, list(pairs), style.colour, width)
            if style.ends:
                _ticks(canvas, pairs, style.colour, width)
        case Circle(centre=centre, radius=radius):
            x, y = _fixed(viewport.to_canvas(centre))[0]
            axes = [round(radius * s * (1 << _SHIFT)) for s in viewport.scale]
            cv2.ellipse(canvas, (x, y), (axes[0], axes[1]), 0, 0, 360, style.colour, width, cv2.LINE_AA, _SHIFT)
        case Point(at=at):
            x, y = _fixed(viewport.to_canvas(at))[0]
            cv2.circle(canvas, (x, y), (2 + width) << _SHIFT, style.colour, -1, cv2.LINE_AA, _SHIFT)
        case Mask() as mask:
            edges, _ = cv2.findContours(mask.to_array().astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            _lines(canvas, [viewport.to_canvas(e) for e in edges], style.colour, width, closed=True)


def _fixed(points: NDArray[np.float64]) -> NDArray[np.int32]:
    finite = points[np.isfinite(points).all(axis=1)]
    limit = float(1 << 14)  # far outside any canvas, and safe in fixed point
    return np.rint(np.clip(finite, -limit, limit) * (1 << _SHIFT)).astype(np.int32)


def _lines(
    canvas: NDArray[np.uint8],
    lines: list[NDArray[np.float64]],
    colour: Colour,
    width: int,
    *,
    closed: bool = False,
) -> None:
    drawn = [fixed for fixed in map(_fixed, lines) if len(fixed) > 1]
    if drawn:
        cv2.polylines(canvas, drawn, closed, colour, width, cv2.LINE_AA, _SHIFT)


def _ticks(canvas: NDArray[np.uint8], pairs: NDArray[np.float64], colour: Colour, width: int) -> None:
    along = pairs[:, 1] - pairs[:, 0]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    across *= (4.0 + width) / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    ends = [np.stack([end - side, end + side]) for pair, side in zip(pairs, across, strict=True) for end in pair]
    _lines(canvas, ends, colour, width)
