"""Frame results to the words everybody speaks: structures, measurements, the clip's summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from mskus.exams.muscle.architecture import APONEUROSIS_ANGLES, FASCICLES, THICKNESS, thickness_lines
from mskus.exams.muscle.frame_result import FAT, FrameResult
from mskus.exams.muscle.intervals import WIDE_SHARE
from mskus.exams.plane import Plane
from mskus.findings import Grade, Measurement, Polyline, Segments, Structure

NAMES = (*THICKNESS, FAT, *APONEUROSIS_ANGLES, *FASCICLES)
_CARRIED = "direction carried here by the motion"
NO_SCALE = "no calibration: a curvature needs millimetres"
_UNITS = {"mm": "mm", "px": "[px]", "deg": "deg", "m": "m-1"}
_ALONG_FASCICLES = ("fascicle_length_mm", "fascicle_length_straight_mm", "fascicle_curvature_per_m")
_EDGES = "aponeurosis network, traced path, half-height edge"
_HOW = {
    **dict.fromkeys(THICKNESS, "perpendicular to the superficial aponeurosis, inner edge to inner edge"),
    FAT: "picture top to the superficial aponeurosis' upper edge, skin included",
    **dict.fromkeys(APONEUROSIS_ANGLES, "straight line through the inner edge over the common span"),
    "fascicle_angle_deg": "mean field direction over the central belly, positive rises to the right",
    "pennation_angle_deg": "fascicle angle to the superficial aponeurosis",
    "pennation_angle_deep_deg": "fascicle angle to the deep aponeurosis",
    "fascicle_length_mm": "curved: streamline of the direction field between both inner edges",
    "fascicle_length_straight_mm": "straight line at the fascicle angle between both inner edges",
    "fascicle_length_trigonometric_mm": "thickness at 50 % over the sine of pennation",
    "fascicle_curvature_per_m": "turn of the streamlines over their length",
}


def stated_name(name: str, plane: Plane) -> str:
    """The name with the unit that the plane can give: ``_mm`` becomes ``_px`` without a calibration."""
    return name if plane.unit == "mm" or not name.endswith("_mm") else name[: -len("mm")] + "px"


def unit_of(stated: str) -> str:
    """UCUM code of a measurement by the end of its stated name.

    >>> unit_of("pennation_angle_deg"), unit_of("muscle_thickness_mean_px")
    ('deg', '[px]')
    """
    return _UNITS[stated.rsplit("_", 1)[-1]]


def structure_id(label: str, frame: int) -> str:
    """Id by which measurements refer to a structure."""
    return f"{label}@{frame}"


def structures_of(result: FrameResult, frame: int, plane: Plane) -> list[Structure]:
    """Inner edges, belly outline, fat layer, thickness lines and fascicles of one frame, in frame pixels."""
    if result.belly is None or result.pair is None:
        return []
    belly, pair = result.belly, result.pair
    upper, lower = plane.to_frame_px(belly.superficial.points), plane.to_frame_px(belly.deep.points)
    lines = thickness_lines(belly.superficial, belly.deep, belly.span_mm, np.array([25.0, 50.0, 75.0]))
    thickness = [(*a, *b) for a, b in (plane.to_frame_px(pts) for pts in lines) if np.isfinite((*a, *b)).all()]
    x0, x1 = upper[0][0], upper[-1][0]
    seen = pair.common
    offset = np.array([plane.region.x, plane.region.y])
    outer = np.stack([pair.superficial.x_px[seen], pair.superficial.upper_y_px[seen]], axis=1) + offset
    fat = (
        (x0, float(plane.region.y)),
        (x1, float(plane.region.y)),
        *(tuple(map(float, p)) for p in outer[::-1].round(2)),
    )
    made = [
        ("superficial_aponeurosis", Polyline(points=upper), pair.superficial.confidence, f"inner edge; {_EDGES}"),
        ("deep_aponeurosis", Polyline(points=lower), pair.deep.confidence, f"inner edge; {_EDGES}"),
        ("muscle_belly", Polyline(points=upper + lower[::-1], closed=True), 1.0, "between the inner edges"),
        ("subcutaneous_fat", Polyline(points=fat, closed=True), 1.0, "picture top to superficial aponeurosis"),
        ("thickness_lines", Segments(lines=tuple(thickness)), 1.0, "at 25, 50 and 75 % of the common span"),
    ]
    found = [
        Structure(id=structure_id(label, frame), label=label, frame=frame, geometry=shape, confidence=sure, method=how)
        for label, shape, sure, how in made
    ]
    if result.bone_px is not None:
        surface = Polyline(points=tuple((float(x), float(y)) for x, y in (result.bone_px + offset).round(2)))
        how = "bright line on an acoustic shadow"
        found.append(Structure(id=structure_id("bone", frame), label="bone", frame=frame, geometry=surface, method=how))
    visibility = result.sight.visibility if result.sight else 0.0
    for i, line in enumerate(result.streamlines):
        points = plane.to_frame_px(line.points[:: max(1, len(line.points) // 24)])
        found.append(
            Structure(
                id=structure_id(f"fascicle_{i}", frame),
                label="fascicle",
                frame=frame,
                geometry=Polyline(points=(*points, plane.to_frame_px(line.points[-1:])[0])),
                confidence=min(1.0, visibility),
                method=f"streamline of the direction field{f'; {_CARRIED}' if result.carried else ''}",
            )
        )
    return found


def _rests_on(name: str, frame: int) -> tuple[str, ...]:
    if name == FAT or name == "superficial_aponeurosis_angle_deg":
        labels: tuple[str, ...] = ("superficial_aponeurosis",)
    elif name == "deep_aponeurosis_angle_deg":
        labels = ("deep_aponeurosis",)
    else:
        labels = ("superficial_aponeurosis", "deep_aponeurosis")
        labels += tuple(f"fascicle_{i}" for i in range(5)) if name in FASCICLES else ()
    return tuple(structure_id(label, frame) for label in labels)


def _interval(value: float, error: float | None, name: str) -> tuple[float, float] | None:
    if error is None:
        return None
    low, high = value - 1.96 * error, value + 1.96 * error
    signed = name in ("fascicle_angle_deg", *APONEUROSIS_ANGLES)
    return (low if signed else max(low, 0.0), high)


def measurements_of(
    result: FrameResult, frame: int, plane: Plane, *, errors: dict[str, float], flags: tuple[str, ...] = ()
) -> list[Measurement]:
    """One measurement a name: a value with its interval, or the reason why there is none."""
    made = []
    for name in NAMES:
        common = {
            "name": stated_name(name, plane),
            "unit": unit_of(stated_name(name, plane)),
            "frame": frame,
            "method": f"{_HOW[name]}; {_CARRIED}" if result.carried and name in FASCICLES else _HOW[name],
        }
        if name.endswith("_per_m") and plane.unit != "mm" and name in result.values:
            made.append(Measurement(**common, value=None, withheld=NO_SCALE, flags=flags))
        elif name in result.values:
            scale = plane.stated_per_mm if name.endswith("_mm") else 1.0
            value = result.values[name] * scale
            travels = flags + (_outside(result, plane) if name in _ALONG_FASCICLES else ())
            if name.startswith("fascicle_length") and 1.96 * errors.get(name, 0.0) > WIDE_SHARE * result.values[name]:
                travels += (f"wide interval: more than {100 * WIDE_SHARE:.0f} % either side",)
            made.append(
                Measurement(
                    **common,
                    value=value,
                    interval=_interval(value, scale * errors[name] if name in errors else None, name),
                    structures=_rests_on(name, frame),
                    flags=travels,
                )
            )
        else:
            made.append(
                Measurement(**common, value=None, withheld=result.withheld.get(name, "not measured"), flags=flags)
            )
    return made


def _outside(result: FrameResult, plane: Plane) -> tuple[str, ...]:
    """How much of the fascicles had to be extended beyond the picture."""
    points = np.concatenate([s.points for s in result.streamlines])
    width, height = plane.size[1] * plane.spacing_xy[0], plane.size[0] * plane.spacing_xy[1]
    x, y = points.T
    share = float(np.mean((x < 0) | (x > width) | (y < 0) | (y > height)))
    return (f"{100 * share:.0f} % of the fascicle lies outside the picture",) if share > 0.05 else ()


def clip_summary(frames: Sequence[list[Measurement]], plane: Plane, *, errors: dict[str, float]) -> list[Measurement]:
    """Mean over the measured frames of every name, with an interval about the mean; withheld if most frames are."""
    summary = []
    for i, name in enumerate(NAMES):
        of_name = [m[i] for m in frames]
        values = np.array([m.value for m in of_name if m.value is not None], float)
        common = {"name": stated_name(name, plane), "unit": unit_of(stated_name(name, plane))}
        if values.size * 2 < len(of_name):
            reasons = [m.withheld for m in of_name if m.withheld]
            main = Counter(reasons).most_common(1)[0][0]
            summary.append(
                Measurement(**common, value=None, withheld=f"{values.size} of {len(of_name)} frames measured: {main}")
            )
            continue
        mean = float(values.mean())
        scale = plane.stated_per_mm if name.endswith("_mm") else 1.0
        error = scale * errors[name] if name in errors else None
        method = (
            f"mean of {values.size} of {len(of_name)} frames, {values.min():.4g} to {values.max():.4g}; {_HOW[name]}"
        )
        flags = tuple(dict.fromkeys(f for m in of_name for f in m.flags if "outside" not in f))
        summary.append(
            Measurement(**common, value=mean, interval=_interval(mean, error, name), method=method, flags=flags)
        )
    return summary


def fascicle_direction(results: Sequence[FrameResult]) -> list[Grade]:
    """Which way the fascicles run in the picture, seen from the superficial aponeurosis."""
    turns = [
        r.values["fascicle_angle_deg"] - r.values["superficial_aponeurosis_angle_deg"]
        for r in results
        if "fascicle_angle_deg" in r.values
    ]
    if not turns:
        return []
    right = float(np.mean(np.array(turns) > 0))
    return [
        Grade(
            name="fascicle_direction",
            value="rise_to_the_right" if right >= 0.5 else "rise_to_the_left",
            scale="picture side",
            probabilities={"rise_to_the_right": round(right, 4), "rise_to_the_left": round(1.0 - right, 4)},
            method="sign of the fascicle angle to the superficial aponeurosis over all measured frames",
        )
    ]
