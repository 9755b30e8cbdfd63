"""Plots as hand-written SVG: crisp in print, no plotting library to wait for."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

_INK, _GRID, _LINE, _BAND, _WARN = "#3b4754", "#e3e8ee", "#1565a8", "#9cc4e6", "#d9822b"
_FONT = "font-family:system-ui,'Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif;font-size:10px"


@dataclass(frozen=True, kw_only=True)
class Axes:
    """A rectangle of an SVG picture with a linear scale on either side."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: int = 400
    height: int = 140
    left: int = 38
    right: int = 8
    top: int = 10
    bottom: int = 34

    def px(self, x: ArrayLike) -> NDArray[np.float64]:
        """Horizontal picture coordinate of ``x``."""
        share = (np.asarray(x, float) - self.x[0]) / (self.x[1] - self.x[0])
        return np.asarray(self.left + share * (self.width - self.left - self.right))

    def py(self, y: ArrayLike) -> NDArray[np.float64]:
        """Vertical picture coordinate of ``y`` (grows downwards)."""
        share = (np.asarray(y, float) - self.y[0]) / (self.y[1] - self.y[0])
        return np.asarray(self.height - self.bottom - share * (self.height - self.top - self.bottom))


def nice_ticks(low: float, high: float, *, count: int = 5) -> list[float]:
    """Round numbers (1, 2, 2.5 or 5 times a power of ten) that cover ``low`` to ``high``, about ``count`` of them.

    Example:
        >>> nice_ticks(0.0, 9.3)
        [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    span = max(high - low, 1e-9)
    power = 10.0 ** np.floor(np.log10(span / count))
    step = float(next(power * m for m in (1.0, 2.0, 2.5, 5.0, 10.0) if span / (power * m) <= count))
    first, last = int(np.floor(low / step + 1e-9)), int(np.ceil(high / step - 1e-9))
    return [float(np.round(k * step, 10)) for k in range(first, last + 1)]


def time_series_svg(
    x: Sequence[float],
    values: Sequence[float | None],
    *,
    intervals: Sequence[tuple[float, float] | None],
    x_label: str,
    y_label: str,
) -> str:
    """A value over the clip with its 95 % band; frames without a value are marked at the foot.

    Args:
        x: time in s, or frame numbers.
        values: one a frame, None where it was withheld.
        intervals: 95 % interval of each frame, None where there is none.
        x_label: what ``x`` is, with unit.
        y_label: what the values are, with unit.

    Returns:
        An ``<svg>`` element; a note in words where no frame has a value.
    """
    at = np.asarray(x, float)
    y = np.array([np.nan if v is None else v for v in values], float)
    if not np.isfinite(y).any():
        return f'<p class="note">{escape(y_label)}: no frame has a value.</p>'
    low = np.array([i[0] if i else np.nan for i in intervals], float)
    high = np.array([i[1] if i else np.nan for i in intervals], float)
    low, high = np.where(np.isfinite(y), low, np.nan), np.where(np.isfinite(y), high, np.nan)
    floor, ceiling = float(np.nanmin([y, low])), float(np.nanmax([y, high]))
    room = max(0.08 * (ceiling - floor), 0.02 * abs(ceiling), 1e-6)
    y_ticks = nice_ticks(floor - room, ceiling + room, count=4)
    end = float(at[-1]) if at[-1] > at[0] else float(at[0]) + 1.0
    axes = Axes(x=(float(at[0]), end), y=(y_ticks[0], y_ticks[-1]))
    parts = [_grid(axes, nice_ticks(float(at[0]), end, count=6), y_ticks, x_label)]
    for run in _runs(np.isfinite(low) & np.isfinite(high)):
        edge = np.concatenate([run, run[::-1]])
        bounds = np.concatenate([high[run], low[run[::-1]]])
        parts.append(f'<polygon points="{_points(axes, at[edge], bounds)}" fill="{_BAND}" fill-opacity="0.5"/>')
    for run in _runs(np.isfinite(y)):
        if len(run) == 1:
            cx, cy = axes.px(at[run])[0], axes.py(y[run])[0]
            parts.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="2.2" fill="{_LINE}"/>')
        else:
            points = _points(axes, at[run], y[run])
            parts.append(f'<polyline points="{points}" fill="none" stroke="{_LINE}" stroke-width="1.6"/>')
    step = (end - float(at[0])) / max(len(at) - 1, 1)
    for run in _runs(~np.isfinite(y)):
        x0 = float(axes.px(max(at[run[0]] - step / 2, at[0])))
        x1 = float(axes.px(min(at[run[-1]] + step / 2, end)))
        foot = axes.height - axes.bottom
        parts.append(f'<rect x="{x0:.1f}" y="{foot - 5}" width="{max(x1 - x0, 1.5):.1f}" height="5" fill="{_WARN}"/>')
    return _svg(axes, parts, y_label)


def histogram_svg(counts: ArrayLike, *, x_label: str = "grey level", title: str = "Histogram of grey levels") -> str:
    """A histogram of grey levels as a filled curve, heights in per cent of the pixels."""
    share = np.asarray(counts, float)
    share = 100.0 * share / max(float(share.sum()), 1.0)
    y_ticks = nice_ticks(0.0, max(float(share.max()), 1e-3), count=4)
    axes = Axes(x=(0.0, float(len(share) - 1)), y=(0.0, y_ticks[-1]))
    levels = np.arange(len(share))
    outline = _points(axes, np.concatenate([[0], levels, [len(share) - 1]]), np.concatenate([[0], share, [0]]))
    fill = f'<polygon points="{outline}" fill="{_BAND}" stroke="{_LINE}" stroke-width="1"/>'
    ticks = [0.0, 64.0, 128.0, 192.0, 255.0] if len(share) == 256 else nice_ticks(0, len(share) - 1)
    return _svg(axes, [_grid(axes, ticks, y_ticks, f"{x_label} (height: % of pixels)"), fill], title)


def depth_profile_svg(
    depth: ArrayLike, mean: ArrayLike, *, unit: str = "mm", title: str = "Echo intensity by depth"
) -> str:
    """Mean grey level against the depth below the superficial aponeurosis (or the region's top)."""
    at, level = np.asarray(depth, float), np.asarray(mean, float)
    good = np.isfinite(at) & np.isfinite(level)
    if good.sum() < 2:
        return f'<p class="note">{escape(title)}: too few depths.</p>'
    at, level = at[good], level[good]
    y_ticks = nice_ticks(min(float(level.min()), 0.0), float(level.max()), count=4)
    axes = Axes(x=(float(at[0]), float(at[-1])), y=(y_ticks[0], y_ticks[-1]))
    line = f'<polyline points="{_points(axes, at, level)}" fill="none" stroke="{_LINE}" stroke-width="1.6"/>'
    grid = _grid(axes, nice_ticks(float(at[0]), float(at[-1]), count=5), y_ticks, f"depth ({unit})")
    return _svg(axes, [grid, line], title)


def _runs(keep: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    index = np.flatnonzero(keep)
    return [run for run in np.split(index, np.flatnonzero(np.diff(index) > 1) + 1) if len(run)]


def _points(axes: Axes, x: ArrayLike, y: ArrayLike) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(axes.px(x), axes.py(y), strict=True))


def _grid(axes: Axes, x_ticks: list[float], y_ticks: list[float], x_label: str) -> str:
    foot, side = axes.height - axes.bottom, axes.width - axes.right
    parts = []
    for tick in y_ticks:
        y = float(axes.py(tick))
        parts.append(f'<line x1="{axes.left}" x2="{side}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_GRID}"/>')
        parts.append(f'<text x="{axes.left - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in x_ticks:
        if axes.x[0] - 1e-9 <= tick <= axes.x[1] + 1e-9:
            x = float(axes.px(tick))
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{foot}" y2="{foot + 4}" stroke="{_INK}"/>')
            parts.append(f'<text x="{x:.1f}" y="{foot + 16}" text-anchor="middle">{tick:g}</text>')
    parts.append(f'<line x1="{axes.left}" x2="{side}" y1="{foot}" y2="{foot}" stroke="{_INK}"/>')
    middle = (axes.left + side) / 2
    parts.append(f'<text x="{middle}" y="{axes.height - 3}" text-anchor="middle">{escape(x_label)}</text>')
    return "".join(parts)


def _svg(axes: Axes, parts: list[str], title: str) -> str:
    return (
        f'<svg viewBox="0 0 {axes.width} {axes.height}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg" style="{_FONT}" fill="{_INK}">{"".join(parts)}</svg>'
    )
