"""Intervals: how much each value moves when the picture is perturbed, the scale's error, and what is left.

A frame is measured again mirrored, cropped at either side, with other gain, blurred and with more speckle (test-time
augmentation: Wang et al., Neurocomputing 338:34, 2019). The standard error of a value is

    sqrt( (a * spread over the perturbations)^2 + (b * effect of the spread of local directions)^2 + (c * unit)^2
          + (value * relative error of the scale)^2 )

with a, b, c per kind of value fitted by ``benchmarks/intervals.py --fit`` on phantoms and readings that are not those
on which coverage is reported.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.exams.muscle.architecture import FASCICLES
from mskus.exams.muscle.frame_result import FrameResult, measure_picture
from mskus.exams.muscle.settings import Orientation

U8 = NDArray[np.uint8]

_MIRRORED_SIGN = ("fascicle_angle_deg", "superficial_aponeurosis_angle_deg", "deep_aponeurosis_angle_deg")
_MIRRORED_NAME = {
    "muscle_thickness_25_mm": "muscle_thickness_75_mm",
    "muscle_thickness_75_mm": "muscle_thickness_25_mm",
}
_CROP = 0.06
_WIDEST_DEG = 25.0
WIDE_SHARE = 0.6  # of a value: a wider interval on either side is flagged


class Parts(NamedTuple):
    """What a standard error is made of, or the factors on it.

    Attributes:
        spread: over the perturbations, in the value's unit.
        direction: effect of the spread of local directions about the field, in the value's unit.
        unit: 1 for angles, the value itself for lengths: what a fixed error is proportional to.
    """

    spread: float
    direction: float
    unit: float


class OfFascicles(NamedTuple):
    """The error models of what follows from fascicle direction, and so depends on how that was found."""

    angle: Parts
    length: Parts


# from the fit; that of lengths across the belly without the last widening, which a few pictures with the wrong belly
# ask for: a wrong belly is a failure that no interval should pretend to hold
FASCICLES_BY_BANK = OfFascicles(Parts(0.225, 1.604, 0.591), Parts(3.975, 1.712, 0.0))
FASCICLES_BY_BOTH = OfFascicles(Parts(0.787, 1.133, 0.0), Parts(3.592, 1.003, 0.0))
LENGTH = Parts(6.8, 0.0, 0.0087)
EDGE_ANGLE = Parts(2.0, 0.0, 0.3)  # not fitted: nothing but the readings' own line is known of it


def perturbed_pictures(image: U8, *, seed: int) -> list[U8]:
    """Mirrored, both crops, darker, brighter, blurred, speckled; ``(H, W)`` uint8 each, crops narrower."""
    rng = np.random.default_rng(seed)
    cut = max(round(_CROP * image.shape[1]), 1)
    grey = image.astype(np.float32)
    grain = cv2.GaussianBlur(rng.standard_normal(image.shape).astype(np.float32), (0, 0), 1.5)
    speckle = grain * (14.0 / max(float(grain.std()), 1e-6))
    tables = [np.clip(255.0 * (np.arange(256) / 255.0) ** g, 0, 255).astype(np.uint8) for g in (0.75, 1.3)]
    return [
        np.ascontiguousarray(image[:, ::-1]),
        np.ascontiguousarray(image[:, cut:]),
        np.ascontiguousarray(image[:, :-cut]),
        tables[0][image],
        tables[1][image],
        np.asarray(cv2.GaussianBlur(image, (0, 0), 1.2), np.uint8),
        np.where(image > 0, np.clip(grey + speckle, 0, 255), 0).astype(np.uint8),
    ]


def _unmirrored(values: dict[str, float]) -> dict[str, float]:
    renamed = {_MIRRORED_NAME.get(name, name): value for name, value in values.items()}
    return {name: -value if name in _MIRRORED_SIGN else value for name, value in renamed.items()}


def perturbation_spread(
    image: U8, spacing_xy: tuple[float, float], method: Orientation, *, seed: int
) -> dict[str, float]:
    """Spread of every value over the perturbations of one picture of the image region.

    Returns:
        Name to standard deviation about the mean (at least four perturbed values needed; else the name is absent).
    """
    found: list[dict[str, float]] = []
    for i, picture in enumerate(perturbed_pictures(image, seed=seed)):
        result = measure_picture(picture, spacing_xy, method)
        found.append(_unmirrored(result.values) if i == 0 else result.values)
    spread = {}
    for name in {n for values in found for n in values}:
        values = np.array([v[name] for v in found if name in v])
        if values.size >= 4:
            spread[name] = float(np.std(values, ddof=1))
    return spread


def factors(name: str, method: Orientation) -> Parts:
    """The error model of a measurement's kind; the bank's own for methods that were not fitted by themselves."""
    fascicles = FASCICLES_BY_BOTH if method == "combined" else FASCICLES_BY_BANK
    if name.startswith("fascicle_length"):
        return fascicles.length
    if name.endswith("aponeurosis_angle_deg"):
        return EDGE_ANGLE
    return fascicles.angle if name.endswith("_deg") else LENGTH


def error_parts(name: str, result: FrameResult, spread: float) -> Parts:
    """The parts of one value's standard error before they are weighted."""
    value = abs(result.values[name])
    turn_deg = 0.0 if result.sight is None else result.sight.spread_deg
    if name.startswith("fascicle_length"):
        pennation = np.deg2rad(max(result.values.get("pennation_angle_deg", 20.0), 2.0))
        return Parts(spread, value * float(np.deg2rad(turn_deg) / np.tan(pennation)), value)
    if name.endswith("_deg"):
        return Parts(spread, turn_deg, 1.0)
    return Parts(spread, 0.0, value)


def standard_error(
    name: str, result: FrameResult, spread: float, *, method: Orientation, relative_scale_error: float = 0.0
) -> float:
    """Standard error of one value of a frame, in the value's own unit."""
    parts, weights = error_parts(name, result, spread), factors(name, method)
    scale = abs(result.values[name]) * relative_scale_error if name.endswith("_mm") else 0.0
    return float(np.hypot(np.linalg.norm(np.multiply(parts, weights)), scale))


def without_uncertain(result: FrameResult, errors: dict[str, float]) -> FrameResult:
    """The result without its fascicle values where pennation is known to 25 degrees either side or worse.

    Wide but not empty intervals stay and are flagged (see :data:`WIDE_SHARE`): the reader decides.
    """
    half = 1.96 * errors.get("pennation_angle_deg", 0.0)
    if half <= _WIDEST_DEG:
        return result
    reason = f"too uncertain: pennation is known to +/- {half:.0f} degrees only"
    gone = [name for name in FASCICLES if name in result.values]
    kept = {name: value for name, value in result.values.items() if name not in gone}
    return replace(result, values=kept, withheld={**result.withheld, **dict.fromkeys(gone, reason)}, streamlines=[])
