"""The reference readings: median of three observers a picture, and what the exam says of the same picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import mskus
from _error_parts import parts_columns
from _results import data_root


def readings() -> pd.DataFrame:
    """One row a picture: muscle, subject, scale and the observers' medians."""
    table = pd.read_csv(data_root() / "muscle" / "architecture_readings" / "readings.csv")
    numbers = [c for c in table.columns if c not in ("image", "muscle", "subject", "observer")]
    return table.groupby(["image", "muscle", "subject"], sort=False)[numbers].median().reset_index()


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
        named = {m.name: m for m in findings.measurements if m.frame == 0}
        measured: dict[str, Any] = {"image": row["image"], "muscle": row["muscle"], "subject": row["subject"]}
        for name, read in {
            "pennation_angle_deg": "pennation_angle_deg",
            "fascicle_angle_deg": "fascicle_angle_deg",
            "superficial_aponeurosis_angle_deg": "superficial_aponeurosis_angle_deg",
            f"muscle_thickness_50_{unit}": f"thickness_{unit}",
            f"fascicle_length_trigonometric_{unit}": f"fascicle_length_{unit}",
        }.items():
            m = named[name]
            plain = name.removesuffix(f"_{unit}")
            measured[plain] = np.nan if m.value is None else m.value
            measured[f"{plain}_read"] = row[read]
            measured[f"{plain}_low"], measured[f"{plain}_high"] = m.interval or (np.nan, np.nan)
        if parts:
            columns = {
                "pennation_angle_deg": "pennation_angle_deg",
                "muscle_thickness_50": "muscle_thickness_50_mm",
                "fascicle_length_trigonometric": "fascicle_length_trigonometric_mm",
            }
            measured |= parts_columns(clip, columns)
        measured["withheld"] = named["pennation_angle_deg"].withheld
        out.append(measured)
    return pd.DataFrame(out)
