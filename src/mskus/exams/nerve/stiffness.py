"""Mean stiffness of each nerve, where the scanner drew an elastogram."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mskus.errors import FeatureError
from mskus.exams.nerve.settings import StiffnessScale
from mskus.exams.nerve.sighting import Thing
from mskus.exams.plane import Plane
from mskus.features.elastography import ColourBar, decode_elastogram, shear_wave_values
from mskus.features.polygon import polygon_mask
from mskus.findings import Measurement

_SUFFIX = {"kPa": "_kpa", "m/s": "_m_s", "1": ""}
_LEAST_DECODED = 0.5  # of the nerve's pixels: less is not the mean of the nerve
_GREY = "the picture is grey: there is no elastogram in it"
_METHOD = "colours inside the outline against the colour bar; the interval is that of decoding alone"


def stiffness_of(
    colour: NDArray[np.uint8] | None, things: Sequence[Thing], frame: int, plane: Plane, scale: StiffnessScale
) -> list[Measurement]:
    """Mean of the elastogram inside each nerve that was seen in a frame; withheld with the reason where it cannot be.

    Args:
        colour: ``(H, W, 3)`` uint8 RGB of the whole frame; None if it is grey.
        things: of the clip.
        frame: its index.
        plane: where the outlines lie in the frame.
        scale: of the colour bar.
    """
    nerves = [thing for thing in things if thing.kind == "nerve" and frame in thing.seen]
    if not nerves:
        return []
    if colour is None:
        return [_measurement(thing, frame, scale, reason=_GREY) for thing in nerves]
    try:
        bar = ColourBar.read(colour, low=scale.low, high=scale.high, unit=scale.unit)
        decoded = decode_elastogram(colour, bar=bar, opacity=scale.opacity)
    except FeatureError as error:
        return [_measurement(thing, frame, scale, reason=str(error)) for thing in nerves]
    made = []
    for thing in nerves:
        points = thing.sightings[frame].points + (plane.region.x, plane.region.y)
        inside = polygon_mask(points, shape=colour.shape[:2])
        share = float(np.isfinite(decoded.values[inside]).mean()) if inside.any() else 0.0
        if share < _LEAST_DECODED:
            reason = f"only {100 * share:.0f} % of the nerve lies in the elastogram"
            made.append(_measurement(thing, frame, scale, reason=reason))
            continue
        values = shear_wave_values(decoded, mask=inside)
        known = (values.mean.low, values.mean.high)
        flags = ("part of it is beyond the colour bar",) if values.saturated_fraction > 0.05 else ()
        made.append(_measurement(thing, frame, scale, value=values.mean.value, interval=known, flags=flags))
    return made


def _measurement(
    thing: Thing,
    frame: int,
    scale: StiffnessScale,
    *,
    value: float | None = None,
    interval: tuple[float, float] | None = None,
    flags: tuple[str, ...] = (),
    reason: str = "",
) -> Measurement:
    return Measurement(
        name=f"{thing.name}_stiffness_mean{_SUFFIX[scale.unit]}", value=value, unit=scale.unit, interval=interval,
        frame=frame, structures=(f"{thing.name}@{frame}",) * (value is not None), method=_METHOD, flags=flags,
        withheld=reason,
    )  # fmt: skip
