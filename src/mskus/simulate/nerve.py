"""Simulate a nerve beside a vessel in cross-section: clip and truth together.

A nerve shows as a bright rim (epineurium) around dark fascicles in brighter connective tissue, the honeycomb; a vessel
as a disk without echoes (Silvestri et al. 1995, Radiology 197:291). Fully developed speckle is laid over both by the
scanner of :mod:`mskus.simulate.bmode`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mskus.clip import Calibration, Clip
from mskus.simulate.bmode import BeamGrid
from mskus.simulate.curve import FloatArray
from mskus.simulate.scanner import Scanner
from mskus.simulate.screen import Screen
from mskus.simulate.tissue import speckle_points

_PER_CELL = 5.0
_OUTLINE_CORNERS = 360


@dataclass(frozen=True, kw_only=True)
class Ellipse:
    """An ellipse in mm of the picture.

    Attributes:
        centre_mm: ``(x, y)``, y down from the skin.
        long_mm: long diameter.
        short_mm: short diameter.
        angle_deg: of the long axis, positive rises to the right.
    """

    centre_mm: tuple[float, float]
    long_mm: float
    short_mm: float
    angle_deg: float = 0.0

    def radius(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Distance from the centre over that of the border in the same direction: below 1 inside."""
        turn = np.deg2rad(self.angle_deg)
        dx, dy = x - self.centre_mm[0], y - self.centre_mm[1]
        along = (dx * np.cos(turn) - dy * np.sin(turn)) / (self.long_mm / 2.0)
        across = (dx * np.sin(turn) + dy * np.cos(turn)) / (self.short_mm / 2.0)
        return np.asarray(np.hypot(along, across))

    def outline_mm(self) -> FloatArray:
        """``(360, 2)`` points of the border."""
        t = np.arange(_OUTLINE_CORNERS) * (2.0 * np.pi / _OUTLINE_CORNERS)
        turn = np.deg2rad(self.angle_deg)
        along, across = 0.5 * self.long_mm * np.cos(t), 0.5 * self.short_mm * np.sin(t)
        x = along * np.cos(turn) + across * np.sin(turn)
        y = across * np.cos(turn) - along * np.sin(turn)
        return np.stack([x, y], axis=1) + self.centre_mm

    @property
    def measures(self) -> dict[str, float]:
        """Area, perimeter (Ramanujan 1914), circularity, diameters, depth of centre and uppermost point."""
        a, b = self.long_mm / 2.0, self.short_mm / 2.0
        h = ((a - b) / (a + b)) ** 2
        perimeter = np.pi * (a + b) * (1.0 + 3.0 * h / (10.0 + np.sqrt(4.0 - 3.0 * h)))
        turn = np.deg2rad(self.angle_deg)
        area = np.pi * a * b
        return {
            "cross_sectional_area_mm2": float(area),
            "perimeter_mm": float(perimeter),
            "circularity": float(4.0 * np.pi * area / perimeter**2),
            "long_diameter_mm": self.long_mm,
            "short_diameter_mm": self.short_mm,
            "depth_mm": self.centre_mm[1],
            "depth_upper_edge_mm": float(self.centre_mm[1] - np.hypot(a * np.sin(turn), b * np.cos(turn))),
        }

    def moved(self, x_mm: float, y_mm: float) -> Ellipse:
        """The same shifted."""
        x, y = self.centre_mm
        return Ellipse(
            centre_mm=(x + x_mm, y + y_mm), long_mm=self.long_mm, short_mm=self.short_mm, angle_deg=self.angle_deg
        )


@dataclass(frozen=True, kw_only=True)
class NerveAnatomy:
    """A cross-section through a limb; levels in dB over the muscle around.

    Attributes:
        nerve: its outer border, rim included.
        vessel: its border.
        rim_mm: thickness of the epineurium.
        rim_db: its level.
        fascicle_mm: mean distance of fascicles.
        fascicle_db: level inside a fascicle.
        between_db: level of the tissue between fascicles.
        vessel_db: level of blood.
        skin_mm: thickness of the bright skin.
        fat_mm: depth of the fascia under the fat.
    """

    nerve: Ellipse = Ellipse(centre_mm=(16.0, 12.0), long_mm=7.0, short_mm=4.0, angle_deg=10.0)
    vessel: Ellipse = Ellipse(centre_mm=(26.0, 15.0), long_mm=5.0, short_mm=4.6)
    rim_mm: float = 0.35
    rim_db: float = 14.0
    fascicle_mm: float = 1.0
    fascicle_db: float = -7.0
    between_db: float = 9.0
    vessel_db: float = -30.0
    skin_mm: float = 1.5
    fat_mm: float = 5.0

    def level_db(self, x: FloatArray, y: FloatArray, fascicles: FloatArray) -> FloatArray:
        """Backscattered level at points in mm; ``fascicles`` are ``(N, 2)`` centres from the nerve's centre."""
        level = np.where(y < self.fat_mm, -3.0, 0.0)
        level = np.where(y < self.skin_mm, 10.0, level)
        level = np.where(np.abs(y - self.fat_mm) < 0.25, 16.0, level)
        offset = np.stack([x - self.nerve.centre_mm[0], y - self.nerve.centre_mm[1]], axis=-1)
        nearest = np.full(x.shape, np.inf)
        for centre in fascicles:
            nearest = np.minimum(nearest, np.hypot(*(offset - centre).T).T)
        honeycomb = np.where(nearest < 0.38 * self.fascicle_mm, self.fascicle_db, self.between_db)
        radius = self.nerve.radius(x, y)
        rim = 1.0 - 2.0 * self.rim_mm / self.nerve.short_mm
        level = np.where(radius < 1.0, np.where(radius > rim, self.rim_db, honeycomb), level)
        return np.asarray(np.where(self.vessel.radius(x, y) < 1.0, self.vessel_db, level))


