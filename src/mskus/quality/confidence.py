"""Ultrasound confidence map: how likely a random walk from a pixel meets the probe before the bottom of the picture."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import QualityError
from mskus.quality.random_walk import Couplings, solve

# Added to every weight, so that no pixel is cut off; the value of the authors' program.
_FLOOR = 1e-5
# Fall of the preconditioned residual; the map then lies within about 0.003 of the direct solution.
_TOLERANCE = 1e-5
# An edge of the field steeper than this is its side and neither probe nor bottom (row over column).
_STEEPEST = 1.0

# (rows, columns) of both ends of every edge of that direction.
_ALL, _BUT_LAST, _BUT_FIRST = slice(None), slice(None, -1), slice(1, None)
_DOWN = ((_BUT_LAST, _ALL), (_BUT_FIRST, _ALL))
_RIGHT = ((_ALL, _BUT_LAST), (_ALL, _BUT_FIRST))
_DOWN_RIGHT = ((_BUT_LAST, _BUT_LAST), (_BUT_FIRST, _BUT_FIRST))
_UP_RIGHT = ((_BUT_FIRST, _BUT_LAST), (_BUT_LAST, _BUT_FIRST))


def confidence_map(
    image: ArrayLike,
    *,
    alpha: float = 2.0,
    beta: float = 90.0,
    gamma: float = 0.05,
    diagonal: float = math.sqrt(2.0),
    field: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    r"""Confidence of every pixel, 1 at the probe and 0 at the bottom.

    Grey levels \(g\), scaled to 0..1, are weighted by depth \(l\) (distance from the probe over the greatest one),
    \(c_i = g_i\,(1 - e^{-\alpha l_i})\). Neighbours \(i, j\) are joined with the weight

    \[ w_{ij} = \exp(-\beta\, s_{ij}) + 10^{-5}, \qquad
       s_{ij} \propto \frac{|c_i - c_j|}{\max |c_i - c_j|} + p_{ij}\gamma , \]

    \(s\) scaled to a maximum of 1, with \(p = 0\) for vertical, 1 for horizontal and ``diagonal`` for diagonal
    neighbours. The map solves \(Lx = 0\), \(L\) the graph's Laplacian, with \(x = 1\) at the probe and \(x = 0\) at the
    bottom. Source: Karamalis, Wein, Klein, Navab, Ultrasound confidence maps using random walks, Med Image Anal
    16:1101, 2012; depth weight, scaling and floor of the weights as in the authors' released program.

    Args:
        image: ``(H, W)`` grey levels of B-mode, any range.
        alpha: attenuation; larger counts shallow edges more.
        beta: how strongly a grey-level edge stops the walk.
        gamma: how strongly sideways steps are discouraged.
        diagonal: penalty of a diagonal step in units of ``gamma``: root of two in the paper, 1.0 in its program.
        field: ``(H, W)`` bool, the insonified field; the walk stays inside. Its upper and lower borders, where they run
            flatter than 45 degrees, are probe and bottom, so a sector's sides are neither.

    Returns:
        ``(H, W)`` float32, 0..1; 0 outside the field.

    Raises:
        QualityError: if the picture is not 2-D, holds NaN, is too small, or the field has no upper and lower border.

    Example:
        >>> confidence_map(np.full((5, 3), 80))[:, 1].round(3).tolist()  # nothing but depth
        [1.0, 0.75, 0.5, 0.25, 0.0]
    """
    grey, inside = _checked(image, field)
    rows, columns = _box(inside)
    grey, inside = grey[rows, columns], inside[rows, columns]
    probe, bottom = _border(inside), _border(inside[::-1])[::-1]
    free = inside & ~probe & ~bottom
    if not (probe.any() and bottom.any() and free.any()):
        raise QualityError("The field has no upper and lower border three rows apart; give the insonified field.")
    couplings, rhs = _system(grey, inside, free, probe, (alpha, beta, gamma, diagonal))
    solution, _ = solve(couplings, rhs, tolerance=_TOLERANCE)
    out = np.zeros(np.shape(image), np.float32)
    out[rows, columns] = np.where(free, np.clip(solution, 0.0, 1.0), probe)
    return out


def penetration_fraction(confidence: NDArray[np.float32], *, field: NDArray[np.bool_] | None = None) -> float:
    """Depth, as a fraction of the field's height, down to which the median confidence of a row exceeds one half.

    In a picture without edges the confidence falls in a straight line, and the fraction is one half.

    Args:
        confidence: ``(H, W)`` from :func:`confidence_map`.
        field: ``(H, W)`` bool, the insonified field.

    Example:
        >>> round(penetration_fraction(confidence_map(np.full((101, 8), 80))), 2)
        0.5
    """
    inside = np.ones(confidence.shape, bool) if field is None else field
    filled = np.flatnonzero(inside.any(1))
    medians = np.array([np.median(confidence[r][inside[r]]) for r in filled])
    below = np.flatnonzero(medians < 0.5)
    return float((below[0] if below.size else filled.size) / max(filled.size, 1))


def _checked(image: ArrayLike, field: NDArray[np.bool_] | None) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    grey = np.asarray(image, np.float32)
    if grey.ndim != 2 or grey.shape[0] < 3 or grey.shape[1] < 1:
        raise QualityError(f"A confidence map needs a grey picture of three rows or more; this is {grey.shape}.")
    if field is not None and field.shape != grey.shape:
        raise QualityError(f"The field is {field.shape} but its picture {grey.shape}; give a field to fit.")
    if field is None or field.all():
        inside = np.ones(grey.shape, bool)
    else:
        count, labels, sizes, _ = cv2.connectedComponentsWithStats(field.astype(np.uint8), connectivity=8)
        if count < 2:
            raise QualityError("The field is empty; give the insonified field.")
        inside = labels == 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))
    if not np.isfinite(grey[inside]).all():
        raise QualityError("The picture holds NaN or infinite grey levels; replace them first.")
    return np.where(inside, grey, 0.0), inside


def _box(inside: NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _border(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Topmost pixel of every column where that border runs flatter than 45 degrees."""
    top = inside.argmax(0)
    width = top.size
    reach = max(1, width // 64)
    ahead, behind = np.minimum(np.arange(width) + reach, width - 1), np.maximum(np.arange(width) - reach, 0)
    flat = np.abs(top[ahead] - top[behind]) <= _STEEPEST * (ahead - behind)
    border = np.zeros(inside.shape, bool)
    columns = np.flatnonzero(flat)
    border[top[columns], columns] = True
    return border


def _system(
    grey: NDArray[np.float32],
    inside: NDArray[np.bool_],
    free: NDArray[np.bool_],
    probe: NDArray[np.bool_],
    parameters: tuple[float, float, float, float],
) -> tuple[Couplings, NDArray[np.float64]]:
    """Laplacian of the free pixels and its right-hand side; all others stand alone with the answer 0."""
    alpha, beta, gamma, diagonal = parameters
    away = cv2.distanceTransform((~probe).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    depth = np.asarray(away, np.float32) / max(float(away[inside].max()), 1e-6)
    values = grey[inside]
    low, span = float(values.min()), float(np.ptp(values))
    c = (grey - low) / max(span, 1e-12) * -np.expm1(-alpha * depth)

    edges = [(_DOWN, 0.0), (_UP_RIGHT, diagonal * gamma), (_RIGHT, gamma), (_DOWN_RIGHT, diagonal * gamma)]
    joined = [inside[a] & inside[b] for (a, b), _ in edges]
    steps = [np.where(ok, np.abs(c[a] - c[b]), 0.0) for ((a, b), _), ok in zip(edges, joined, strict=True)]
    greatest = max(float(step.max(initial=0.0)) for step in steps)
    steps = [step / max(greatest, 1e-12) + penalty for step, (_, penalty) in zip(steps, edges, strict=True)]
    top = max(float(step[ok].max(initial=0.0)) for step, ok in zip(steps, joined, strict=True))

    total, rhs = np.zeros(grey.shape), np.zeros(grey.shape)
    couplings = []
    for ((a, b), _), step, ok in zip(edges, steps, joined, strict=True):
        weight = np.where(ok, np.exp(step * np.float32(-beta / max(top, 1e-12))) + np.float32(_FLOOR), np.float32(0))
        total[a] += weight
        total[b] += weight
        rhs[a] += weight * probe[b]
        rhs[b] += weight * probe[a]
        part = np.zeros(grey.shape)
        part[a] = weight * (free[a] & free[b])
        couplings.append(part)
    total[~free], rhs[~free] = 1.0, 0.0
    return Couplings(total, *couplings), rhs
