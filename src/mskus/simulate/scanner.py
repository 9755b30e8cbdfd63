"""The scanner: probe, beam, processing and picture size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mskus.simulate.curve import FloatArray

SOUND_SPEED_MM_PER_S = 1.54e6


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """Probe and settings of a simulated scanner.

    Attributes:
        probe: linear or curved array.
        width_mm: width of the picture (the aperture of a linear probe; the widest chord of a curved one).
        depth_mm: depth of the picture.
        size_px: ``(height, width)`` of the B-mode picture; spacing follows and may be unequal.
        radius_mm: radius of a curved probe.
        frequency_mhz: centre frequency.
        pulse_cycles: length of the pulse (full width at half maximum of its envelope) in periods.
        f_number: of the focused beam; the lateral width at the focus is ``f_number`` wavelengths.
        focus_mm: depth of the focus.
        looks_deg: steering angles that are compounded; one entry means no compounding.
        dynamic_range_db: of the log compression.
        grey_level: 0..1 grey of the muscle's speckle (before ``gamma``).
        gamma: exponent of the grey map.
        gain_db: depth-gain curve: residual gain at evenly spaced depths.
        noise_db: level of electronic noise at the deepest row relative to the muscle's speckle.
        line_gain_db: spread of the gain from beam to beam (vertical streaks).
        shadows: ``(position 0..1, width 0..1, loss_db)`` of lost contact at the skin.
        smoothing_px: Gaussian speckle reduction of the finished picture.
        sharpening: unsharp masking of the finished picture, 0 for none.
        slant_deg: slant of the picture's sides (beam steering), as some scanners show.
        background: grey outside the insonified field.
    """

    probe: Literal["linear", "curved"] = "linear"
    width_mm: float = 50.0
    depth_mm: float = 50.0
    size_px: tuple[int, int] = (512, 512)
    radius_mm: float = 60.0
    frequency_mhz: float = 8.0
    pulse_cycles: float = 2.0
    f_number: float = 2.0
    focus_mm: float = 25.0
    looks_deg: tuple[float, ...] = (0.0,)
    dynamic_range_db: float = 60.0
    grey_level: float = 0.35
    gamma: float = 1.0
    gain_db: tuple[float, ...] = (0.0, 0.0)
    noise_db: float = -25.0
    line_gain_db: float = 0.5
    shadows: tuple[tuple[float, float, float], ...] = ()
    smoothing_px: float = 0.0
    sharpening: float = 0.0
    slant_deg: float = 0.0
    background: int = 0

    @property
    def wavelength_mm(self) -> float:
        """Wavelength of the centre frequency at 1540 m/s."""
        return SOUND_SPEED_MM_PER_S / (self.frequency_mhz * 1e6)

    @property
    def mm_per_px_row(self) -> float:
        """Height of a pixel."""
        return self.depth_mm / self.size_px[0]

    @property
    def mm_per_px_col(self) -> float:
        """Width of a pixel."""
        return self.width_mm / self.size_px[1]

    @property
    def sigma_axial_mm(self) -> float:
        """Gaussian width of the two-way pulse at the skin (amplitude envelope)."""
        return float(self.pulse_cycles * self.wavelength_mm / 2 / 2.355)

    def sigma_lateral_mm(self, depth_mm: NDArray[np.float64]) -> FloatArray:
        """Gaussian width of the two-way beam at a depth: narrowest at the focus, wider to both sides."""
        waist = self.f_number * self.wavelength_mm / 2.355
        away = (np.asarray(depth_mm) - self.focus_mm) / (2.5 * self.focus_mm)
        return np.asarray(waist * np.sqrt(1.0 + 2.5 * away**2))

    @property
    def depth_step_mm(self) -> float:
        """Row distance of the beam grid: fine enough for the pulse, not coarser than the picture."""
        return min(self.sigma_axial_mm * 0.8, 1.5 * self.mm_per_px_row)

    @property
    def half_sector_rad(self) -> float:
        """Half opening angle of a curved probe's sector: its widest chord fills the picture."""
        return float(np.arcsin(min(0.95, self.width_mm / 2 / (self.radius_mm + self.depth_mm))))

    @property
    def line_step_mm(self) -> float:
        """Distance of two beams at the probe's face."""
        waist = float(self.sigma_lateral_mm(np.array([self.focus_mm]))[0])
        return float(np.clip(0.7 * waist, 0.12, 0.5))

    def lines(self) -> tuple[int, float, float]:
        """``(count, first, step)`` of the beams: mm for a linear probe, rad for a curved one."""
        if self.probe == "linear":
            count = int(np.ceil(self.width_mm / self.line_step_mm)) + 1
            return count, 0.0, self.width_mm / (count - 1)
        count = int(np.ceil(2 * self.half_sector_rad * (self.radius_mm + self.focus_mm) / self.line_step_mm)) + 1
        return count, -self.half_sector_rad, 2 * self.half_sector_rad / (count - 1)

    def rows(self) -> FloatArray:
        """Depths of the beam grid's rows in mm."""
        # the deepest corner of a curved picture lies on the arc, so depth along the beam is enough
        return np.arange(0.0, self.depth_mm + self.depth_step_mm, self.depth_step_mm)

    def pixel_mm(self) -> tuple[FloatArray, FloatArray]:
        """``x`` of every column and ``y`` of every row in mm; the first pixel's centre is the origin."""
        height, width = self.size_px
        return np.arange(width, dtype=np.float64) * self.mm_per_px_col, np.arange(
            height, dtype=np.float64
        ) * self.mm_per_px_row

    @property
    def apex_mm(self) -> tuple[float, float]:
        """Centre of a curved probe's circle in the picture's mm; its face touches the picture's upper edge."""
        return (self.size_px[1] - 1) / 2 * self.mm_per_px_col, -self.radius_mm

    def beam_coordinates(self, x_mm: FloatArray, y_mm: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``(line, row)`` on the beam grid of points in the picture's mm."""
        _, first, step = self.lines()
        if self.probe == "linear":
            return (x_mm - first) / step, y_mm / self.depth_step_mm
        across, along = x_mm - self.apex_mm[0], y_mm - self.apex_mm[1]
        range_mm: FloatArray = np.hypot(across, along) - self.radius_mm
        return (np.arctan2(across, along) - first) / step, range_mm / self.depth_step_mm

    def inside(self, x_mm: FloatArray, y_mm: FloatArray) -> NDArray[np.bool_]:
        """Whether points of the picture's mm are insonified."""
        x, y = np.asarray(x_mm, np.float64), np.asarray(y_mm, np.float64)
        last_x, last_y = (self.size_px[1] - 1) * self.mm_per_px_col, (self.size_px[0] - 1) * self.mm_per_px_row
        ok = (x >= 0) & (y >= 0) & (x <= last_x) & (y <= last_y)
        if self.probe == "curved":
            line, row = self.beam_coordinates(x, y)
            count, _, _ = self.lines()
            return np.asarray(
                ok & (line >= 0) & (line <= count - 1) & (row >= 0) & (row * self.depth_step_mm <= last_y + 1e-9)
            )
        lean = abs(np.tan(np.deg2rad(self.slant_deg)))
        left = lean * (y if self.slant_deg > 0 else last_y - y)
        right = last_x - lean * (last_y - y if self.slant_deg > 0 else y)
        return np.asarray(ok & (x >= left) & (x <= right))

    def field(self) -> NDArray[np.bool_]:
        """``(H, W)`` mask of the insonified field."""
        x, y = self.pixel_mm()
        grid_x, grid_y = np.meshgrid(x, y)
        return self.inside(grid_x, grid_y)


def random_scanner(
    rng: np.random.Generator, *, size_px: tuple[int, int] | None = None, curved: float = 0.05
) -> Scanner:
    """A random scanner as met in muscle studies: mostly linear probes of 5-12 MHz.

    Args:
        rng: the source of randomness.
        size_px: ``(height, width)`` of the picture; drawn if None.
        curved: probability of a curved probe.
    """
    probe: Literal["linear", "curved"] = "curved" if rng.random() < curved else "linear"
    depth = float(rng.uniform(30, 70))
    width = float(rng.uniform(max(30.0, 0.65 * depth), 60))
    size = size_px or (int(rng.integers(256, 640)), int(rng.integers(256, 640)))
    looks: tuple[float, ...] = ((0.0,), (-5.0, 5.0), (-8.0, 0.0, 8.0))[int(rng.integers(0, 3))]
    shadows = tuple(
        (float(rng.uniform(0, 1)), float(rng.uniform(0.02, 0.15)), float(rng.uniform(4, 25)))
        for _ in range(int(rng.integers(0, 3)) if rng.random() < 0.3 else 0)
    )
    fall = float(rng.normal(0, 6))
    frequency = float(rng.uniform(5, 12 - 0.05 * (depth - 30)))  # deep pictures need low frequencies
    # a beam wider than 1.6 mm at its focus is no muscle probe
    f_number = min(float(np.exp(rng.uniform(np.log(1.5), np.log(8.0)))), 1.6 * frequency * 1e6 / SOUND_SPEED_MM_PER_S)
    bright = rng.random()  # bright pictures come with a wide dynamic range
    return Scanner(
        probe=probe, width_mm=width, depth_mm=depth, size_px=size, radius_mm=float(rng.uniform(40, 70)),
        frequency_mhz=frequency, pulse_cycles=float(rng.uniform(1.6, 3.2)),
        f_number=f_number,
        focus_mm=float(rng.uniform(0.3, 0.8)) * depth, looks_deg=looks,
        dynamic_range_db=float(36 + 22 * bright + rng.uniform(0, 10)),
        grey_level=float(0.06 + 0.45 * bright**1.3 + rng.uniform(0, 0.1)),
        gamma=float(rng.uniform(0.8, 1.3)),
        gain_db=tuple(float(v) for v in rng.normal(0, 2.5, 5) - fall * np.linspace(0, 1, 5)),
        noise_db=float(rng.uniform(-30, -6)), line_gain_db=float(rng.uniform(0, 1.5)), shadows=shadows,
        smoothing_px=float(rng.choice((0.0, 0.5, 0.8, 1.2))), sharpening=float(rng.choice((0.0, 0.0, 0.0, 0.5))),
        slant_deg=float(rng.choice((0.0, 0.0, 0.0, 1.0)) * rng.uniform(-9, 9)),
        background=int(rng.choice((0, 0, 50))),
    )  # fmt: skip
