"""From an anatomy to its scatterers: speckle of every layer and the bright lines of connective tissue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mskus.simulate.curve import Curve, FloatArray, SampledCurve
from mskus.simulate.kinematics import PIVOT, MuscleState
from mskus.simulate.mapping import grow, to_material
from mskus.simulate.muscle import Bundle, MuscleAnatomy
from mskus.simulate.scanner import Scanner

_MAX_SPECKLE = 150_000
_PER_CELL = 5.0  # scatterers in a resolution cell: enough for fully developed speckle (Wagner et al. 1983)

_VISIBLE_DB = 8.0  # fainter fragments are not drawn into the truth

Field = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class Scatterers:
    """Matter that scatters: ``(N,)`` material coordinates ``X`` (mm) and ``V`` (see MuscleState), and strength.

    ``lines`` holds the visible fascicle fragments, each ``(M, 2)`` material coordinates. Unit strength is such that
    the muscle's speckle has unit mean power.
    """

    x: NDArray[np.float32]
    v: NDArray[np.float32]
    amplitude: NDArray[np.float32]
    lines: list[FloatArray]


def material(anatomy: MuscleAnatomy, x: FloatArray, *, y: FloatArray) -> FloatArray:
    """Relative depth ``V`` at rest of points in mm: -1..0 above the belly, 0..1 in it, 1 + mm below it."""
    top, bottom = anatomy.superficial(x), anatomy.deep(x)
    inside = (y - top) / (bottom - top)
    return np.where(y < top, y / top - 1.0, np.where(y > bottom, 1.0 + y - bottom, inside))


def _smooth_noise(rng: np.random.Generator, x: FloatArray, length: float) -> FloatArray:
    """Unit-variance smooth random function of ``x`` with correlation length ``length``."""
    low = float(x.min()) - length
    knots = rng.standard_normal(int((x.max() - low) / length) + 4)
    at = (x - low) / length
    i = at.astype(np.int64)
    t = at - i
    t = t * t * (3 - 2 * t)
    return (knots[i] * (1 - t) + knots[i + 1] * t) / np.sqrt(t * t + (1 - t) ** 2)


class TissueBuilder:
    """Collects scatterers for one anatomy, one scanner and one seed."""

    def __init__(self, anatomy: MuscleAnatomy, scanner: Scanner, rng: np.random.Generator) -> None:
        self.anatomy, self.scanner, self.rng = anatomy, scanner, rng
        self.margin = abs(anatomy.shear_mm) * (1 - PIVOT) + 2.0
        self.low, self.high = -self.margin, scanner.width_mm + self.margin
        self.bottom = scanner.depth_mm + 1.0
        self.top_edge = SampledCurve(anatomy.superficial, low_mm=self.low - 30, high_mm=self.high + 30)
        self.bottom_edge = SampledCurve(anatomy.deep, low_mm=self.low - 30, high_mm=self.high + 30)
        self._x: list[FloatArray] = []
        self._y: list[FloatArray] = []
        self._a: list[FloatArray] = []
        self.lines: list[FloatArray] = []
        waist = float(scanner.sigma_lateral_mm(np.array([scanner.focus_mm]))[0])
        self.sigma_x, self.sigma_z = waist, scanner.sigma_axial_mm
        cell = 2.355**2 * self.sigma_x * self.sigma_z
        area = (self.high - self.low) * self.bottom
        self.density = min(_PER_CELL / cell, _MAX_SPECKLE / area)

        # padded before it is refined, so that it repeats without a seam
        coarse = np.pad(rng.standard_normal((64, 64)), 2, mode="wrap")
        self._noise = cv2.resize(coarse, (544, 544), interpolation=cv2.INTER_CUBIC)[16:-16, 16:-16]
        self._across_mm = float(rng.uniform(0.7, 1.8))
        self._along_mm = self._across_mm * float(rng.uniform(6, 12))

    def cloud(self, x: FloatArray, y: FloatArray, *, angle_deg: float) -> FloatArray:
        """Slow random field of unit variance, drawn out along ``angle_deg``."""
        c, s = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
        # 2^14: positive before the cast, which would round towards zero
        along = (c * x - s * y) * (8 / self._along_mm) + 16384
        across = (s * x + c * y) * (8 / self._across_mm) + 16384
        return np.asarray(1.2 * self._noise[across.astype(np.int32) & 511, along.astype(np.int32) & 511])

    def _add(self, x: FloatArray, y: FloatArray, amplitude: FloatArray) -> None:
        self._x.append(x)
        self._y.append(y)
        self._a.append(amplitude)

    def speckle(self) -> None:
        """Fully developed speckle everywhere, each layer at its own level, with slow random patches."""
        a, rng = self.anatomy, self.rng
        x, y, strength = speckle_points(
            rng, width_mm=self.high - self.low, height_mm=self.bottom, per_mm2=self.density,
            wavelength_mm=self.scanner.wavelength_mm,
        )  # fmt: skip
        x += self.low
        top, bottom = self.top_edge(x), self.bottom_edge(x)
        level = np.where(y < top, a.fat_db, np.where(y > bottom, a.below_db, 0.0))
        level = np.where(y < a.skin_mm, a.fat_db + 8.0, level)
        inside = (y >= top) & (y <= bottom)
        level += 1.3 * self.cloud(x / 4, y / 4, angle_deg=0.0)
        level += np.where(
            inside,
            a.bundle.cloud_db * self.cloud(x, y, angle_deg=a.fascicle_angle_deg),
            np.where(y > bottom, a.below_bundle.cloud_db * self.cloud(x, y, angle_deg=a.below_angle_deg), 0.0),
        )
        amplitude = strength * 10 ** (level / 20)
        if a.bone is not None:
            amplitude[y > SampledCurve(a.bone, low_mm=self.low, high_mm=self.high)(x)] *= 0.04
        self._add(x, y, amplitude)

    def strand(self, x: FloatArray, y: FloatArray, *, db: FloatArray, thickness_mm: float, per_mm: float) -> None:
        """Points of a bright line whose mean brightness is ``db`` over the speckle (scalar or one a point).

        Half of the power comes from a rough surface (random strengths), half from a smooth one: points that are
        moved to the nearest depth of equal phase, so that they add up whatever the tilt.
        """
        rng = self.rng
        level = 10 ** (np.asarray(db) / 20) / np.sqrt(2)
        wide = np.hypot(self.sigma_z * np.sqrt(np.pi), thickness_mm)
        rough = level * np.sqrt(self.density * wide / per_mm)
        jitter = (rng.random(x.size) - 0.5) * thickness_mm
        self._add(x, y + jitter, rng.standard_normal(x.size) * rough)
        half = self.scanner.wavelength_mm / 2
        even = level * np.sqrt(self.density) * np.sqrt(self.sigma_z * np.sqrt(np.pi))
        even = even / (per_mm * np.sqrt(2 * self.sigma_x * np.sqrt(np.pi)))
        self._add(x, np.round(y / half) * half, even * np.ones(x.size))

    def sheet(self, curve: Curve, *, thickness_mm: float, db: float, side: int, double: bool = False) -> None:
        """An aponeurosis whose inner edge is ``curve``; ``side`` -1 lies above it, +1 below."""
        rng = self.rng
        per_mm = 30.0
        x = np.arange(self.low, self.high, 1 / per_mm)
        edge = curve(x)
        gain = db + 2.0 * _smooth_noise(rng, x, 3.0)
        gain = gain - 12.0 / (1.0 + np.exp(-6.0 * (_smooth_noise(rng, x, 4.0) - _quantile(1 - self.anatomy.breaks))))
        leaves = (0.12, 0.88) if double and thickness_mm > 0.8 else tuple(np.linspace(0.15, 0.85, 3))
        for leaf in leaves:
            self.strand(
                x, edge + side * thickness_mm * leaf, db=gain, per_mm=per_mm,
                thickness_mm=thickness_mm * (0.2 if double else 0.5),
            )  # fmt: skip
        # diffuse echoes on both sides, fading with distance
        anatomy = self.anatomy
        n = int(self.density * (self.high - self.low) * 3 * anatomy.halo_mm)
        x = rng.random(n) * (self.high - self.low) + self.low
        away = anatomy.halo_mm * rng.laplace(0.0, 1.0, n)
        fade = np.interp(x, np.linspace(self.low, self.high, gain.size), gain) - anatomy.halo_db
        y = curve(x) + side * thickness_mm / 2 + away
        # fewer points than a layer's speckle far out: that is the fading
        self._add(x, y, np.sqrt(rng.standard_exponential(n)) * 10 ** (fade / 20))

    def bundle(
        self, look: Bundle, *, field: Field, low: Callable[[FloatArray], FloatArray],
        high: Callable[[FloatArray], FloatArray], level_db: float = 0.0, visible: bool = False,
    ) -> None:  # fmt: skip
        """Fragments of connective lines that follow ``field`` between the curves ``low`` and ``high``."""
        fine = Bundle(
            spacing_mm=0.45, length_mm=2.2, brightness_db=look.texture_db, brightness_sd_db=2.0, wave_deg=2.5,
            thickness_mm=0.15, cloud_db=look.cloud_db,
        )  # fmt: skip
        for kind, shown in ((look, visible), (fine, False)):
            self._fragments(kind, field=field, low=low, high=high, level_db=level_db, visible=shown)

    def _fragments(
        self, look: Bundle, *, field: Field, low: Callable[[FloatArray], FloatArray],
        high: Callable[[FloatArray], FloatArray], level_db: float, visible: bool,
    ) -> None:  # fmt: skip
        rng = self.rng
        columns = np.linspace(self.low, self.high, 64)
        top, bottom = float(low(columns).min()), min(float(high(columns).max()), self.bottom)
        if bottom - top < 0.5:
            return
        n = int((self.high - self.low) * (bottom - top) / (look.spacing_mm * look.length_mm)) + 1
        x = rng.random(n) * (self.high - self.low) + self.low
        y = rng.random(n) * (bottom - top) + top
        turn = look.wave_deg * rng.standard_normal(n)
        length = look.length_mm * (0.25 + rng.gamma(2.0, 0.375, n))
        step, per_step = 0.35, (4 if visible else 2)
        width, height = self.high - self.low, bottom - top
        grid_x, grid_y = np.meshgrid(np.linspace(self.low, self.high, 96), np.linspace(top, bottom, 64))
        path, count = grow(
            x, y_mm=y, length_mm=np.minimum(length, 60.0), turn_deg=turn, step_mm=step,
            angle_deg=field(grid_x, grid_y), corner_mm=(self.low, top), size_mm=(width, height),
        )  # fmt: skip
        steps = np.arange(path.shape[1])
        xs, ys = path[..., 0], path[..., 1]
        alive = steps[None, :] < count[:, None]
        which, k = np.nonzero(alive)
        at_x, at_y = xs[which, k], ys[which, k]
        alive[which, k] = (at_y > low(at_x)) & (at_y < high(at_x)) & (at_x > self.low) & (at_x < self.high)
        db = level_db + look.brightness_db + look.brightness_sd_db * rng.standard_normal(n)
        heading = float(field(np.array([self.scanner.width_mm / 2]), np.array([(top + bottom) / 2]))[0])
        db = db + look.cloud_db * self.cloud(xs[:, 0], ys[:, 0], angle_deg=heading)
        which, k = np.nonzero(alive[:, :-1] & alive[:, 1:])
        which, k = np.tile(which, per_step), np.tile(k, per_step)
        t = rng.random(which.size)
        px = xs[which, k] + t * (xs[which, k + 1] - xs[which, k])
        py = ys[which, k] + t * (ys[which, k + 1] - ys[which, k])
        # brightness swells and fades along a fragment
        cycles, phase = rng.uniform(0.5, 2.0, n), rng.random(n)
        along = k * step / length[which]
        level = db[which] - 1.5 + 3.0 * np.sin(2 * np.pi * (along * cycles[which] + phase[which]))
        self.strand(px, py, db=level, thickness_mm=look.thickness_mm, per_mm=per_step / step)
        if visible:
            for i in np.flatnonzero(db > _VISIBLE_DB):
                rows = np.flatnonzero(alive[i])
                for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
                    if run.size > 3:
                        self.lines.append(path[i, run])

    def finish(self) -> Scatterers:
        """All scatterers in material coordinates, strengths scaled to unit speckle power."""
        x, y = np.concatenate(self._x), np.concatenate(self._y)
        v = to_material(x, y_mm=y, top=self.top_edge, bottom=self.bottom_edge)
        lines = [np.column_stack([p[:, 0], material(self.anatomy, p[:, 0], y=p[:, 1])]) for p in self.lines]
        amplitude = np.concatenate(self._a) / np.sqrt(self.density)
        return Scatterers(x.astype(np.float32), v, amplitude.astype(np.float32), lines)


def speckle_points(
    rng: np.random.Generator, *, width_mm: float, height_mm: float, per_mm2: float, wavelength_mm: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Positions and strengths of scatterers that give fully developed speckle although they are few.

    One scatterer lies at random in each cell of a grid whose cells are a wavelength high, so its phase is uniform; its
    power is exponential. For independent terms of power ``p`` the intensity's second moment is
    ``E[I^2] / E[I]^2 = 2 + (kappa - 2) sum(p^2) / sum(p)^2``, ``kappa = E[a^4] / E[a^2]^2``; exponential power has
    kappa 2, which is the moment of a Rayleigh envelope however few scatterers share a resolution cell (Goodman 2007,
    Speckle Phenomena in Optics, ch. 3). Points thrown at random would need ten times as many.

    Returns:
        ``x`` in 0..width, ``y`` in 0..height and strengths of unit mean power, ``(N,)`` each.
    """
    rows = max(int(height_mm / wavelength_mm), 1)
    columns = max(int(per_mm2 * width_mm * height_mm / rows), 1)
    x = (np.arange(columns) + rng.random((rows, columns))) * (width_mm / columns)
    y = (np.arange(rows)[:, None] + rng.random((rows, columns))) * (height_mm / rows)
    return x.ravel(), y.ravel(), np.sqrt(rng.standard_exponential(rows * columns))