@dataclass(frozen=True, eq=False)
class NerveTruth:
    """What is true of one frame.

    Attributes:
        nerve: its border in mm of the picture.
        vessel: its border.
        scanner: the scanner that made the picture.
    """

    nerve: Ellipse
    vessel: Ellipse
    scanner: Scanner

    @cached_property
    def measurements(self) -> dict[str, float]:
        """Every size and depth of the nerve exam by name, and the distance between nerve and vessel."""
        border = 0.5 * self.scanner.mm_per_px_row  # mm count from a pixel's centre, depth from its border
        values = {
            f"{which}_1_{name}": value + border * name.startswith("depth")
            for which, thing in (("nerve", self.nerve), ("vessel", self.vessel))
            for name, value in thing.measures.items()
        }
        a, b = self.nerve.outline_mm(), self.vessel.outline_mm()
        gap = np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)).min()
        apart = bool((self.nerve.radius(b[:, 0], b[:, 1]) > 1.0).all() and (self.vessel.radius(*a.T) > 1.0).all())
        values["nerve_1_vessel_distance_mm"] = float(gap) if apart else 0.0
        return values

    def outline_px(self, thing: Ellipse) -> FloatArray:
        """Its border in pixels, ``(360, 2)``."""
        return np.asarray(thing.outline_mm() / (self.scanner.mm_per_px_col, self.scanner.mm_per_px_row))

    def mask(self, thing: Ellipse) -> NDArray[np.bool_]:
        """``(H, W)``: pixels whose centre lies inside."""
        height, width = self.scanner.size_px
        x, y = (
            np.arange(width, dtype=float) * self.scanner.mm_per_px_col,
            np.arange(height, dtype=float) * self.scanner.mm_per_px_row,
        )
        return np.asarray(thing.radius(x[None, :], y[:, None]) < 1.0)

    def record(self) -> dict[str, Any]:
        """As plain data for JSON: measurements and outlines (px)."""
        return {
            "measurements": {name: round(value, 4) for name, value in self.measurements.items()},
            "nerve_px": np.round(self.outline_px(self.nerve)[::5], 2).tolist(),
            "vessel_px": np.round(self.outline_px(self.vessel)[::5], 2).tolist(),
        }


@dataclass(frozen=True, eq=False)
class NervePhantom:
    """A simulated clip and what is true of it; as :class:`mskus.simulate.phantom.Phantom`."""

    kind: ClassVar[str] = "nerve"

    clip: Clip
    truth: list[NerveTruth] = field(default_factory=list)
    scanner: Scanner = field(default_factory=Scanner)
    seed: int = 0
    screen: Screen | None = None

    @property
    def image(self) -> NDArray[np.uint8]:
        """The first frame, ``(H, W)``."""
        return self.clip.frame(0)


def random_nerve(rng: np.random.Generator, *, width_mm: float = 38.0, depth_mm: float = 30.0) -> NerveAnatomy:
    """A nerve of 4 to 40 mm2 at any depth, with a vessel to one side of it."""
    short = float(rng.uniform(2.2, 5.0))
    nerve = Ellipse(
        centre_mm=(float(rng.uniform(0.3, 0.7)) * width_mm, float(rng.uniform(0.3, 0.6)) * depth_mm),
        long_mm=short * float(rng.uniform(1.1, 2.0)),
        short_mm=short,
        angle_deg=float(rng.uniform(-25.0, 25.0)),
    )
    wide = float(rng.uniform(2.5, 6.0))
    side = 1.0 if nerve.centre_mm[0] < width_mm / 2 else -1.0
    away = side * (nerve.long_mm / 2 + wide / 2 + float(rng.uniform(0.5, 3.0)))
    vessel = Ellipse(
        centre_mm=(nerve.centre_mm[0] + away, nerve.centre_mm[1] + float(rng.uniform(-1.0, 4.0))),
        long_mm=wide,
        short_mm=wide * float(rng.uniform(0.75, 1.0)),
    )
    return NerveAnatomy(nerve=nerve, vessel=vessel, fascicle_mm=float(rng.uniform(0.7, 1.2)))


