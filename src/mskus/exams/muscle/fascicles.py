"""Fascicle direction of a frame: local orientation in the belly, fitted by a smooth field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mskus.exams.muscle.belly import Belly, CropPlan
from mskus.exams.muscle.settings import Orientation
from mskus.features.fascicle_field import FascicleField, direction_density, dominant_angle_deg, fit_surface, inserting
from mskus.geometry import spacing_angle_deg

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

_GRID_PX = 4
_NEAR_DEG = 20.0
_INSIDE = 0.85  # of the half thickness: keeps clear of the aponeuroses themselves


@dataclass(frozen=True, eq=False)
class FascicleSight:
    """What was seen of the fascicles in one frame.

    Attributes:
        coefficients_deg: ``(6,)`` of the smooth field; NaN where no fascicles were seen.
        spread_deg: robust spread of the local directions about it.
        visibility: mean confidence over the belly, 0 to 1.
        carried: nobody looked at this frame; the motion carried the field here from the frames about it.
    """

    coefficients_deg: F64
    spread_deg: float
    visibility: float
    carried: bool = False

    def field(self, belly: Belly) -> FascicleField:
        """The field between the edges of ``belly``."""
        return FascicleField(belly.superficial, belly.deep, belly.span_mm, self.coefficients_deg, self.spread_deg)


Maps = list[tuple[F32, F32]]
_METHODS: dict[str, tuple[str, ...]] = {"combined": ("gabor", "learned")}
_FLAT = 0.02  # share of a density that is spread evenly, so that one method alone can not rule a direction out


def orientations(crops: list[U8], bellies: list[Belly], plan: CropPlan, method: Orientation) -> list[Maps]:
    """Local direction in degrees (mm geometry) and its confidence at every pixel of every crop.

    Returns:
        For every crop one pair of maps a method: two for ``combined``, else one.
    """
    found: list[Maps] = [[] for _ in crops]
    if not crops:
        return found
    for single in _METHODS.get(method, (method,)):
        for maps, (angle, confidence) in zip(found, _by_method(crops, bellies, plan, single), strict=True):
            maps.append((spacing_angle_deg(angle, plan.aspect).astype(np.float32), confidence))
    return found


def _by_method(crops: list[U8], bellies: list[Belly], plan: CropPlan, method: str) -> Maps:
    """Directions on the crop's own pixels."""
    if method == "learned":
        from mskus.features.fascicle_network import learned_orientations

        return [(f.angle_deg, f.confidence) for f in learned_orientations(np.stack(crops))]
    from mskus.features.gabor import gabor_orientation
    from mskus.features.hough_fascicles import hough_fascicles, segment_field
    from mskus.features.structure_tensor import structure_tensor_orientation

    found = []
    for crop, belly in zip(crops, bellies, strict=True):
        mask, _, _ = inside_belly(belly, plan, step=1)
        if method == "hough":
            along = (belly.superficial.line.angle_deg, belly.deep.line.angle_deg)
            field = segment_field(hough_fascicles(crop, mask=mask, exclude_deg=along), crop.shape)
        elif method == "gabor":
            field = gabor_orientation(crop, mask=mask)
        else:
            field = structure_tensor_orientation(crop, mask=mask)
        found.append((field.angle_deg, field.confidence))
    return found


def inside_belly(
    belly: Belly, plan: CropPlan, *, step: int, share: float = _INSIDE
) -> tuple[NDArray[np.bool_], F64, F64]:
    """Which crop pixels lie in the inner ``share`` of the belly's thickness, and their relative positions u and v."""
    x, y = plan.positions_mm(step)
    field = FascicleField(belly.superficial, belly.deep, belly.span_mm, np.zeros(6))
    u, v = field.relative(x, y)
    return (np.abs(u) <= 1.0) & (np.abs(v) <= share), u, v


def see_fascicles(maps: Maps, belly: Belly, plan: CropPlan) -> FascicleSight:
    """Fit the smooth field to the local directions of one frame.

    With the maps of several methods, the dominant direction is the one that all of them give weight to (product of
    their densities), and every method has an equal say in the field about it.
    """
    inside, u, v = inside_belly(belly, plan, step=_GRID_PX)
    u, v = u[inside], v[inside]
    grid = np.s_[::_GRID_PX, ::_GRID_PX]
    samples = [(angle[grid][inside].astype(float), sure[grid][inside].astype(float)) for angle, sure in maps]
    visibility = float(np.mean([w.mean() if w.size else 0.0 for _, w in samples]))
    nothing = FascicleSight(np.full(6, np.nan), float("nan"), visibility)
    if u.size < 50 or visibility <= 0:
        return nothing
    axis = 0.5 * (belly.superficial.line.angle_deg + belly.deep.line.angle_deg)
    densities = [direction_density(angle, weight, axis_deg=axis) for angle, weight in samples]
    joint = np.prod([(1.0 - _FLAT) * d + _FLAT / d.size for d in densities if d.any()] or [np.zeros(1)], axis=0)
    main = dominant_angle_deg(joint, axis_deg=axis)
    if not np.isfinite(main):
        return nothing
    angles = np.concatenate([main + (a - main + 90.0) % 180.0 - 90.0 for a, _ in samples])
    weights = np.concatenate([w / max(float(w.sum()), 1e-9) for _, w in samples])
    near = np.abs(angles - main) <= _NEAR_DEG
    if np.count_nonzero(near) < 30 or weights[near].sum() <= 0:
        return nothing
    u, v = np.tile(u, len(samples)), np.tile(v, len(samples))
    coefficients, spread = fit_surface(u[near], v[near], angles[near], weights[near])
    coefficients = inserting(coefficients, axis_deg=axis)
    return FascicleSight(coefficients, spread, visibility * float(weights[near].sum() / weights.sum()))
