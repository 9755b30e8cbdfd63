"""Compiled maps between matter and space: the same formulae as `kinematics`, for a hundred thousand points at once.

The edges come from fine tables (`SampledCurve`), so positions are off by a few micrometres at most.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mskus.simulate.curve import FloatArray, SampledCurve
from mskus.simulate.kinematics import PIVOT, MuscleState

Float32Array = NDArray[np.float32]


@njit(cache=True, fastmath=True)
def _look(x: float, low: float, scale: float, values: Any) -> Any:
    at = int((x - low) * scale + 0.5)
    return values[min(max(at, 0), values.size - 1)]


@njit(cache=True, fastmath=True)
def _material(x: Any, y: Any, tops: Any, bottoms: Any, low: float, scale: float, out: Any) -> None:
    for i in range(x.size):
        top, bottom = _look(x[i], low, scale, tops), _look(x[i], low, scale, bottoms)
        if y[i] < top:
            out[i] = y[i] / top - 1.0
        elif y[i] > bottom:
            out[i] = 1.0 + y[i] - bottom
        else:
            out[i] = (y[i] - top) / (bottom - top)


def to_material(x_mm: FloatArray, *, y_mm: FloatArray, top: SampledCurve, bottom: SampledCurve) -> Float32Array:
    """Relative depth ``V`` at rest of ``(N,)`` points in mm: -1..0 above the belly, 0..1 in it, 1 + mm below it."""
    out = np.empty(x_mm.size, np.float32)
    _material(x_mm, y_mm, top.values, bottom.values, top.low, top.scale, out)
    return out


@njit(cache=True, fastmath=True)
def _to_space(
    rest: Any, v: Any, slide: float, tops: Any, bottoms: Any, low: float, scale: float, out_x: Any, out_y: Any
) -> None:
    for i in range(rest.size):
        above, below, inside = min(v[i], 0.0), max(v[i] - 1.0, 0.0), min(max(v[i], 0.0), 1.0)
        x = rest[i]
        if slide != 0.0:
            x += slide * (inside - PIVOT) * (1.0 + above) * (np.exp(-below / 20.0) if below > 0.0 else 1.0)
        top, bottom = _look(x, low, scale, tops), _look(x, low, scale, bottoms)
        out_x[i] = x
        out_y[i] = top * (1.0 + above) + inside * (bottom - top) + below


def to_space(state: MuscleState, *, x_mm: Float32Array, v: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Where the matter ``(X, V)`` lies in a state of contraction: ``(N,)`` float32 ``x`` and ``y`` in mm."""
    reach = abs(state.slide_mm) + 1.0
    low, high = float(x_mm.min()) - reach, float(x_mm.max()) + reach
    top = SampledCurve(state.superficial, low_mm=low, high_mm=high)
    bottom = SampledCurve(state.deep, low_mm=low, high_mm=high)
    out_x, out_y = np.empty_like(x_mm), np.empty_like(x_mm)
    _to_space(x_mm, v, state.slide_mm, top.values, bottom.values, top.low, top.scale, out_x, out_y)
    return out_x, out_y


@njit(cache=True, fastmath=True)
def _grow(
    x: Any, y: Any, length: Any, cos_turn: Any, sin_turn: Any, step: float, cos_grid: Any, sin_grid: Any,
    x0: float, y0: float, sx: float, sy: float, path: Any, count: Any,
) -> None:  # fmt: skip
    rows, columns = cos_grid.shape
    for i in range(x.size):
        px, py = x[i], y[i]
        n = min(int(length[i] / step) + 1, path.shape[1])
        for k in range(n):
            path[i, k, 0], path[i, k, 1] = px, py
            gx = min(max((px - x0) * sx, 0.0), columns - 1.001)
            gy = min(max((py - y0) * sy, 0.0), rows - 1.001)
            r, c = int(gy), int(gx)
            fr, fc = gy - r, gx - c
            w00, w01, w10, w11 = (1 - fr) * (1 - fc), (1 - fr) * fc, fr * (1 - fc), fr * fc
            cosine = (
                w00 * cos_grid[r, c]
                + w01 * cos_grid[r, c + 1]
                + w10 * cos_grid[r + 1, c]
                + w11 * cos_grid[r + 1, c + 1]
            )
            sine = (
                w00 * sin_grid[r, c]
                + w01 * sin_grid[r, c + 1]
                + w10 * sin_grid[r + 1, c]
                + w11 * sin_grid[r + 1, c + 1]
            )
            dx = cosine * cos_turn[i] - sine * sin_turn[i]
            dy = sine * cos_turn[i] + cosine * sin_turn[i]
            px += step * dx
            py -= step * dy
        count[i] = n


def grow(
    x_mm: FloatArray, *, y_mm: FloatArray, length_mm: FloatArray, turn_deg: FloatArray, step_mm: float,
    angle_deg: FloatArray, corner_mm: tuple[float, float], size_mm: tuple[float, float],
) -> tuple[FloatArray, NDArray[np.int64]]:  # fmt: skip
    """Follow an orientation field from ``(N,)`` seeds.

    Args:
        x_mm: seeds.
        y_mm: seeds.
        length_mm: how far to go from each.
        turn_deg: constant turn of each path against the field.
        step_mm: step.
        angle_deg: ``(R, C)`` field on a grid of ``size_mm`` (width, height) whose first node is ``corner_mm``.
        corner_mm: ``(x, y)`` of the first node.
        size_mm: ``(width, height)`` of the grid.

    Returns:
        ``(N, M, 2)`` paths and ``(N,)`` how many points of each are valid.
    """
    steps = int(float(length_mm.max()) / step_mm) + 1
    path, count = np.zeros((x_mm.size, steps, 2)), np.zeros(x_mm.size, np.int64)
    turn, angle = np.deg2rad(turn_deg), np.deg2rad(angle_deg)
    rows, columns = angle_deg.shape
    _grow(
        x_mm, y_mm, length_mm, np.cos(turn), np.sin(turn), step_mm, np.cos(angle), np.sin(angle),
        corner_mm[0], corner_mm[1], (columns - 1) / size_mm[0], (rows - 1) / size_mm[1], path, count,
    )  # fmt: skip
    return path, count
