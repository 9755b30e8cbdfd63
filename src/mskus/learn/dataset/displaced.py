"""The brightness test: masks that do not sit on their image.

What a mask marks is as a rule brighter (aponeurosis, bone) or darker (vessel, muscle) than what lies around it. For a
mask m with ring r around it and the shift s, the contrast of the picture g (less its local mean, over its local spread)
is

    c(s) = mean of g over (m + s) - mean of g over (r + s).

A mask that sits well is near the best of all shifts; one that was displaced, or belongs to another picture, is beaten
by many. So the **beaten share** of a mask is the share of shifts s with c(s) > c(0), after the sign that most of the
set has. Masks stand out whose beaten share is far above the set's and whose contrast is far below it (median and MAD of
all masks of the class; Leys et al., J Exp Soc Psychol 49:764, 2013). Where even the set's own masks are often beaten (a
nerve as bright as its surroundings) brightness does not tell, and the test says so instead of guessing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError

# Longer side that pictures are compared at, largest shift, width of the ring and of the local mean, in its pixels.
_SIDE_PX, REACH_PX, _RING_PX, _LOCAL_PX = 256, 40, 6, 32.0
# A mask stands out that more than this share of shifts beat, and with contrast this many robust deviations low.
_BEATEN, _DEVIATIONS = 0.05, 2.0
# Brightness tells a class where three masks in four are beaten by less than this, and there are as many masks as this.
_TELLING = 0.30
_FEWEST = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class ShiftContrast:
    """Contrast of one mask at every shift.

    Attributes:
        contrasts: ``(81, 81)`` float32, index ``[40 + dy, 40 + dx]`` in pixels of the compared size.
        px_per_step: pixels of the original picture per step.
    """

    contrasts: NDArray[np.float32]
    px_per_step: float


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """How a mask sits.

    Attributes:
        contrast: at its place, positive where as in most of the set.
        beaten: share of shifts that give a better contrast.
        displaced: whether it stands out of the set.
        shift_px: ``(dx, dy)`` by which the mask would have to move for the best contrast, pixels of the picture.
    """

    contrast: float
    beaten: float
    displaced: bool
    shift_px: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class BrightnessTest:
    """Answer for one class: ``sittings`` in the order given, and whether brightness ``tells`` at all."""

    sittings: tuple[Sitting, ...]
    tells: bool


def shift_contrast(image: NDArray[np.uint8], mask: NDArray[np.bool_]) -> ShiftContrast:
    """Contrast of a mask to its ring at every shift.

    Args:
        image: ``(H, W)`` grey levels.
        mask: ``(H, W)`` bool, not empty.

    Raises:
        LearnError: if the mask is empty or of another size.

    Example:
        >>> picture = np.full((128, 128), 40, np.uint8); picture[50:70, 30:90] = 200
        >>> drawn = np.zeros((128, 128), bool); drawn[60:80, 30:90] = True
        >>> c = shift_contrast(picture, drawn)
        >>> (np.argwhere(c.contrasts == c.contrasts.max())[0] - REACH_PX) * c.px_per_step  # 10 px up, (dy, dx)
        array([-10.,   0.])
    """
    if mask.shape != image.shape:
        raise LearnError(f"The mask is {mask.shape} but its picture {image.shape}; draw it on the same picture.")
    if not mask.any():
        raise LearnError("An empty mask sits nowhere; leave it out of the brightness test.")
    scale = _SIDE_PX / max(image.shape)
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    grey = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    cover = cv2.resize(mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    drawn = (cover > 127 if (cover > 127).any() else cover == cover.max()).astype(np.uint8)
    outer = cv2.dilate(drawn, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _RING_PX + 1, 2 * _RING_PX + 1)))
    # an outline drawn a pixel too tight or too wide is no displacement
    ring = outer - cv2.dilate(drawn, np.ones((3, 3), np.uint8))
    x, y, w, h = cv2.boundingRect(outer)
    kernel = drawn / np.float32(drawn.sum()) - ring / np.float32(max(int(ring.sum()), 1))
    room = cv2.copyMakeBorder(_even(grey), REACH_PX, REACH_PX, REACH_PX, REACH_PX, cv2.BORDER_REFLECT_101)
    window = room[y : y + h + 2 * REACH_PX, x : x + w + 2 * REACH_PX]
    contrasts = cv2.matchTemplate(window, kernel[y : y + h, x : x + w].astype(np.float32), cv2.TM_CCORR)
    return ShiftContrast(contrasts=contrasts.astype(np.float32), px_per_step=1 / scale)


def _even(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    local = grey - cv2.GaussianBlur(grey, (0, 0), _LOCAL_PX)
    spread = np.sqrt(cv2.GaussianBlur(local**2, (0, 0), _LOCAL_PX))
    return (local / np.maximum(spread, 5.0)).astype(np.float32)


def brightness_test(of_masks: Sequence[ShiftContrast]) -> BrightnessTest:
    """Find masks of one class that do not sit on their image.

    Args:
        of_masks: of :func:`shift_contrast`, one a mask of this class, of the whole set.

    Returns:
        How each mask sits; none is called displaced where there are fewer than eight or brightness does not tell.
    """
    if not of_masks:
        return BrightnessTest(sittings=(), tells=False)
    maps = np.stack([m.contrasts for m in of_masks])
    # one step to any side is the hand's own error
    here = np.s_[:, REACH_PX - 1 : REACH_PX + 2, REACH_PX - 1 : REACH_PX + 2]
    sign = np.sign(np.median(maps[:, REACH_PX, REACH_PX])) or 1.0
    maps = maps * np.float32(sign)
    contrast = maps[here].max(axis=(1, 2))
    beaten = (maps > contrast[:, None, None]).mean(axis=(1, 2))
    tells = len(maps) >= _FEWEST and float(np.percentile(beaten, 75)) < _TELLING
    low = contrast < np.median(contrast) - _DEVIATIONS * _robust_deviation(contrast)
    limit = max(_BEATEN, float(np.median(beaten)) + 4 * _robust_deviation(beaten))
    displaced = tells & low & (beaten > limit)
    best = maps.reshape(len(maps), -1).argmax(1)
    rows, columns = np.unravel_index(best, maps.shape[1:])
    return BrightnessTest(
        tells=bool(tells),
        sittings=tuple(
            Sitting(
                contrast=float(contrast[n]),
                beaten=float(beaten[n]),
                displaced=bool(displaced[n]),
                shift_px=((columns[n] - REACH_PX) * m.px_per_step, (rows[n] - REACH_PX) * m.px_per_step),
            )
            for n, m in enumerate(of_masks)
        ),
    )


def _robust_deviation(values: NDArray[np.float32]) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
