"""Results to the words everybody speaks: structures, measurements of each frame, the clip's summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from mskus.exams.nerve.intervals import LOGARITHMIC, MOST, interval
from mskus.exams.nerve.measure import DEPTHS, ECHO, GAP, NAMES, NOT_SEEN, SIZES, SURE, ThingResult
from mskus.exams.nerve.sighting import Thing
from mskus.exams.plane import Plane
from mskus.findings import Measurement, Polyline, Structure

_NETWORK = "network, half-probability outline"
_TRACKED = "network, half-probability outline, smoothed over time"
_CARRIED = "not seen; carried over from the outlines before and after"
_OUTLINE = "outline of the network"
_HOW = {
    **dict.fromkeys(SIZES, _OUTLINE),
    "circularity": "4 pi area over perimeter squared",
    **dict.fromkeys(("long_diameter_mm", "short_diameter_mm"), "axes of the ellipse with the outline's area moments"),
    DEPTHS[0]: "centre of the area below the picture's upper border",
    DEPTHS[1]: "uppermost point of the outline below the picture's upper border",
    ECHO[0]: "mean grey level 0-255 inside the outline",
    ECHO[1]: "share of pixels at or below the maximum-entropy threshold of the grey levels inside",
    SURE: "mean probability of the network inside the outline",
    GAP: "least distance between the outlines of the nerve and the nearest vessel",
}
_CUT_OFF = "cut off by the picture's border: it may be larger"
_NO_ERRORS = "no interval: how far outlines of this network are off was not measured"
_UNITS = {"mm2": "mm2", "px2": "[px]2", "mm": "mm", "px": "[px]"}


def stated(thing: str, name: str, plane: Plane) -> tuple[str, str, float]:
    """Full name, UCUM unit and factor from the plane's mm to that unit.

    A length becomes pixels (column widths) and an area square pixels where there is no calibration.
    """
    stem, _, suffix = name.rpartition("_")
    if suffix not in _UNITS:
        return f"{thing}_{name}", "1", 1.0
    if plane.unit != "mm":
        suffix = suffix.replace("mm", "px")
    factor = plane.stated_per_mm ** (2 if suffix.endswith("2") else 1)
    return f"{thing}_{stem}_{suffix}", _UNITS[suffix], factor


def structure_of(thing: Thing, frame: int, plane: Plane, *, smoothed: bool) -> Structure:
    """The outline of one thing in one frame, in frame pixels."""
    sighting = thing.sightings[frame]
    points = (sighting.points + (plane.region.x, plane.region.y)).round(2).tolist()
    carried = sighting.gap_frames > 0
    return Structure(
        id=f"{thing.name}@{frame}",
        label=f"{thing.name}_carried" if carried else thing.name,
        frame=frame,
        geometry=Polyline(points=tuple(map(tuple, points)), closed=True),
        confidence=round(sighting.confidence, 4),
        method=_CARRIED if carried else _TRACKED if smoothed else _NETWORK,
    )


def measurements_of(
    thing: Thing, frame: int, result: ThingResult, plane: Plane, *, calibrated: bool = True
) -> list[Measurement]:
    """One measurement a name: a value with its interval, or the reason why there is none.

    ``calibrated`` says whether the outline is of the network whose errors the intervals are of; others have none.
    """
    sighting = result.sighting
    flags: tuple[str, ...] = (_CUT_OFF,) if sighting.cut_off else ()
    if sighting.gap_frames:
        flags += (f"carried over a loss of {sighting.gap_frames} frames",)
    if not calibrated:
        flags += (_NO_ERRORS,)
    made = []
    for name in NAMES[thing.kind]:
        full, unit, factor = stated(thing.name, name, plane)
        common = {"name": full, "unit": unit, "frame": frame, "method": _HOW[name], "flags": flags}
        if name not in result.values:
            made.append(Measurement(**common, value=None, withheld=result.withheld.get(name, "not measured")))
            continue
        known = None
        if calibrated:
            known = interval(
                thing.kind, name, result.values, doubt=sighting.doubt, relative_scale_error=plane.relative_error
            )
        made.append(
            Measurement(
                **common,
                value=result.values[name] * factor,
                interval=None if known is None else (known[0] * factor, known[1] * factor),
                structures=(f"{thing.name}@{frame}",),
            )
        )
    return made


def withheld(kind: str, thing: str, frame: int | None, plane: Plane, *, reason: str = NOT_SEEN) -> list[Measurement]:
    """Every value of a thing that is not there, with the reason."""
    made = []
    for name in NAMES[kind]:
        full, unit, _ = stated(thing, name, plane)
        made.append(Measurement(name=full, unit=unit, frame=frame, value=None, withheld=reason, method=_HOW[name]))
    return made


def counts_of(things: Sequence[Thing], frame: int) -> list[Measurement]:
    """How many nerves and vessels were detected in a frame."""
    made = []
    for kind in NAMES:
        seen = [t for t in things if t.kind == kind and frame in t.sightings and not t.sightings[frame].gap_frames]
        made.append(
            Measurement(
                name=f"{kind}_count", value=float(len(seen)), unit="1", frame=frame, method="detections in the frame",
                structures=tuple(f"{t.name}@{frame}" for t in seen),
            )
        )  # fmt: skip
    return made


def clip_summary(
    thing: Thing, framed: Mapping[int, Sequence[Measurement]], plane: Plane, *, n_frames: int, refusal: str = ""
) -> list[Measurement]:
    """Mean over the frames in which the thing was seen, and how steadily it was seen.

    Frames share the outline's error, so a clip's mean is no surer than a typical frame: the interval is the median one
    about the mean. Where every frame was refused (``refusal`` says why) nothing is counted either.
    """
    made = [_mean(thing, name, framed, plane) for name in NAMES[thing.kind]]
    seen = thing.seen
    gaps = np.diff([-1, *seen, n_frames]) - 1
    carried = len(thing.sightings) - len(seen)
    common = {"unit": "1", "method": f"detections of {thing.name.replace('_', ' ')} over {n_frames} frames"}
    counts = {
        "seen_fraction": len(seen) / n_frames,
        "longest_loss_frames": float(gaps.max()),
        "carried_frames": float(carried),
    }
    return made + [
        Measurement(name=f"{thing.name}_{name}", value=None if refusal else value, withheld=refusal, **common)
        for name, value in counts.items()
    ]


def _mean(thing: Thing, name: str, framed: Mapping[int, Sequence[Measurement]], plane: Plane) -> Measurement:
    full, unit, _ = stated(thing.name, name, plane)
    found = [m for frame in thing.seen for m in framed[frame] if m.name == full]
    values = [m.value for m in found if m.value is not None]
    if not values:
        reason = Counter(m.withheld for m in found).most_common(1)[0][0] if found else NOT_SEEN
        return Measurement(name=full, unit=unit, value=None, withheld=reason, method=_HOW[name])
    mean = float(np.mean(values))
    ends = [m.interval for m in found if m.interval is not None and m.value is not None]
    known = None
    if ends:
        low, high = (float(end) for end in np.median(ends, axis=0))
        middle = float(np.median(values))
        if name in LOGARITHMIC:
            known = (mean * low / middle, mean * high / middle)
        else:
            known = (max(mean + low - middle, 0.0), min(mean + high - middle, MOST.get(name, np.inf)))
    return Measurement(
        name=full, unit=unit, value=mean, interval=known, flags=tuple(dict.fromkeys(f for m in found for f in m.flags)),
        method=f"mean of {len(values)} frames, {min(values):.4g} to {max(values):.4g}; {_HOW[name]}",
    )  # fmt: skip
