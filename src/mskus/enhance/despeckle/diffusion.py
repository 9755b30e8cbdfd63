"""Diffusion that stops at edges: Perona-Malik, and the speckle reducing kind of Yu and Acton."""

from __future__ import annotations

import numpy as np
from numba import njit

from mskus.enhance.despeckle.compression import to_envelope, to_grey
from mskus.enhance.despeckle.strips import Strips
from mskus.enhance.despeckle.window import RAYLEIGH_VARIATION, positive, typical
from mskus.enhance.method import Picture, enhancer
from mskus.errors import EnhanceError

_MOST_ITERATIONS = 1000


@enhancer("perona_malik", kind="despeckle", source="Perona & Malik 1990, IEEE Trans Pattern Anal Mach Intell 12:629")
def perona_malik(picture: Picture, *, iterations: int = 30, edge_levels: float = 15.0, step: float = 0.2) -> Picture:
    r"""Anisotropic diffusion of the log-compressed picture.

    $\partial_t g = \nabla\cdot(c\,\nabla g)$ with $c = 1/(1 + |\nabla g|^2/\kappa^2)$, the source's second function.

    Args:
        picture: ``(H, W)`` grey levels 0-255.
        iterations: number of steps of time.
        edge_levels: ``kappa``, the difference of neighbours in grey levels from which on an edge is kept.
        step: of time, at most 0.25.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    positive(edge_levels=edge_levels)
    check_steps(iterations, step=step, largest=0.25)
    now = np.pad(picture, 1, mode="edge")
    then = np.empty_like(now)
    with Strips(len(picture)) as strips:
        for _ in range(iterations):
            strips(_perona_malik, now, np.float32(edge_levels**-2), np.float32(step), then)
            mirror_border(then)
            now, then = then, now
    return now[1:-1, 1:-1].copy()


@enhancer("srad", kind="despeckle", source="Yu & Acton 2002, IEEE Trans Image Process 11:1260")
def srad(
    picture: Picture,
    *,
    iterations: int = 40,
    step: float = 0.5,
    variation: float | None = None,
    decay: float = 1.0 / 25.0,
    compression_db: float | None = 60.0,
) -> Picture:
    r"""Speckle reducing anisotropic diffusion of the envelope.

    $\partial_t a = \nabla\cdot(c(q)\nabla a)$ with $c = 1 / \big(1 + (q^2 - q_0^2) / (q_0^2 (1 + q_0^2))\big)$ and the
    instantaneous coefficient of variation

    $q^2 = \big(\tfrac12 |\nabla a|^2/a^2 - \tfrac1{16} (\nabla^2 a/a)^2\big) / (1 + \tfrac14 \nabla^2 a/a)^2$.

    Speckle's own $q_0(t) = q_0 e^{-\rho t}$ falls as it is smoothed. Between two pixels flows what the smaller of their
    coefficients lets through; the source takes the right or lower one's, by which the bright side of an edge leaks into
    the dark one if it lies there.

    Args:
        picture: ``(H, W)`` grey levels 0-255.
        iterations: number of steps.
        step: of time, at most 1.
        variation: ``q0`` at the start; None takes the median of ``q`` over the picture.
        decay: ``rho``, per unit of time (1/6 in the source, for grains of one pixel).
        compression_db: dynamic range of the display; None for a linear picture.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    positive(decay=decay)
    check_steps(iterations, step=step, largest=1.0)
    envelope = to_envelope(picture, compression_db=compression_db)
    now = np.pad(np.maximum(envelope, np.float32(1e-6)), 1, mode="edge")
    then, q2 = np.empty_like(now), np.zeros_like(now)
    with Strips(len(picture)) as strips:
        for k in range(iterations):
            strips(instantaneous_variation, now, q2)
            if k == 0:
                start = starting_variation(q2[1:-1, 1:-1], given=variation)
            q0 = max(start * np.exp(-decay * step * k), 1e-4)
            strips(diffusion_coefficient, q2, np.float32(q0 * q0))
            mirror_border(q2)
            strips(_diffuse, now, q2, np.float32(step / 4.0), then)
            mirror_border(then)
            now, then = then, now
    return to_grey(now[1:-1, 1:-1].copy(), compression_db=compression_db)


