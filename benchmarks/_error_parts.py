"""What the standard errors of a still are made of, for fitting the error models."""

from __future__ import annotations

from typing import Any

import numpy as np

from mskus.clip import Clip
from mskus.exams.muscle.frame_result import measure_picture
from mskus.exams.muscle.intervals import error_parts, perturbation_spread
from mskus.exams.muscle.settings import MuscleSettings
from mskus.exams.plane import Plane


def parts_columns(clip: Clip, columns: dict[str, str], **settings: Any) -> dict[str, float]:
    """``<column>_spread``, ``_direction`` and ``_unit`` for ``columns`` of ``{column: measurement}``, mm or deg."""
    plane, method = Plane.of(clip), MuscleSettings.check(settings).orientation
    image = np.asarray(clip.frame(0))[plane.region.slices]
    result = measure_picture(image, plane.spacing_xy, method)
    spread = perturbation_spread(image, plane.spacing_xy, method, seed=0)
    out = {}
    for column, name in columns.items():
        scale = plane.stated_per_mm if name.endswith("_mm") else 1.0
        if name in result.values and name in spread:
            parts = error_parts(name, result, spread[name])
            out |= {f"{column}_{field}": scale * value for field, value in parts._asdict().items()}
            if name.endswith("_deg"):
                out[f"{column}_unit"] = 1.0
    return out
