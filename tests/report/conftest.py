"""Findings made by hand: three frames of 160 x 120 px with known values, the middle one nearest to the medians."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from mskus.clip import Calibration, Clip, Source
from mskus.findings import Findings, Manifest, Measurement, Polyline, QualityVerdict, Segments, Structure

THICKNESS_MM = (16.0, 17.0, 18.5)
PENNATION_DEG = (14.0, 15.0, None)


def _findings(n_frames: int = 3, *, calibrated: bool = True, aspect: float = 1.0) -> Findings:
    scale = Calibration(mm_per_px_row=0.2 * aspect, mm_per_px_col=0.2, source="user") if calibrated else None
    grey = np.full((n_frames, 120, 160), 60, np.uint8)
    times = np.arange(n_frames) * 0.5
    clip = Clip(luma=grey, calibration=scale, frame_times_s=times, source=Source(path="a/b.dcm", sha256="c" * 64))
    structures: list[Structure] = []
    measurements: list[Measurement] = []
    for t in range(n_frames):
        for label, y in (("superficial_aponeurosis", 30.0), ("deep_aponeurosis", 90.0)):
            line = Polyline(points=((10.0, y), (150.0, y)))
            structures.append(Structure(id=f"{label}@{t}", label=label, frame=t, geometry=line))
        fascicle = Segments(lines=((40.0, 80.0, 100.0, 50.0),))
        structures.append(Structure(id=f"fascicle@{t}", label="fascicle", frame=t, geometry=fascicle))
        thickness, pennation = THICKNESS_MM[t % 3], PENNATION_DEG[t % 3]
        measurements.append(
            Measurement(
                name="muscle_thickness_mean_mm",
                value=thickness,
                unit="mm",
                interval=(thickness - 0.5, thickness + 0.5),
                frame=t,
                method="perpendicular",
            )
        )
        measurements.append(
            Measurement(
                name="pennation_angle_deg",
                value=pennation,
                unit="deg",
                interval=None if pennation is None else (pennation - 1, pennation + 1),
                frame=t,
                method="field",
                flags=("faint", "half outside") if t == 0 else (),
                withheld="fascicles not visible" if pennation is None else "",
            )
        )
    manifest = Manifest(
        mskus_version="9.9",
        exam="muscle",
        input_path="a/b.dcm",
        input_sha256="c" * 64,
        n_frames=n_frames,
        frame_size_px=(160, 120),
        frame_times_s=tuple(times.tolist()),
        calibration={"mm_per_px_row": 0.2 * aspect, "mm_per_px_col": 0.2, "source": "user", "relative_error": 0.01}
        if calibrated
        else None,
        provenance=("scale given by the user",),
        models={"muscle_aponeurosis": "d" * 64},
    )
    found = Findings(
        exam="muscle",
        quality=QualityVerdict(verdict="warn", reasons=("shadow on <one> side",), scores={"shadow": 0.2}),
        structures=structures,
        measurements=measurements,
        manifest=manifest,
    )
    angle = np.full((120, 160), 27.0, np.float32)
    confidence = np.zeros((120, 160), np.float32)
    confidence[40:80, 20:140] = 1.0
    histogram = np.zeros(256)
    histogram[60] = 10.0
    profile = np.array([0.0, 5.0, 10.0]), np.array([70.0, 60.0, 50.0])
    maps = {
        "orientation": [SimpleNamespace(angle_deg=angle, confidence=confidence)] * n_frames,
        "echo_intensity": {"histogram": histogram, "depth_profile": profile},
    }
    return found.attach(clip, maps)


@pytest.fixture
def make_findings() -> Callable[..., Findings]:
    return _findings
