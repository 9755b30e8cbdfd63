"""Diffusion along what is there: the oriented form of SRAD, for fibres, fasciae and nerve borders."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from mskus.enhance.despeckle.compression import to_envelope, to_grey
from mskus.enhance.despeckle.diffusion import (
    check_steps,
    diffusion_coefficient,
    instantaneous_variation,
    mirror_border,
    starting_variation,
)
from mskus.enhance.despeckle.strips import Strips
from mskus.enhance.despeckle.window import positive
from mskus.enhance.method import Picture, enhancer
from mskus.errors import EnhanceError

# The directions change slowly, so that they are not looked for at every step.
_STEPS_A_DIRECTION = 5


@enhancer("oriented_srad", kind="despeckle", source="Krissian et al. 2007, IEEE Trans Image Process 16:1412")
def oriented_srad(
    picture: Picture,
    *,
    iterations: int = 25,
    step: float = 0.2,
    along: float = 0.9,
    scale_px: float = 3.0,
    variation: float | None = None,
    decay: float = 1.0 / 15.0,
    compression_db: float | None = 60.0,
) -> Picture:
    r"""Oriented speckle reducing anisotropic diffusion of the envelope, $\partial_t a = \nabla\cdot(D\,\nabla a)$.

    $D = c(q)\,n n^{\mathsf T} + c_t\,t t^{\mathsf T}$: across a line or edge (``n``) SRAD's coefficient, along it
    (``t``) a constant one, so that noise on an edge is smoothed too. ``n`` is the main direction of the structure
    tensor of ``log a`` (Weickert 1999, Int J Comput Vis 31:111).

    Args:
        picture: ``(H, W)`` grey levels 0-255.
        iterations: number of steps.
        step: of time, at most 0.25.
        along: ``c_t``, 0 to 1.
        scale_px: standard deviation of the Gaussian that averages the structure tensor.
        variation: SRAD's ``q0`` at the start; None takes the median over the picture.
        decay: of ``q0`` per unit of time.
        compression_db: dynamic range of the display; None for a linear picture.

    Raises:
        EnhanceError: if a parameter is not possible.
    """
    positive(scale_px=scale_px, decay=decay)
    check_steps(iterations, step=step, largest=0.25)
    if not 0.0 <= along <= 1.0:
        raise EnhanceError(f"along = {along:g} is a share of the diffusion and lies between 0 and 1.")
    envelope = to_envelope(picture, compression_db=compression_db)
    now = np.pad(np.maximum(envelope, np.float32(1e-6)), 1, mode="edge")
    then, across = np.empty_like(now), np.zeros_like(now)
    with Strips(len(picture)) as strips:
        for k in range(iterations):
            if k % _STEPS_A_DIRECTION == 0:
                cos2, sin2 = _double_angle(now, scale_px)
            strips(instantaneous_variation, now, across)
            if k == 0:
                start = starting_variation(across[1:-1, 1:-1], given=variation)
            # SRAD's unit of time holds a quarter of the flow
            q0 = max(start * np.exp(-4.0 * decay * step * k), 1e-4)
            strips(diffusion_coefficient, across, np.float32(q0 * q0))
            mirror_border(across)
            strips(_diffuse_tensor, now, across, np.float32(along), cos2, sin2, np.float32(step), then)
            mirror_border(then)
            now, then = then, now
    return to_grey(now[1:-1, 1:-1].copy(), compression_db=compression_db)


def _double_angle(envelope: Picture, scale_px: float) -> tuple[Picture, Picture]:
    """Cosine and sine of twice the angle of ``n``."""
    level = np.asarray(cv2.log(np.maximum(envelope, np.float32(1e-6))))
    dx, dy = cv2.Scharr(level, cv2.CV_32F, 1, 0), cv2.Scharr(level, cv2.CV_32F, 0, 1)
    difference = cv2.GaussianBlur(dx * dx - dy * dy, (0, 0), scale_px)
    product = cv2.GaussianBlur(2.0 * dx * dy, (0, 0), scale_px)
    length = np.maximum(cv2.magnitude(difference, product), np.float32(1e-12))
    return np.asarray(difference / length, np.float32), np.asarray(product / length, np.float32)


@njit(cache=True, nogil=True, fastmath=True)
def _diffuse_tensor(first, end, u, across, along, cos2, sin2, step, out):  # type: ignore[no-untyped-def]
    # D = mean I + half difference [[cos2, sin2], [sin2, -cos2]]: flow between neighbours by half-way averages of the
    # diagonal, mixed derivatives by central differences
    half, eighth = np.float32(0.5), np.float32(0.125)
    for y in range(first + 1, end + 1):
        for x in range(1, u.shape[1] - 1):
            here = u[y, x]
            m, d = half * (across[y, x] + along), half * (across[y, x] - along)
            xx, yy = m + d * cos2[y, x], m - d * cos2[y, x]
            flow = np.float32(0.0)
            for k in (-1, 1):
                m, d = half * (across[y, x + k] + along), half * (across[y, x + k] - along)
                flow += half * (xx + m + d * cos2[y, x + k]) * (u[y, x + k] - here)
                flow += eighth * k * np.float32(2.0) * d * sin2[y, x + k] * (u[y + 1, x + k] - u[y - 1, x + k])
                m, d = half * (across[y + k, x] + along), half * (across[y + k, x] - along)
                flow += half * (yy + m - d * cos2[y + k, x]) * (u[y + k, x] - here)
                flow += eighth * k * np.float32(2.0) * d * sin2[y + k, x] * (u[y + k, x + 1] - u[y + k, x - 1])
            out[y, x] = max(here + step * flow, np.float32(1e-6))
