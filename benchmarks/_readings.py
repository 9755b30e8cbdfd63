"""The reference readings: median of three observers a picture, and what the exam says of the same picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import mskus
from _error_parts import parts_columns
from _results import data_root
from mskus.findings import Findings, Measurement, Polyline

ANGLES = ("pennation_angle_deg", "fascicle_angle_deg", "superficial_aponeurosis_angle_deg")


def readings() -> pd.DataFrame:
    """One row a picture: muscle, subject, scale and the observers' medians."""
    table = pd.read_csv(data_root() / "muscle" / "architecture_readings" / "readings.csv")
    numbers = [c for c in table.columns if c not in ("image", "muscle", "subject", "observer")]
    return table.groupby(["image", "muscle", "subject"], sort=False)[numbers].median().reset_index()


def left_thickness(findings: Findings) -> float:
    """Thickness at the picture's left end, in pixels: vertical distance times the cosine of the superficial angle.

    The observers measured at the left end: over the pictures the difference to their vertical distance has its smallest
    spread there by far (3 pixels, over 20 in the middle, in both muscles).
    """
    edges = {
        s.label: np.array(s.geometry.points)
        for s in findings.structures
        if s.label in ("superficial_aponeurosis", "deep_aponeurosis") and isinstance(s.geometry, Polyline)
    }
    if len(edges) < 2 or findings.value("superficial_aponeurosis_angle_deg", 0) is None:
        return float("nan")
    upper, lower = edges["superficial_aponeurosis"], edges["deep_aponeurosis"]
    vertical = lower[0, 1] - upper[0, 1]
    return float(vertical * np.cos(np.deg2rad(findings.value("superficial_aponeurosis_angle_deg", 0))))


def _columns(name: str, value: float | None, interval: tuple[float, float] | None, read: float) -> dict[str, float]:
    low, high = interval or (np.nan, np.nan)
    return {name: np.nan if value is None else value, f"{name}_low": low, f"{name}_high": high, f"{name}_read": read}


def _as_of(measurement: Measurement, value: float) -> tuple[float, float] | None:
    """The relative interval of a measurement of the same kind, about another value."""
    if measurement.interval is None or not measurement.value:
        return None
    return tuple(value * end / measurement.value for end in measurement.interval)


def examined(rows: pd.DataFrame, *, parts: bool = False, **settings: Any) -> pd.DataFrame:
    """The exam's values and intervals of every picture, beside the medians (suffix ``_read``)."""
    out = []
    for row in rows.to_dict("records"):
        scale = row["mm_per_px"]
        path = data_root() / "muscle" / "architecture_readings" / row["image"]
        known = {"mm_per_px": scale} if np.isfinite(scale) else {"pixel_aspect": 1.0}
        clip = mskus.read(path, **known)
        findings = mskus.examine(clip, "muscle", **settings)
        unit = "mm" if np.isfinite(scale) else "px"
        named = {m.name.removesuffix(f"_{unit}"): m for m in findings.measurements if m.frame == 0}
        measured: dict[str, Any] = {"image": row["image"], "muscle": row["muscle"], "subject": row["subject"]}
        for name in ANGLES:
            m = named[name]
            measured |= _columns(name, m.value, m.interval, row[name])
        thickness = left_thickness(findings) * (scale if unit == "mm" else 1.0)
        at_25, trigonometric = named["muscle_thickness_25"], named["fascicle_length_trigonometric"]
        measured |= _columns("thickness_left", thickness, _as_of(at_25, thickness), row[f"thickness_{unit}"])
        pennation = named["pennation_angle_deg"].value
        length = np.nan if pennation is None else thickness / np.sin(np.deg2rad(pennation))
        measured |= _columns("length_left", length, _as_of(trigonometric, length), row[f"fascicle_length_{unit}"])
        if parts:
            columns = {
                "pennation_angle_deg": "pennation_angle_deg",
                "thickness_left": "muscle_thickness_25_mm",
                "length_left": "fascicle_length_trigonometric_mm",
            }
            measured |= parts_columns(clip, columns, **settings)
        measured["withheld"] = named["pennation_angle_deg"].withheld
        out.append(measured)
    return pd.DataFrame(out)