def _quantile(p: float) -> float:
    """Quantile of the standard normal distribution."""
    from scipy.special import ndtri

    return float(ndtri(min(max(p, 1e-6), 1 - 1e-6)))


def muscle_tissue(anatomy: MuscleAnatomy, *, scanner: Scanner, rng: np.random.Generator) -> Scatterers:
    """All scatterers of a muscle picture at rest."""
    build = TissueBuilder(anatomy, scanner, rng)
    rest = MuscleState(anatomy)
    build.speckle()
    low, high = build.top_edge, build.bottom_edge

    def belly(x: FloatArray, y: FloatArray) -> FloatArray:
        top = low(x)
        return rest.resting_angle_deg(x, (y - top) / (high(x) - top))

    build.bundle(anatomy.bundle, field=belly, low=low, high=high, visible=True)
    floor = anatomy.bone if anatomy.bone is not None else Curve(centre_x_mm=0.0, depth_mm=build.bottom)
    gap = anatomy.deep_thickness_mm
    build.bundle(
        anatomy.below_bundle, field=lambda x, y: np.full_like(x, anatomy.below_angle_deg),
        low=lambda x: high(x) + gap, high=lambda x: np.asarray(floor(x)), level_db=anatomy.below_db,
    )  # fmt: skip
    build.bundle(
        Bundle(
            spacing_mm=1.5, length_mm=5.0, brightness_db=anatomy.fat_db + anatomy.fat_lines_db, wave_deg=4.0,
            texture_db=anatomy.fat_db,
        ),
        field=lambda x, y: np.full_like(x, anatomy.superficial.angle_deg),
        low=lambda x: np.full_like(x, anatomy.skin_mm), high=lambda x: low(x) - anatomy.superficial_thickness_mm,
    )  # fmt: skip
    build.sheet(
        anatomy.superficial, thickness_mm=anatomy.superficial_thickness_mm, db=anatomy.superficial_db, side=-1,
        double=anatomy.double_superficial,
    )  # fmt: skip
    build.sheet(anatomy.deep, thickness_mm=anatomy.deep_thickness_mm, db=anatomy.deep_db, side=1)
    for curve, thickness, db in anatomy.others:
        build.sheet(curve, thickness_mm=thickness, db=db, side=1)
    if anatomy.bone is not None:
        build.sheet(anatomy.bone, thickness_mm=0.5, db=28.0, side=1)
    _septa(build)
    return build.finish()


def _septa(build: TissueBuilder) -> None:
    """Skin lines and the wavy fascia lines of the fat."""
    a, rng = build.anatomy, build.rng
    per_mm = 20.0
    x = np.arange(build.low, build.high, 1 / per_mm)
    for depth, db in ((0.3, 14.0), (a.skin_mm, 14.0)):
        level = db + 1.5 * _smooth_noise(rng, x, 5.0)
        build.strand(x, depth + 0.05 * _smooth_noise(rng, x, 6.0), db=level, thickness_mm=0.2, per_mm=per_mm)
    for place, db, waviness in a.septa:
        room = a.superficial(x) - a.superficial_thickness_mm - a.skin_mm
        y = a.skin_mm + place * room + waviness * _smooth_noise(rng, x, float(rng.uniform(4, 12)))
        inside = (y > a.skin_mm) & (y < a.skin_mm + room)
        level = db + 4.0 * _smooth_noise(rng, x, 5.0)
        build.strand(x[inside], y[inside], db=level[inside], thickness_mm=0.2, per_mm=per_mm)
