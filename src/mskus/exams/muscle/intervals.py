"""Intervals: how much each value moves when the picture is perturbed, the scale's error, and what is left.

A frame is measured again mirrored, cropped at either side, with other gain, blurred and with more speckle (test-time
augmentation: Wang et al., Neurocomputing 338:34, 2019). The standard error of a value is

    sqrt( (k * spread over the perturbations)^2 + (m * spread of local directions)^2 + floor^2 + (value * scale error)^2 )

with k, m and floor per kind of value fitted by ``benchmarks/intervals.py`` on phantoms and readings that are not those on which
coverage is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.exams.muscle.belly import CropPlan
from mskus.exams.muscle.frame_result import FrameResult, measure_pictures
from mskus.exams.muscle.settings import Orientation

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

_MIRRORED_SIGN = ("fascicle_angle_deg", "superficial_aponeurosis_angle_deg", "deep_aponeurosis_angle_deg")
_MIRRORED_NAME = {
    "muscle_thickness_25_mm": "muscle_thickness_75_mm",
    "muscle_thickness_75_mm": "muscle_thickness_25_mm",
}
_CROP = 0.06


@dataclass(frozen=True)
class ErrorModel:
    """How spread becomes standard error for one kind of value.

    Attributes:
        perturbation: factor on the spread over perturbations.
        direction: factor on the relative or absolute effect of the field's spread in degrees.
        floor: smallest standard error; a fraction of the value for lengths, degrees for angles.
    """

    perturbation: float
    direction: float
    floor: float


def perturbed_pictures(image: U8, *, seed: int) -> list[U8]:
    """Mirrored, both crops, darker, brighter, blurred, speckled; ``(H, W)`` uint8 each, crops narrower."""
    rng = np.random.default_rng(seed)
    cut = max(int(round(_CROP * image.shape[1])), 1)
    grey = image.astype(np.float32)
    speckle = cv2.GaussianBlur(rng.standard_normal(image.shape).astype(np.float32), (0, 0), 1.5)
    speckle *= 14.0 / max(float(speckle.std()), 1e-6)
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
        (result,) = measure_pictures(picture[None], spacing_xy, method)
        found.append(_unmirrored(result.values) if i == 0 else result.values)
    spread = {}
    for name in {n for values in found for n in values}:
        values = np.array([v[name] for v in found if name in v])
        if values.size >= 4:
            spread[name] = float(np.std(values, ddof=1))
    return spread


ANGLE = ErrorModel(1.0, 0.2, 0.3)
LENGTH = ErrorModel(1.0, 0.0, 0.005)
FASCICLE_LENGTH = ErrorModel(1.0, 0.2, 0.01)


def error_model(name: str) -> ErrorModel:
    """The error model of a measurement's kind."""
    if name.startswith("fascicle_length"):
        return FASCICLE_LENGTH
    return ANGLE if name.endswith("_deg") else LENGTH


def standard_error(
    name: str, result: FrameResult, spread: float, *, relative_scale_error: float = 0.0
) -> float:
    """Standard error of one value of a frame, in the value's own unit."""
    value, model = abs(result.values[name]), error_model(name)
    direction_deg = result.sight.spread_deg if result.sight is not None and "fascic" in name + "pennation" else 0.0
    if name.startswith("fascicle_length"):
        pennation = np.deg2rad(max(result.values.get("pennation_angle_deg", 20.0), 2.0))
        from_direction = value * np.deg2rad(model.direction * direction_deg) / np.tan(pennation)
        floor = model.floor * value
    elif name.endswith("_deg"):
        from_direction = model.direction * direction_deg if "aponeurosis" not in name else 0.0
        floor = model.floor
    else:
        from_direction, floor = 0.0, model.floor * value
    scale = value * relative_scale_error if name.endswith("_mm") else 0.0
    return float(np.sqrt((model.perturbation * spread) ** 2 + from_direction**2 + floor**2 + scale**2))


__all__ = ["CropPlan", "ErrorModel", "error_model", "perturbation_spread", "perturbed_pictures", "standard_error"]
