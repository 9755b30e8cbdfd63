"""One frame measured: from the picture of the image region to named values."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mskus.exams.muscle.architecture import APONEUROSIS_ANGLES, FASCICLES, THICKNESS, measure_edges, measure_fascicles
from mskus.exams.muscle.belly import Belly, CropPlan, belly_of
from mskus.exams.muscle.fascicles import FascicleSight, orientations, see_fascicles
from mskus.exams.muscle.settings import Orientation
from mskus.features.fascicle_field import Streamline
from mskus.segment.aponeuroses import AponeurosisPair
from mskus.segment.belly_choice import candidate_pairs, choose

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]

FAT = "skin_and_fat_thickness_mm"
NO_PAIR = "no pair of aponeuroses was found"
NO_FASCICLES = "fascicles are not visible"
NO_DIRECTION = "the lines in the belly have no common direction"
LEAST_CONFIDENCE = 0.4
LEAST_VISIBILITY = 0.002
MOST_SPREAD_DEG = 6.5


@dataclass(frozen=True, eq=False)
class FrameResult:
    """Values of one frame by name, with what they rest on and why some are withheld.

    Attributes:
        pair: both aponeuroses in pixels of the image region.
        belly: their inner edges in mm.
        sight: the fascicles' direction field.
        values: name to value, lengths in mm of the plane.
        withheld: name to reason.
        streamlines: the fascicles measured.
        bone_px: ``(N, 2)`` bone surface in pixels of the image region, where one is visible.
    """

    pair: AponeurosisPair | None = None
    belly: Belly | None = None
    sight: FascicleSight | None = None
    values: dict[str, float] = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)
    streamlines: list[Streamline] = field(default_factory=list)
    bone_px: F64 | None = None

    @property
    def carried(self) -> bool:
        """Whether the motion carried the direction here from other frames."""
        return self.sight is not None and self.sight.carried


def measure_belly(pair: AponeurosisPair, belly: Belly | None, sight: FascicleSight | None) -> FrameResult:
    """All values of one frame, each with a number or a reason."""
    confidence = min(pair.superficial.confidence, pair.deep.confidence)
    if belly is None or confidence < LEAST_CONFIDENCE:
        reason = NO_PAIR if belly is None else f"{NO_PAIR} (confidence {confidence:.2f})"
        return FrameResult(
            pair, None, None, {}, dict.fromkeys((*THICKNESS, FAT, *APONEUROSIS_ANGLES, *FASCICLES), reason)
        )
    values = {**measure_edges(belly.superficial, belly.deep, belly.span_mm), FAT: belly.fat_mm}
    withheld: dict[str, str] = {}
    streamlines: list[Streamline] = []
    seen = sight is not None and np.isfinite(sight.coefficients_deg).all() and sight.visibility >= LEAST_VISIBILITY
    if sight is not None and seen and sight.spread_deg > MOST_SPREAD_DEG:
        withheld |= dict.fromkeys(FASCICLES, NO_DIRECTION)
    elif sight is not None and seen:
        found, streamlines = measure_fascicles(sight.field(belly), values["muscle_thickness_50_mm"])
        values |= found
    else:
        withheld |= dict.fromkeys(FASCICLES, NO_FASCICLES)
    for name in [n for n, v in values.items() if not np.isfinite(v)]:
        del values[name]
        withheld[name] = "a fascicle does not meet both aponeuroses" if name in FASCICLES else NO_PAIR
    return FrameResult(pair, belly, sight, values, withheld, streamlines)


def measure_picture(image: U8, spacing_xy: tuple[float, float], method: Orientation) -> FrameResult:
    """Measure one picture of the image region by itself.

    Args:
        image: ``(H, W)`` uint8, the image region only.
        spacing_xy: mm per column and per row.
        method: how fascicle direction is found.
    """
    from mskus.segment.aponeurosis_network import aponeurosis_probabilities

    size = (image.shape[0], image.shape[1])
    (maps,) = aponeurosis_probabilities(image[None])
    (pair,) = choose([candidate_pairs(maps, image)])
    belly = belly_of(pair, spacing_xy, size)
    if belly is None:
        return measure_belly(pair, None, None)
    plan = CropPlan.over([belly], spacing_xy, size)
    (directions,) = orientations([plan.cut(image)], [belly], plan, method)
    return measure_belly(pair, belly, see_fascicles(directions, belly, plan))
