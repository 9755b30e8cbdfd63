"""Acquisition tags and frame times of a DICOM ultrasound instance."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

_AGE = re.compile(r"^(\d{1,3})([DWMY])$")
_YEARS = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}
_TEXTS = {
    "manufacturer": "Manufacturer",
    "model": "ManufacturerModelName",
    "probe_type": "TransducerType",
    "processing": "ProcessingFunction",
    "body_part": "BodyPartExamined",
    "view": "ViewName",
    "sex": "PatientSex",
    "study_date": "StudyDate",
    "series_description": "SeriesDescription",
    "sop_instance_uid": "SOPInstanceUID",
}
_NUMBERS = {
    "mechanical_index": "MechanicalIndex",
    "heart_rate_per_min": "HeartRate",
    "frequency_mhz": "TransducerFrequency",
}


def acquisition_tags(dataset: Any) -> dict[str, Any]:
    """What the instance says about scanner, probe and patient; names and numbers of the patient are left out.

    Keys where known: manufacturer, model, probe, probe_type, depth_mm, age_years, sex, body_part, laterality
    (``"L"``, ``"R"`` or ``"B"``), orientation (of rows and columns), frequency_mhz, mechanical_index ...

    Source: DICOM PS3.3 C.8.5.6 (US image), C.7.1.3, C.7.2.2.
    """
    found: dict[str, Any] = {}
    for name, keyword in _TEXTS.items():
        text = _text(dataset.get(keyword))
        if text:
            found[name] = text
    for name, keyword in _NUMBERS.items():
        number = _number(dataset.get(keyword))
        if number:
            found[name] = number / 1000 if name == "frequency_mhz" else number
    data = dataset.get("TransducerData")
    probe = _text(data[0] if isinstance(data, (list, tuple)) or _is_multi(data) else data)
    if probe:
        found["probe"] = probe
    depth = _number(dataset.get("DepthOfScanField"))
    if depth:
        found["depth_mm"] = depth
    age = _AGE.match(_text(dataset.get("PatientAge")).upper())
    if age:
        found["age_years"] = round(int(age[1]) * _YEARS[age[2]], 3)
    laterality = _text(dataset.get("ImageLaterality")) or _text(dataset.get("Laterality"))
    if laterality:
        found["laterality"] = laterality.upper()
    orientation = dataset.get("PatientOrientation")
    if _is_multi(orientation) and len(orientation) == 2:
        found["orientation"] = "\\".join(str(part) for part in orientation)
    return found


def frame_times_s(dataset: Any, *, n_frames: int) -> tuple[NDArray[np.float64] | None, str]:
    """Seconds of each frame from the first, and the tag that says so.

    In this order: FrameTimeVector (0018,1065), FrameTime (0018,1063), CineRate (0018,0040),
    RecommendedDisplayFrameRate (0008,2144).

    Source: DICOM PS3.3 C.7.6.5 (cine).

    Example:
        >>> from pydicom.dataset import Dataset
        >>> one = Dataset()
        >>> one.FrameTime = "40"
        >>> frame_times_s(one, n_frames=3)[0].tolist()
        [0.0, 0.04, 0.08]
    """
    if n_frames < 2:
        return None, ""
    vector = dataset.get("FrameTimeVector")
    if _is_multi(vector) and len(vector) in (n_frames, n_frames - 1):
        steps = np.array([float(v) for v in vector], np.float64) / 1000
        times = np.concatenate([[0.0], np.cumsum(steps[-(n_frames - 1) :])])
        if np.isfinite(times).all() and times[-1] > 0 and (np.diff(times) >= 0).all():
            return times, "frame times from FrameTimeVector (0018,1065)"
    step = _number(dataset.get("FrameTime"))
    if step and step > 0:
        return np.arange(n_frames) * step / 1000, f"frame times from FrameTime (0018,1063) {step:g} ms"
    for keyword, tag in (("CineRate", "0018,0040"), ("RecommendedDisplayFrameRate", "0008,2144")):
        rate = _number(dataset.get(keyword))
        if rate and rate > 0:
            return np.arange(n_frames) / rate, f"frame times from {keyword} ({tag}) {rate:g} frames/s"
    return None, "the instance states no frame times"


def _is_multi(value: Any) -> bool:
    return value is not None and not isinstance(value, (str, bytes, float, int)) and hasattr(value, "__len__")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if _is_multi(value):
        value = value[0] if len(value) else ""
    return str(value).replace("\x00", "").strip()


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
