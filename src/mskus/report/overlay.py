"""The overlay: a frame with what was found in it, and the values beside the anatomy, never on it."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from mskus.errors import ExamError
from mskus.report.headline import representative_frame
from mskus.report.lettering import fit_text, put_text
from mskus.report.orientation_colours import axial_mean_deg, blend_orientation
from mskus.report.panel import (
    BACKGROUND,
    BRIGHT,
    FAINT,
    VERDICT_COLOURS,
    VERDICT_WORDS,
    FrameValues,
    Row,
    draw_rows,
    draw_wheel,
    legend_rows,
    stack,
)
from mskus.report.strokes import draw_structure, legend_styles, style_of
from mskus.report.viewport import Viewport, fit_viewport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mskus.clip import Clip
    from mskus.findings import Findings

_BAR_LENGTHS_MM = (1, 2, 5, 10, 20, 50, 100)


def draw_overlay(
    findings: Findings,
    frame: int | None = None,
    *,
    orientation: bool = True,
    structures: bool = True,
    values: bool = True,
    legend: bool = True,
) -> NDArray[np.uint8]:
    """One frame with structures, values and legend.

    The image region is shown in true proportions (frames with unequal pixels are stretched), small frames enlarged;
    lines that run out of the picture go on in a dark margin.

    Args:
        findings: what the exam found, with its clip attached.
        frame: frame index; the most representative one by default.
        orientation: whether the coloured map of ``findings.maps["orientation"]`` is laid over the belly.
        structures: whether outlines are drawn.
        values: whether title and values stand beside the picture, besides the legend.
        legend: whether colours are explained.

    Returns:
        ``(H, W, 3)`` uint8 RGB.

    Raises:
        ExamError: if the findings have no clip (they were read back from a file) or the frame does not exist.
    """
    clip = findings.clip
    if clip is None:
        raise ExamError("These findings hold no picture to draw on; examine the clip again, then ask for the overlay.")
    index = representative_frame(findings) if frame is None else frame
    if not 0 <= index < clip.n_frames:
        raise ExamError(f"There is no frame {index} in a clip of {clip.n_frames}; give 0 to {clip.n_frames - 1}.")
    found = [s for s in findings.structures if s.frame == index]
    drawn = sorted(found, key=lambda s: style_of(s.label).order) if structures else []
    viewport = fit_viewport(clip, drawn)
    base = clip.frame(index) if clip.colour is None else clip.colour[index]
    canvas = viewport.show(base)
    field = orientation_field(findings, index) if orientation else None
    centre_deg = _lay_orientation(canvas, viewport, field) if field is not None else None
    for structure in drawn:
        draw_structure(canvas, structure, viewport)
    size_px = int(np.clip(viewport.picture_size[0] / 52, 15, 26))
    strip = _foot(clip, viewport, index, size_px=size_px)
    picture = np.concatenate([canvas, strip])
    wide = picture.shape[1] > 2.2 * picture.shape[0]
    styles = legend_styles(drawn) if legend else []
    blocks = []
    if values:
        rows = [_title(findings, index), *FrameValues(findings).rows(index)]
        blocks.append(draw_rows(rows, width_px=22 * size_px, size_px=size_px))
    if styles:
        blocks.append(
            draw_rows(legend_rows(styles), width_px=(22 if values and not wide else 15) * size_px, size_px=size_px - 1)
        )
    if centre_deg is not None and legend:
        blocks.append(draw_wheel(centre_deg=centre_deg, size_px=size_px - 1, width_px=16 * size_px))
    if not blocks:
        return picture
    side = _framed(stack(blocks, gap_px=2 * size_px if wide else size_px, across=wide), pad_px=size_px)
    return stack([picture, side], gap_px=0, across=not wide)


def orientation_field(findings: Findings, frame: int) -> Any | None:
    """The frame's dense orientation map (with ``angle_deg`` and ``confidence``, each ``(H, W)``), None without one."""
    fields = findings.maps.get("orientation")
    if fields is None:
        return None
    try:
        return fields[frame]
    except (KeyError, IndexError, TypeError):
        return None


def _lay_orientation(canvas: NDArray[np.uint8], viewport: Viewport, field: Any) -> float:
    region, (width, height) = viewport.region, viewport.picture_size
    angle = np.asarray(field.angle_deg, np.float32)[region.slices]
    confidence = np.asarray(field.confidence, np.float32)[region.slices]
    centre_deg = float(round(axial_mean_deg(angle, confidence) / 5.0) * 5)
    # angles are enlarged by nearest neighbour: interpolation would cross the wrap at 90 degrees
    angle = np.asarray(cv2.resize(angle, (width, height), interpolation=cv2.INTER_NEAREST), np.float32)
    confidence = np.asarray(cv2.resize(confidence, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    left = viewport.margin_px[0]
    part = np.ascontiguousarray(canvas[:, left : left + width])
    blend_orientation(part, angle, confidence, centre_deg=centre_deg)
    canvas[:, left : left + width] = part
    return centre_deg


def _title(findings: Findings, index: int) -> Row:
    verdict = findings.quality.verdict
    name = PurePath(findings.manifest.input_path).name
    return Row(
        text=f"{findings.exam.capitalize()}",
        value=VERDICT_WORDS[verdict],
        note="; ".join(findings.quality.reasons) if verdict != "pass" else fit_text(name, width_px=360, size_px=14),
        colour=VERDICT_COLOURS[verdict],
    )


def _foot(clip: Clip, viewport: Viewport, index: int, *, size_px: int) -> NDArray[np.uint8]:
    width = viewport.size[0]
    strip = np.empty((round(2.6 * size_px), width, 3), np.uint8)
    strip[:] = BACKGROUND
    y = round(0.7 * size_px)
    when = f"frame {index + 1} of {clip.n_frames}" if clip.n_frames > 1 else "still"
    if clip.frame_times_s is not None and clip.n_frames > 1:
        when += f"   {float(clip.frame_times_s[index]):.2f} s"
    left = viewport.margin_px[0] + size_px // 2
    put_text(strip, when, at=(left, y), size_px=size_px - 1, colour=FAINT)
    right = width - viewport.margin_px[1] - size_px // 2
    if viewport.mm_per_px is None:
        put_text(strip, "no scale known", at=(right, y), size_px=size_px - 1, colour=FAINT, align="right")
        return strip
    fitting = [mm for mm in _BAR_LENGTHS_MM if mm / viewport.mm_per_px < 0.3 * viewport.picture_size[0]]
    length_mm = fitting[-1] if fitting else _BAR_LENGTHS_MM[0]
    bar_px = round(length_mm / viewport.mm_per_px)
    middle = y + round(0.65 * size_px)
    cv2.line(strip, (right - bar_px, middle), (right, middle), BRIGHT, 2, cv2.LINE_AA)
    for x in (right - bar_px, right):
        cv2.line(strip, (x, middle - 5), (x, middle + 5), BRIGHT, 2, cv2.LINE_AA)
    put_text(
        strip,
        f"{length_mm} mm",
        at=(right - bar_px - size_px // 2, y),
        size_px=size_px - 1,
        colour=BRIGHT,
        align="right",
    )
    return strip


def _framed(block: NDArray[np.uint8], *, pad_px: int) -> NDArray[np.uint8]:
    framed = np.empty((block.shape[0] + 2 * pad_px, block.shape[1] + 2 * pad_px, 3), np.uint8)
    framed[:] = BACKGROUND
    framed[pad_px : pad_px + block.shape[0], pad_px : pad_px + block.shape[1]] = block
    return framed
