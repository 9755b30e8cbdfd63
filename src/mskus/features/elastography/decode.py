"""An elastogram's colours turned back into values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from mskus.errors import FeatureError
from mskus.features.elastography.colour_bar import COLOURED, ColourBar, to_lab

F64 = NDArray[np.float64]
RGB = NDArray[np.uint8]

# Beyond this a colour is not one of the bar's: text, a caliper, the box's frame.
FARTHEST_LAB, FARTHEST_RGB = 20.0, 25.0
_NO_COLOUR = "No pixel of the region has a colour of the bar; is it the box of the elastogram?"
# Opacities that misfit by no more than this factor (and a quarter level) do equally well; they may not lie far apart.
_ALIKE, _WIDEST_GUESS = 1.5, 0.15
OPACITIES = np.arange(0.2, 1.0001, 0.025)
# The plane of colours without grey, by two orthonormal axes.
_TINT = np.array([[2.0, -1.0, -1.0], [0.0, 1.0, -1.0]]) / np.sqrt([[6.0], [2.0]])


@dataclass(frozen=True, kw_only=True, eq=False)
class Elastogram:
    """Values decoded from colours.

    Attributes:
        values: ``(H, W)``, NaN where there is no colour of the bar.
        standard_error: ``(H, W)`` of one pixel's value, from how far colours lie off the bar.
        opacity: of the colours over the grey picture, given or found.
        bar: what they were compared with.
    """

    values: F64
    standard_error: F64
    opacity: float
    bar: ColourBar


def decode_elastogram(
    image: RGB,
    *,
    bar: ColourBar,
    mask: NDArray[np.bool_] | None = None,
    bmode: NDArray[np.uint8] | None = None,
    opacity: float | None = None,
) -> Elastogram:
    r"""Value of each coloured pixel: that of the nearest colour of the bar, the grey picture beneath taken out.

    Scanners show :math:`p = \alpha c + (1-\alpha) g` of a bar's colour c over a grey level g.

    - Opaque (:math:`\alpha = 1`): the colour nearest in Lab.
    - With the same grey picture (many scanners show it beside): :math:`c = (p - (1-\alpha) g)/\alpha`, then as before.
    - Without: grey changes all of red, green and blue alike, so p and c are compared in the plane at right angles to
      grey, where :math:`p_\perp = \alpha c_\perp`.

    Where the opacity is not given, that with the smallest distances is taken, if it stands out.

    The standard error of a pixel is the root mean square distance over the degrees of freedom across the bar's line
    (two in Lab, one in the plane), divided by how fast the bar's colour changes with the value, and the bar's own
    steps.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        bar: the scale.
        mask: ``(H, W)`` where to decode, such as the elastogram's box; all coloured pixels by default, which leaves
            out the white or grey part of a bar that has one.
        bmode: ``(H, W)`` uint8 grey picture in register with the elastogram.
        opacity: 0 to 1; None to find it.

    Returns:
        The values.

    Raises:
        FeatureError: if shapes do not fit, if nothing inside is coloured, or if the opacity cannot be told (a scale of
            one hue to either side of white) and must be given.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise FeatureError(f"A colour picture (H, W, 3) uint8 is needed; got {image.dtype} of shape {image.shape}.")
    for name, plane in (("mask", mask), ("grey picture", bmode)):
        if plane is not None and plane.shape != image.shape[:2]:
            raise FeatureError(f"The {name} is {plane.shape} but its picture {image.shape[:2]}; give one to fit.")
    coloured = np.ptp(image, axis=2) > 0.5 * COLOURED
    inside = coloured if mask is None else np.asarray(mask) != 0  # a mask of numbers would be taken for indices
    if opacity is not None and not 0.05 <= opacity <= 1.0:
        raise FeatureError(f"The opacity {opacity:g} is not between 0.05 and 1.")
    # To find the opacity takes colour; with it given, a bar's own white or grey may fill the region.
    usable = inside if opacity is not None else coloured & inside
    if not usable.any():
        raise FeatureError(_NO_COLOUR)
    alpha = _opacity(image, bmode, usable, bar) if opacity is None else opacity
    scale, shown = _compared(image, bmode, inside, bar, alpha)
    if scale.shape[1] == 3:
        scale, shown = to_lab(scale), to_lab(shown)
    freedom = scale.shape[1] - 1
    distance, nearest = (np.asarray(found) for found in KDTree(scale).query(shown))
    speed = _speed(scale, bar.values)
    known = distance <= (FARTHEST_LAB if freedom == 2 else FARTHEST_RGB)
    if not known.any():
        raise FeatureError(_NO_COLOUR)
    off = float(np.sqrt((distance[known] ** 2).mean() / freedom))
    step = (bar.high - bar.low) / len(bar.colours)
    values, errors = np.full(inside.shape, np.nan), np.full(inside.shape, np.nan)
    values[inside] = np.where(known, bar.values[nearest], np.nan)
    errors[inside] = np.where(known, np.hypot(off / speed[nearest], step / np.sqrt(12.0)), np.nan)
    return Elastogram(values=values, standard_error=errors, opacity=float(alpha), bar=bar)


def _compared(
    image: RGB, bmode: NDArray[np.uint8] | None, inside: NDArray[np.bool_], bar: ColourBar, opacity: float
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Colours of the bar and of the pixels where they can be compared: RGB without the grey, or the plane of tints."""
    pixels = image[inside].astype(np.float64)
    if bmode is None and opacity < 1.0:
        return opacity * bar.colours @ _TINT.T, pixels @ _TINT.T
    under = 0.0 if bmode is None else (1.0 - opacity) * bmode[inside].astype(np.float64)[:, None]
    return bar.colours.astype(np.float64), (pixels - under) / opacity


def _speed(scale: NDArray[np.floating], values: F64) -> F64:
    """``(N,)`` change of colour per unit of value, over an eighth of the bar (rows may be equal after compression)."""
    here, last = np.arange(len(scale)), len(scale) - 1
    reach = max(1, len(scale) // 16)
    ahead, behind = np.minimum(here + reach, last), np.maximum(here - reach, 0)
    change = np.linalg.norm(scale[ahead] - scale[behind], axis=1)
    return np.maximum(change / (values[ahead] - values[behind]), 1e-9)


def _opacity(image: RGB, bmode: NDArray[np.uint8] | None, inside: NDArray[np.bool_], bar: ColourBar) -> float:
    """The opacity under which colours lie nearest to the bar, in grey levels of the screen.

    Raises:
        FeatureError: if several do equally well.
    """
    chosen = np.zeros_like(inside)
    places = np.flatnonzero(inside)
    chosen.flat[places[:: max(1, len(places) // 2000)]] = True
    misfit = []
    for alpha in OPACITIES:
        scale, shown = _compared(image, bmode, chosen, bar, float(alpha))
        # What was divided by the opacity is brought back to the screen's levels.
        shrunk = float(alpha) if scale.shape[1] == 3 else 1.0
        misfit.append(shrunk * float(np.median(KDTree(scale).query(shown)[0])))
    best = int(np.argmin(misfit))
    alike = OPACITIES[np.array(misfit) <= _ALIKE * misfit[best] + 0.25]
    if np.ptp(alike) > _WIDEST_GUESS:
        raise FeatureError(
            f"The colours' opacity cannot be told from this bar (anything from {alike[0]:.2f} to {alike[-1]:.2f} "
            f"fits); give it, or the grey picture beside the elastogram."
        )
    return float(OPACITIES[best])
