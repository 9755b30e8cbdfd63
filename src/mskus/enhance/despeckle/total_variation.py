"""Total variation: the picture with the least sum of gradients that is still close to the given one."""

from __future__ import annotations

import numpy as np
from numba import njit

from mskus.enhance.despeckle.diffusion import check_steps
from mskus.enhance.despeckle.strips import Strips
from mskus.enhance.despeckle.window import positive
from mskus.enhance.method import Picture, enhancer


@enhancer("total_variation", kind="despeckle", source="Rudin, Osher & Fatemi 1992, Physica D 60:259")
def total_variation(picture: Picture, *, weight_levels: float = 30.0, iterations: int = 40) -> Picture:
    r"""$\arg\min_u \tfrac12\|u - g\|^2 + \lambda \sum |\nabla u|$ of the log-compressed picture.

    By the fast gradient projection of the dual (Beck & Teboulle 2009, IEEE Trans Image Process 18:2419).

    Args:
        picture: ``(H, W)`` grey levels 0-255.
        weight_levels: ``lambda`` in grey levels, about the standard deviation of the speckle.
        iterations: of the projection.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    positive(weight_levels=weight_levels)
    check_steps(iterations, step=1.0, largest=1.0)
    weight = np.float32(weight_levels)
    # flows to the right (0) and downwards (1): the dual, and the point ahead of it; zero across the picture's border
    dual = np.zeros((2, picture.shape[0] + 1, picture.shape[1] + 1), np.float32)
    ahead = np.zeros_like(dual)
    u = np.empty_like(picture)
    t = 1.0
    with Strips(len(picture)) as strips:
        for _ in range(iterations):
            strips(_primal, picture, ahead, weight, u)
            t_next = (1.0 + np.sqrt(1.0 + 4.0 * t * t)) / 2.0
            strips(_project, u, np.float32(0.125) / weight, np.float32((t - 1.0) / t_next), dual, ahead)
            t = t_next
        strips(_primal, picture, dual, weight, u)
    return np.clip(u, 0.0, 255.0)


@njit(cache=True, nogil=True, fastmath=True)
def _primal(first, end, g, flow, weight, u):  # type: ignore[no-untyped-def]
    # flow[0, y + 1, x + 1] runs from (x, y) to (x + 1, y), flow[1, ...] to (x, y + 1)
    for y in range(first, end):
        for x in range(g.shape[1]):
            divergence = flow[0, y + 1, x + 1] - flow[0, y + 1, x] + flow[1, y + 1, x + 1] - flow[1, y, x + 1]
            u[y, x] = g[y, x] + weight * divergence


@njit(cache=True, nogil=True, fastmath=True)
def _project(first, end, u, step, momentum, dual, ahead):  # type: ignore[no-untyped-def]
    height, width = u.shape
    for y in range(first, end):
        down = y + 1 if y + 1 < height else y
        for x in range(width):
            right = u[y, x + 1] if x + 1 < width else u[y, x]
            px = ahead[0, y + 1, x + 1] + step * (right - u[y, x])
            py = ahead[1, y + 1, x + 1] + step * (u[down, x] - u[y, x])
            length = max(np.float32(1.0), np.sqrt(px * px + py * py))
            px /= length
            py /= length
            ahead[0, y + 1, x + 1] = px + momentum * (px - dual[0, y + 1, x + 1])
            ahead[1, y + 1, x + 1] = py + momentum * (py - dual[1, y + 1, x + 1])
            dual[0, y + 1, x + 1] = px
            dual[1, y + 1, x + 1] = py