def check_steps(iterations: int, *, step: float, largest: float) -> None:
    """Refuse a number of iterations or a step that would not end or not be stable.

    Raises:
        EnhanceError: naming which.
    """
    if not 1 <= iterations <= _MOST_ITERATIONS:
        raise EnhanceError(f"iterations = {iterations} must lie between 1 and {_MOST_ITERATIONS}.")
    if not 0.0 < step <= largest:
        raise EnhanceError(f"step = {step:g} must be above 0 and, to be stable, at most {largest:g}.")


def starting_variation(q2: Picture, *, given: float | None) -> float:
    """``q0`` at the start: as given, else the median over the picture, at most that of a Rayleigh envelope."""
    if given is None:
        return min(float(np.sqrt(typical(q2[::3, ::3]))), RAYLEIGH_VARIATION)
    positive(variation=given)
    return given


def mirror_border(padded: Picture) -> None:
    """Repeat the outermost pixels into the border of one, so that nothing flows out of the picture."""
    padded[0], padded[-1] = padded[1], padded[-2]
    padded[:, 0], padded[:, -1] = padded[:, 1], padded[:, -2]


@njit(cache=True, nogil=True, fastmath=True)
def _perona_malik(first, end, u, inverse_kappa2, step, out):  # type: ignore[no-untyped-def]
    one = np.float32(1.0)
    for y in range(first + 1, end + 1):
        for x in range(1, u.shape[1] - 1):
            here = u[y, x]
            n, s, w, e = u[y - 1, x] - here, u[y + 1, x] - here, u[y, x - 1] - here, u[y, x + 1] - here
            flow = n / (one + n * n * inverse_kappa2) + s / (one + s * s * inverse_kappa2)
            flow += w / (one + w * w * inverse_kappa2) + e / (one + e * e * inverse_kappa2)
            out[y, x] = here + step * flow


@njit(cache=True, nogil=True, fastmath=True)
def instantaneous_variation(first, end, u, q2):  # type: ignore[no-untyped-def]
    """``q^2`` of a padded envelope, rows ``first`` to ``end`` of the picture."""
    half, quarter, sixteenth = np.float32(0.5), np.float32(0.25), np.float32(0.0625)
    for y in range(first + 1, end + 1):
        for x in range(1, u.shape[1] - 1):
            inverse = np.float32(1.0) / u[y, x]
            n, s = u[y - 1, x] * inverse - np.float32(1.0), u[y + 1, x] * inverse - np.float32(1.0)
            w, e = u[y, x - 1] * inverse - np.float32(1.0), u[y, x + 1] * inverse - np.float32(1.0)
            laplacian = n + s + w + e
            below = np.float32(1.0) + quarter * laplacian
            square = half * (n * n + s * s + w * w + e * e) - sixteenth * laplacian * laplacian
            q2[y, x] = max(square / (below * below), np.float32(0.0))


@njit(cache=True, nogil=True, fastmath=True)
def diffusion_coefficient(first, end, q2, q02):  # type: ignore[no-untyped-def]
    """Turn ``q^2`` into the coefficient ``c``, in place, within 0 and 1."""
    scale = np.float32(1.0) / (q02 * (np.float32(1.0) + q02))
    for y in range(first + 1, end + 1):
        for x in range(1, q2.shape[1] - 1):
            above = max(q2[y, x] - q02, np.float32(0.0))
            q2[y, x] = np.float32(1.0) / (np.float32(1.0) + above * scale)


@njit(cache=True, nogil=True, fastmath=True)
def _diffuse(first, end, u, c, quarter_step, out):  # type: ignore[no-untyped-def]
    for y in range(first + 1, end + 1):
        for x in range(1, u.shape[1] - 1):
            here = u[y, x]
            own = c[y, x]
            flow = min(own, c[y - 1, x]) * (u[y - 1, x] - here) + min(own, c[y + 1, x]) * (u[y + 1, x] - here)
            flow += min(own, c[y, x - 1]) * (u[y, x - 1] - here) + min(own, c[y, x + 1]) * (u[y, x + 1] - here)
            out[y, x] = here + quarter_step * flow
