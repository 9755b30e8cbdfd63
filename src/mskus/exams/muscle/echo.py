"""Echo intensity of the belly, or of a region that the user gives, as in Pillen et al., Muscle Nerve 37:679, 2008.

Grey levels depend on the machine and its settings: values compare only within one set-up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.clip import Clip
from mskus.errors import ExamError
from mskus.exams.muscle.frame_result import NO_PAIR, FrameResult
from mskus.exams.plane import NO_ASPECT, Plane
from mskus.features.echo_intensity import echo_intensity
from mskus.features.polygon import check_polygon, polygon_mask
from mskus.findings import Measurement, Polyline, Structure
from mskus.geometry import polygon_area, polyline_length, to_mm

Mask = NDArray[np.bool_]
Points = Sequence[tuple[float, float]]

PERCENTILES = (5, 25, 50, 75, 95)
_INSET_MM = 0.5  # clear of the aponeuroses' own blur
_STRIPS = 12
_METHOD = "grey levels 0-255 inside the belly, half a millimetre clear of the aponeuroses"
_BY_HAND = "grey levels 0-255 inside the region given by the user"


def belly_echo(
    clip: Clip, plane: Plane, results: Sequence[FrameResult], *, polygon: Points | None
) -> tuple[list[Measurement], dict[str, Any]]:
    """Echo intensity of every frame's belly (or of ``polygon``), and of the clip as a whole.

    Returns:
        Measurements, and the pooled histogram (256,) and depth profile for the report.
    """
    found: list[Measurement] = []
    histogram = np.zeros(256)
    profile = None
    fixed = None if polygon is None else _checked_mask(clip, polygon)
    pooled_frame: tuple[NDArray[np.uint8], Mask] | None = None
    method = _METHOD if fixed is None else _BY_HAND
    for t, (frame, result) in enumerate(zip(clip.frames(), results, strict=True)):
        mask = fixed if fixed is not None else _belly_mask(clip, plane, result)
        if mask is None or not mask.any():
            reason = next(iter(result.withheld.values()), NO_PAIR)
            names = ("echo_intensity_mean", "echo_intensity_sd")
            found += [Measurement(name=n, value=None, unit="1", frame=t, withheld=reason) for n in names]
            continue
        counts = cv2.calcHist([np.asarray(frame)], [0], mask.astype(np.uint8), [256], [0, 256]).ravel().astype(float)
        histogram += counts
        mean, sd = _moments(counts)
        structure = "echo_region" if fixed is not None else f"muscle_belly@{t}"
        common = {"unit": "1", "frame": t, "method": method, "structures": (structure,)}
        found.append(
            Measurement(name="echo_intensity_mean", value=mean, interval=_mean_interval(frame, mask, mean), **common)
        )
        found.append(Measurement(name="echo_intensity_sd", value=sd, **common))
        pooled_frame = pooled_frame or (np.asarray(frame), mask)
    if pooled_frame is not None:
        echo = echo_intensity(pooled_frame[0], pooled_frame[1], calibration=clip.calibration)
        profile = echo.depth_profile
        whole = None if clip.n_frames > 1 else 0
        found = _summary(histogram, found, whole, method) + found
    return found, {"histogram": histogram, "depth_profile": profile}


def region_echo(
    clip: Clip, plane: Plane, polygon: Points | None
) -> tuple[list[Structure], list[Measurement], dict[str, Any]]:
    """Area and echo intensity inside a region of a cross-section that the user gives.

    Raises:
        ExamError: if no polygon is given or it does not lie in the picture.
    """
    if polygon is None:
        raise ExamError("A transverse picture needs the muscle's outline: give --polygon FILE (x,y per line).")
    mask = _checked_mask(clip, polygon)
    structures = [
        Structure(
            id="echo_region", label="muscle_region", frame=0, method="given by the user",
            geometry=Polyline(points=tuple((float(x), float(y)) for x, y in polygon), closed=True),
        )
    ]  # fmt: skip
    unit = "mm2" if plane.unit == "mm" else "[px]2"
    name = "cross_sectional_area_mm2" if plane.unit == "mm" else "cross_sectional_area_px2"
    if plane.refusal:
        area = Measurement(name=name, value=None, unit=unit, frame=0, withheld=NO_ASPECT)
    else:
        points = to_mm(polygon, plane.spacing_xy) * plane.stated_per_mm
        value = polygon_area(points)
        edge = polyline_length(np.vstack([points, points[:1]])) * 0.5 * max(plane.spacing_xy) * plane.stated_per_mm
        half = float(np.hypot(edge, 1.96 * 2.0 * plane.relative_error * value))
        area = Measurement(
            name=name, value=value, unit=unit, interval=(max(value - half, 0.0), value + half), frame=0,
            structures=("echo_region",), method="shoelace; interval from half a pixel along the outline and the scale",
        )  # fmt: skip
    results = [FrameResult()] * clip.n_frames
    echo, maps = belly_echo(clip, plane, results, polygon=polygon)
    assert mask.any()
    return structures, [area, *echo], maps


def _checked_mask(clip: Clip, polygon: Points) -> Mask:
    points = check_polygon(polygon, size=clip.shape[1:])
    return polygon_mask(points, shape=clip.shape[1:])


def _belly_mask(clip: Clip, plane: Plane, result: FrameResult) -> Mask | None:
    if result.belly is None or not result.values:
        return None
    upper, lower = result.belly.superficial.points, result.belly.deep.points
    outline = np.vstack([upper + (0.0, _INSET_MM), (lower - (0.0, _INSET_MM))[::-1]])
    mask = polygon_mask(np.asarray(plane.to_frame_px(outline)), shape=clip.shape[1:])
    return mask if clip.field is None else mask & clip.field


def _moments(counts: NDArray[np.float64]) -> tuple[float, float]:
    levels = np.arange(256)
    mean = float((levels * counts).sum() / counts.sum())
    return mean, float(np.sqrt(((levels - mean) ** 2 * counts).sum() / counts.sum()))


def _mean_interval(frame: NDArray[np.uint8], mask: Mask, mean: float) -> tuple[float, float] | None:
    """From the spread between strips across the width, since neighbouring speckle is not independent."""
    columns = np.flatnonzero(mask.any(axis=0))
    strips = np.array_split(columns, _STRIPS)
    means = [float(frame[:, s][mask[:, s]].mean()) for s in strips if s.size and mask[:, s].any()]
    if len(means) < 3:
        return None
    half = 1.96 * float(np.std(means, ddof=1)) / np.sqrt(len(means))
    return max(mean - half, 0.0), mean + half


def _summary(
    histogram: NDArray[np.float64], per_frame: Sequence[Measurement], frame: int | None, method: str
) -> list[Measurement]:
    """Percentiles of the pooled grey levels; mean and SD of the clip too, where there is more than one frame."""
    share = np.cumsum(histogram) / histogram.sum()
    made = [
        Measurement(
            name=f"echo_intensity_p{p}",
            value=float(np.searchsorted(share, p / 100.0)),
            unit="1",
            frame=frame,
            method=method,
        )
        for p in PERCENTILES
    ]
    if frame is not None:
        return made
    mean, sd = _moments(histogram)
    widths = [(m.interval[1] - m.interval[0]) / 2 for m in per_frame if m.interval is not None]
    half = float(np.median(widths)) if widths else None
    interval = None if half is None else (max(mean - half, 0.0), mean + half)
    return [
        Measurement(
            name="echo_intensity_mean", value=mean, unit="1", interval=interval, method=f"all frames; {method}"
        ),
        Measurement(name="echo_intensity_sd", value=sd, unit="1", method=f"all frames; {method}"),
        *made,
    ]