def nerve_scanner(*, size_px: tuple[int, int] = (400, 506)) -> Scanner:
    """A linear probe at 14 MHz, 38 x 30 mm."""
    return Scanner(
        width_mm=38.0, depth_mm=30.0, size_px=size_px, frequency_mhz=14.0, f_number=2.2, focus_mm=14.0,
        dynamic_range_db=58.0, grey_level=0.38, noise_db=-22.0, smoothing_px=0.6,
    )  # fmt: skip


def simulate_nerve(
    *,
    seed: int = 0,
    n_frames: int = 1,
    anatomy: NerveAnatomy | None = None,
    scanner: Scanner | None = None,
    slide_mm: float = 3.0,
    frame_rate_hz: float = 25.0,
) -> NervePhantom:
    """Simulate a nerve and a vessel, sliding to and fro under the probe.

    Args:
        seed: of tissue and noise.
        n_frames: frames of the clip.
        anatomy: what is cut through.
        scanner: with a linear probe.
        slide_mm: how far the picture slides sideways and back over the clip.
        frame_rate_hz: of the clip.

    Returns:
        Clip and truth; the same arguments give the same phantom.

    Raises:
        ValueError: if ``n_frames`` is below 1.

    Example:
        >>> truth = simulate_nerve(scanner=nerve_scanner(size_px=(120, 152))).truth[0].measurements
        >>> round(truth["nerve_1_cross_sectional_area_mm2"], 2)
        21.99
    """
    if n_frames < 1:
        raise ValueError(f"a clip needs at least one frame; got n_frames={n_frames}")
    scanner = scanner or nerve_scanner()
    anatomy = anatomy or NerveAnatomy()
    tissue_rng, noise_rng = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
    x, y, strength = _tissue(anatomy, scanner, tissue_rng, margin_mm=abs(slide_mm) + 2.0)
    grid = BeamGrid(scanner, noise_rng)
    frames = np.empty((n_frames, *scanner.size_px), np.uint8)
    truth = []
    for k in range(n_frames):
        slide = slide_mm * float(np.sin(2.0 * np.pi * k / max(n_frames, 2)))
        echoes = grid.envelope((x + slide).astype(np.float32), y_mm=y, amplitude=strength, rng=noise_rng)
        frames[k] = grid.picture(grid.compress(echoes))
        truth.append(NerveTruth(anatomy.nerve.moved(slide, 0.0), anatomy.vessel.moved(slide, 0.0), scanner))
    clip = Clip(
        luma=frames,
        calibration=Calibration(
            mm_per_px_row=scanner.mm_per_px_row, mm_per_px_col=scanner.mm_per_px_col, source="simulation",
            note=f"simulated picture of {scanner.width_mm:g} x {scanner.depth_mm:g} mm",
        ),
        frame_times_s=np.arange(n_frames) / frame_rate_hz,
        acquisition={"manufacturer": "mskus simulator", "depth_mm": scanner.depth_mm, "probe": scanner.probe},
        notes=(f"simulated nerve, seed {seed}",),
    )  # fmt: skip
    return NervePhantom(clip, truth, scanner, seed)


def _tissue(
    anatomy: NerveAnatomy, scanner: Scanner, rng: np.random.Generator, *, margin_mm: float
) -> tuple[FloatArray, NDArray[np.float32], NDArray[np.float32]]:
    """Scatterers: x and y in mm, strength."""
    waist = float(scanner.sigma_lateral_mm(np.array([scanner.focus_mm]))[0])
    per_mm2 = _PER_CELL / (2.355**2 * scanner.sigma_axial_mm * waist)
    x, y, strength = speckle_points(
        rng, width_mm=scanner.width_mm + 2.0 * margin_mm, height_mm=scanner.depth_mm + 1.0, per_mm2=per_mm2,
        wavelength_mm=scanner.wavelength_mm,
    )  # fmt: skip
    x = x - margin_mm
    level = anatomy.level_db(x, y, _fascicles(anatomy, rng))
    amplitude = strength * 10.0 ** (level / 20.0) / np.sqrt(per_mm2)
    return x, y.astype(np.float32), amplitude.astype(np.float32)


def _fascicles(anatomy: NerveAnatomy, rng: np.random.Generator) -> FloatArray:
    """Centres of the fascicles from the nerve's centre: a hexagonal grid, a little disturbed."""
    step, reach = anatomy.fascicle_mm, anatomy.nerve.long_mm / 2.0
    rows = np.arange(-reach, reach + step, step * np.sqrt(3.0) / 2.0)
    columns = np.arange(-reach, reach + step, step)
    grid = np.array([(c + 0.5 * step * (i % 2), r) for i, r in enumerate(rows) for c in columns])
    grid = grid + rng.normal(0.0, 0.1 * step, grid.shape)
    x, y = grid.T
    inner = anatomy.nerve.radius(x + anatomy.nerve.centre_mm[0], y + anatomy.nerve.centre_mm[1])
    return grid[inner < 1.0 - 2.0 * (anatomy.rim_mm + 0.3 * step) / anatomy.nerve.short_mm]
