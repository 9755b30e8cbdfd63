"""Scale and image region from DICOM ultrasound region calibration (PS3.3 C.8.5.5).

A picture may hold several calibrated regions: tissue, colour flow, spectral Doppler, physiological traces. Only a
two-dimensional one whose axes are in centimetres gives millimetres per pixel; a tissue region goes before a colour one,
a large one before a small one. Tags are looked up in this very instance, never in another one of the series.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from mskus.clip import Calibration, Region

_SPATIAL_2D = 1
_UNIT_CM = 3
_TISSUE, _COLOUR_FLOW = 1, 2
_EDGE_PX = 2


@dataclass(frozen=True, kw_only=True)
class RegionScale:
    """What the regions say: scale, image region, provenance lines; any of them may be missing."""

    calibration: Calibration | None = None
    region: Region | None = None
    notes: tuple[str, ...] = ()


def region_scale(dataset: Any, *, rows: int, columns: int) -> RegionScale:
    """The scale of the two-dimensional region of an instance.

    Args:
        dataset: a pydicom dataset.
        rows: height of the frames in pixels.
        columns: width of the frames in pixels.

    Returns:
        The scale with provenance. Where the region does not fit the picture in both directions, the picture was
        resized after acquisition and the tags no longer hold: no scale, and a note that says so. Where it is only cut
        off on one side, the picture was cropped and the scale still holds.

    Source: DICOM PS3.3 C.8.5.5, US Region Calibration Module.
    """
    items = list(dataset.get("SequenceOfUltrasoundRegions") or [])
    usable = [(n, item) for n, item in enumerate(items) if _is_spatial_cm(item)]
    if not usable:
        if items:
            return RegionScale(notes=(f"{len(items)} US region(s), none of them two-dimensional in centimetres",))
        return RegionScale()
    ranked = sorted(usable, key=lambda one: (_data_type(one[1]) != _TISSUE, -_area(one[1]), one[0]))
    number, item = ranked[0]
    x0, y0, x1, y1 = _corners(item)
    width_over, height_over = x1 - (columns - 1), y1 - (rows - 1)
    kind = {_TISSUE: "2-D tissue", _COLOUR_FLOW: "2-D colour flow"}.get(_data_type(item), "2-D")
    where = f"US region {number} of {len(items)} ({kind})"
    if x0 >= columns or y0 >= rows or (width_over > _EDGE_PX and height_over > _EDGE_PX):
        return RegionScale(
            notes=(
                f"{where} ends at column {x1}, row {y1}, outside the {columns} x {rows} picture: the picture was "
                "resized after acquisition, so its PhysicalDelta is not used; give --mm-per-px or --tick-mm",
            )
        )
    delta_x, delta_y = abs(float(item.PhysicalDeltaX)), abs(float(item.PhysicalDeltaY))
    text = f"{where}: PhysicalDeltaX (0018,602C) {delta_x:.6g} cm, PhysicalDeltaY (0018,602E) {delta_y:.6g} cm"
    calibration = Calibration(mm_per_px_row=10 * delta_y, mm_per_px_col=10 * delta_x, source="dicom_region", note=text)
    notes = [text]
    if max(width_over, height_over) > _EDGE_PX:
        notes.append(f"{where} reaches beyond the picture on one side: the picture was cropped; the scale still holds")
    for other_number, other in ranked[1:]:
        ratio = abs(float(other.PhysicalDeltaX)) / delta_x
        if _data_type(other) == _TISSUE and abs(ratio - 1) > 0.01:
            notes.append(f"US region {other_number} is another 2-D picture with a different scale; it was left out")
    left, top = max(x0, 0), max(y0, 0)
    right, bottom = min(x1, columns - 1), min(y1, rows - 1)
    region = Region(left, top, right - left + 1, bottom - top + 1)
    return RegionScale(calibration=calibration, region=region, notes=tuple(notes))


def pixel_spacing_scale(dataset: Any) -> RegionScale:
    """The scale from PixelSpacing where there are no ultrasound regions (older scanners, secondary captures).

    Looks at the instance, then at its shared functional groups (enhanced ultrasound volumes).
    """
    holders = [dataset]
    for shared in dataset.get("SharedFunctionalGroupsSequence") or []:
        holders.extend(shared.get("PixelMeasuresSequence") or [])
    for holder in holders:
        for keyword, tag in (("PixelSpacing", "0028,0030"), ("NominalScannedPixelSpacing", "0018,2010")):
            spacing = holder.get(keyword)
            if spacing is None or len(spacing) != 2:
                continue
            row, col = float(spacing[0]), float(spacing[1])
            # 1 \ 1 is what converters write when they know nothing
            if not (_possible_mm(row) and _possible_mm(col)) or row == col == 1.0:
                continue
            text = f"{keyword} ({tag}) {row:.6g} x {col:.6g} mm"
            calibration = Calibration(mm_per_px_row=row, mm_per_px_col=col, source="dicom_pixel_spacing", note=text)
            return RegionScale(calibration=calibration, notes=(text,))
    return RegionScale()


def pixel_aspect(dataset: Any) -> float | None:
    """Height over width of a pixel from PixelAspectRatio (0028,0034); None if it is malformed.

    The tag holds vertical size, then horizontal size. Where it is absent, pixels are square: DICOM PS3.3 C.7.6.3.1.7
    requires it wherever they are not.
    """
    ratio = dataset.get("PixelAspectRatio")
    if ratio is None:
        return 1.0
    if len(ratio) != 2:
        return None
    vertical, horizontal = float(ratio[0]), float(ratio[1])
    return vertical / horizontal if vertical > 0 and horizontal > 0 else None


def _is_spatial_cm(item: Any) -> bool:
    try:
        deltas = abs(float(item.PhysicalDeltaX)), abs(float(item.PhysicalDeltaY))
        units = int(item.PhysicalUnitsXDirection), int(item.PhysicalUnitsYDirection)
        spatial = int(item.get("RegionSpatialFormat", _SPATIAL_2D))
        x0, y0, x1, y1 = _corners(item)
    except (AttributeError, TypeError, ValueError):
        return False
    is_2d = spatial == _SPATIAL_2D and _data_type(item) in (_TISSUE, _COLOUR_FLOW, 0)
    return is_2d and units == (_UNIT_CM, _UNIT_CM) and all(_possible_mm(10 * d) for d in deltas) and x1 > x0 and y1 > y0


def _possible_mm(value: float) -> bool:
    return math.isfinite(value) and 1e-3 <= value <= 10.0


def _data_type(item: Any) -> int:
    return int(item.get("RegionDataType") or 0)


def _corners(item: Any) -> tuple[int, int, int, int]:
    return (
        int(item.RegionLocationMinX0),
        int(item.RegionLocationMinY0),
        int(item.RegionLocationMaxX1),
        int(item.RegionLocationMaxY1),
    )


def _area(item: Any) -> int:
    x0, y0, x1, y1 = _corners(item)
    return (x1 - x0) * (y1 - y0)
