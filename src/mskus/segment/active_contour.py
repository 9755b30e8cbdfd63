"""Active contours: a rough outline drawn to the edges of the picture, by level sets or by a snake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.errors import FeatureError

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
Contour = Literal["chan_vese", "geodesic", "gradient_vector_flow"]


def refine_mask(picture: ArrayLike, start: ArrayLike, *, method: Contour = "chan_vese", reach_px: int = 8) -> Mask:
    """Draw each part of a rough mask to the edges of the picture; an outline that moves too far stays where it was.

    Every part is worked on in its own surroundings, so that what lies far away has no say in what is inside and out.

    Args:
        picture: ``(H, W)`` grey levels.
        start: ``(H, W)`` mask, anything above zero counts.
        method: ``"chan_vese"`` (inside and outside differ in brightness), ``"geodesic"`` (the outline stops at edges)
            or ``"gradient_vector_flow"`` (a snake drawn to edges from afar).
        reach_px: how far an outline may move.

    Returns:
        ``(H, W)`` bool. A part that vanished, or changed its area more than twofold, is the rough one.

    Raises:
        FeatureError: if picture and mask differ in shape, the picture is not finite or one pixel wide, or the method is
            unknown.

    Source: see :func:`chan_vese`, :func:`geodesic` and :func:`gradient_vector_flow`.

    Example:
        >>> y, x = np.mgrid[:64, :64]
        >>> disc = np.hypot(y - 32, x - 32) < 16
        >>> rough = np.hypot(y - 34, x - 30) < 13
        >>> found = refine_mask(np.where(disc, 20.0, 150.0), rough)
        >>> bool((found != disc).mean() < 0.01)
        True
    """
    grey, rough = _checked(picture, start)
    if method not in _METHODS:
        raise FeatureError(f"There is no active contour {method!r}; choose one of {', '.join(_METHODS)}.")
    count, parts, boxes, _ = cv2.connectedComponentsWithStats(rough.astype(np.uint8), connectivity=8)
    found = np.zeros(rough.shape, bool)
    margin = 2 * reach_px
    for number in range(1, count):
        x, y, w, h = (int(v) for v in boxes[number, :4])
        around = slice(max(y - margin, 0), y + h + margin), slice(max(x - margin, 0), x + w + margin)
        part = parts[around] == number
        found[around] |= _settled(part, _METHODS[method](grey[around], part), reach_px=reach_px)
    return found


def chan_vese(picture: F32, start: Mask, *, iterations: int = 20, smoothing: int = 2) -> Mask:
    r"""Morphological active contour without edges.

    The outline moves to lower :math:`\int_{in}(I-c_1)^2 + \int_{out}(I-c_2)^2` with the means inside and out, and is
    smoothed by morphology.

    Args:
        picture: ``(H, W)`` grey levels.
        start: ``(H, W)``.
        iterations: about as many pixels can the outline move.
        smoothing: passes of smoothing an iteration.

    Source:
        Chan & Vese 2001, IEEE TIP 10:266; Marquez-Neila, Baumela & Alvarez 2014, IEEE TPAMI 36:2.
    """
    from skimage.segmentation import morphological_chan_vese

    level = morphological_chan_vese(_unit(picture), iterations, init_level_set=start, smoothing=smoothing)  # type: ignore[no-untyped-call]
    return np.asarray(level > 0)


def geodesic(
    picture: F32, start: Mask, *, iterations: int = 20, smoothing: int = 2, sigma_px: float = 2.0, balloon: float = 0.0
) -> Mask:
    r"""Morphological geodesic active contour.

    The outline falls into the valleys of :math:`g = 1/\sqrt{1+\alpha|\nabla I|}`.

    Args:
        picture: ``(H, W)`` grey levels.
        start: ``(H, W)``.
        iterations: about as many pixels can the outline move.
        smoothing: passes of smoothing an iteration.
        sigma_px: of the Gaussian derivative.
        balloon: 1 lets the outline grow where there is no edge, -1 shrink.

    Source:
        Caselles, Kimmel & Sapiro 1997, IJCV 22:61; Marquez-Neila, Baumela & Alvarez 2014, IEEE TPAMI 36:2.
    """
    from skimage.segmentation import inverse_gaussian_gradient, morphological_geodesic_active_contour

    stop = inverse_gaussian_gradient(_unit(picture), alpha=100.0, sigma=sigma_px)  # type: ignore[no-untyped-call]
    level = morphological_geodesic_active_contour(  # type: ignore[no-untyped-call]
        stop, iterations, init_level_set=start, smoothing=smoothing, threshold="auto", balloon=balloon
    )
    return np.asarray(level > 0)


def gradient_vector_flow(edges: ArrayLike, *, mu: float = 0.2, iterations: int = 80) -> F32:
    r"""A field that points to edges, also from where there is no gradient and into concavities.

    The steady state of :math:`v_t = \mu\nabla^2 v - (v - \nabla f)|\nabla f|^2`: the gradient of the edge map `f` near
    edges, smoothly spread elsewhere.

    Args:
        edges: ``(H, W)``, 0 (no edge) to 1.
        mu: smoothness.
        iterations: of the explicit scheme; the field reaches about the square root of it in pixels.

    Returns:
        ``(2, H, W)`` float32, along x and y.

    Raises:
        FeatureError: if mu is not positive or the map is not finite.

    Source:
        Xu & Prince 1998, IEEE TIP 7:359.
    """
    f = np.asarray(edges, np.float32)
    if f.ndim != 2 or not np.isfinite(f).all():
        raise FeatureError("An edge map (H, W) without NaN is needed for the gradient vector flow.")
    if not mu > 0:
        raise FeatureError(f"mu = {mu:g} must be a positive number.")
    step = np.float32(min(1.0, 0.2 / mu))  # the scheme is stable below a quarter
    fy, fx = np.gradient(f)
    pull = fx * fx + fy * fy
    flow = [np.asarray(fx, np.float32), np.asarray(fy, np.float32)]
    goal = [fx * pull, fy * pull]
    for _ in range(iterations):
        for axis in range(2):
            spread = cv2.Laplacian(flow[axis], cv2.CV_32F, borderType=cv2.BORDER_REPLICATE)
            flow[axis] = flow[axis] + step * (np.float32(mu) * spread - pull * flow[axis] + goal[axis])
    return np.stack(flow)


def snake(
    points: F64, flow: F32, *, alpha: float = 0.05, beta: float = 0.5, rate: float = 1.0, iterations: int = 60
) -> F64:
    r"""A closed contour that follows a field of forces and resists stretching (alpha) and bending (beta).

    Each step solves :math:`(I + \tau(\beta D_4 - \alpha D_2))\,x' = x + \tau F(x)` with unit forces, after which the
    points are spread evenly along the contour.

    Args:
        points: ``(N, 2)`` of ``(x, y)``, N at least 8.
        flow: ``(2, H, W)``, see :func:`gradient_vector_flow`.
        alpha: weight of the first derivative.
        beta: weight of the second derivative.
        rate: pixels that a point moves in a step, at most.
        iterations: steps.

    Raises:
        FeatureError: if there are fewer than 8 points.

    Source:
        Kass, Witkin & Terzopoulos 1988, IJCV 1:321; Xu & Prince 1998.
    """
    n = len(points)
    if n < 8:
        raise FeatureError(f"A snake needs at least 8 points; got {n}.")
    eye = np.eye(n)
    second = np.roll(eye, 1, axis=1) - 2.0 * eye + np.roll(eye, -1, axis=1)
    solve = np.linalg.inv(eye + rate * (beta * second @ second - alpha * second))
    length = np.hypot(*flow)
    unit = flow / np.maximum(length, 1e-3 * max(float(length.max()), 1e-6))
    height, width = length.shape
    at = evenly_spaced(points, n=n)
    for _ in range(iterations):
        x, y = (at[None, :, axis].astype(np.float32) for axis in (0, 1))
        force = [cv2.remap(part, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0] for part in unit]
        at = solve @ (at + rate * np.stack(force, axis=1))
        at = evenly_spaced(np.clip(at, 0.0, [width - 1.0, height - 1.0]), n=n)
    return at


def evenly_spaced(points: F64, *, n: int) -> F64:
    """``(n, 2)`` points at equal steps along a closed contour, the first where it was.

    Example:
        >>> square = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
        >>> evenly_spaced(square, n=8)[1:3].tolist()
        [[2.0, 0.0], [4.0, 0.0]]
    """
    closed = np.vstack([points, points[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    at = np.linspace(0.0, along[-1], n, endpoint=False)
    return np.stack([np.interp(at, along, closed[:, axis]) for axis in (0, 1)], axis=1)


def _snake_mask(picture: F32, start: Mask) -> Mask:
    """The snake's road from mask to mask: its edges are the smoothed picture's gradient."""
    outlines, _ = cv2.findContours(start.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len)[:, 0].astype(np.float64)
    if len(outline) < 16:
        return start
    smooth = cv2.GaussianBlur(_unit(picture), (0, 0), 2.0)
    edges = np.hypot(*np.gradient(smooth))
    flow = gradient_vector_flow(edges / max(float(edges.max()), 1e-6))
    at = snake(evenly_spaced(outline, n=min(len(outline) // 2, 120)), flow, rate=0.5, iterations=40)
    found = np.zeros(start.shape, np.uint8)
    cv2.fillPoly(found, [np.rint(at).astype(np.int32)], 1)
    return np.asarray(found > 0)


_METHODS: dict[str, Callable[[F32, Mask], Mask]] = {
    "chan_vese": chan_vese,
    "geodesic": geodesic,
    "gradient_vector_flow": _snake_mask,
}
CONTOURS: tuple[Contour, ...] = get_args(Contour)


def _settled(part: Mask, found: Mask, *, reach_px: int) -> Mask:
    """What was found within reach of the rough part, in one piece and without holes; else the part itself."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach_px + 1, 2 * reach_px + 1))
    near = found & (cv2.dilate(part.astype(np.uint8), disc) > 0)
    outlines, _ = cv2.findContours(near.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return part
    whole = np.zeros(part.shape, np.uint8)
    cv2.drawContours(whole, [max(outlines, key=cv2.contourArea)], 0, 1, cv2.FILLED)
    return np.asarray(whole > 0) if 0.5 <= whole.sum() / part.sum() <= 2.0 else part


def _unit(picture: F32) -> F32:
    """Grey levels from 0 to 1; zeros where the picture is constant."""
    low, high = float(picture.min()), float(picture.max())
    return np.asarray((picture - low) / max(high - low, 1e-6), np.float32)


def _checked(picture: ArrayLike, start: ArrayLike) -> tuple[F32, Mask]:
    grey, rough = np.asarray(picture, np.float32), np.asarray(start) > 0
    if grey.ndim != 2 or grey.shape != rough.shape:
        raise FeatureError(f"A grey picture and a mask of one size are needed; got {grey.shape} and {rough.shape}.")
    if min(grey.shape) < 2:
        raise FeatureError(f"A picture of {grey.shape} has no edges to draw an outline to; 2 x 2 pixels are the least.")
    if not np.isfinite(grey).all():
        raise FeatureError("The picture holds NaN or infinite values; replace them first.")
    return grey, rough
