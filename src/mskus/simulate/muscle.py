"""The anatomy of a muscle between two aponeuroses, and a random one as met in people."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mskus.simulate.curve import Curve

_LONGEST_MM = 140.0


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """How the connective lines inside a muscle look.

    Attributes:
        spacing_mm: mean distance between bright perimysial lines, across them.
        length_mm: mean length of one visible fragment.
        brightness_db: mean brightness over the muscle's speckle.
        brightness_sd_db: its spread between fragments.
        wave_deg: spread of a fragment's direction about the field.
        texture_db: brightness of the fine fragments between the lines.
        thickness_mm: mean thickness of a line.
        cloud_db: spread of the slow bright and dark clouds, drawn out along the fascicles.
    """

    spacing_mm: float = 1.6
    length_mm: float = 9.0
    brightness_db: float = 13.0
    brightness_sd_db: float = 4.0
    wave_deg: float = 0.8
    texture_db: float = 3.0
    thickness_mm: float = 0.2
    cloud_db: float = 1.5


@dataclass(frozen=True, kw_only=True)
class MuscleAnatomy:
    """A longitudinal cut through a pennate muscle, in mm; ``x`` to the right, ``y`` down from the skin.

    Levels are in dB over the speckle of the muscle belly.

    Attributes:
        superficial: inner (deep) edge of the superficial aponeurosis at rest.
        deep: inner (superficial) edge of the deep aponeurosis at rest.
        direction: +1 if fascicles rise to the right relative to the aponeuroses, -1 if they fall.
        fascicle_angle_deg: orientation of the fascicles at the centre of the belly at rest.
        bend_deg: change of orientation from the superficial to the deep edge.
        fan_deg: change of orientation from the centre to ``half_mm`` to the right.
        shear_mm: how far the deep edge slides against the superficial one in a full contraction.
        thickening: relative change of the thickness in a full contraction.
        deep_rotation_deg: turn of the deep aponeurosis in a full contraction.
        superficial_thickness_mm, deep_thickness_mm: thickness of the aponeuroses.
        superficial_db, deep_db: their brightness.
        double_superficial: the superficial aponeurosis shows as two leaves.
        skin_mm: thickness of the skin.
        fat_db: level of the subcutaneous fat.
        septa: fascia lines in the fat: ``(relative depth 0..1, brightness_db, waviness_mm)``.
        bundle: the lines of the belly.
        below_db: level of the deeper muscle; ``below_angle_deg`` its fascicles, ``below_bundle`` their look.
        others: further aponeuroses: ``(curve, thickness_mm, brightness_db)``.
        bone: surface of a bone with shadow below, or None.
        breaks: fraction of an aponeurosis that is faint.
        halo_db: level, below the aponeurosis' own, of the diffuse echoes beside it; ``halo_mm`` their reach.
        fat_lines_db: brightness of the short lines in the fat over the fat's speckle.
    """

    superficial: Curve
    deep: Curve
    direction: int = 1
    fascicle_angle_deg: float = 18.0
    bend_deg: float = 0.0
    fan_deg: float = 0.0
    half_mm: float = 25.0
    shear_mm: float = 0.0
    thickening: float = 0.0
    deep_rotation_deg: float = 0.0
    superficial_thickness_mm: float = 0.9
    deep_thickness_mm: float = 0.8
    superficial_db: float = 22.0
    deep_db: float = 20.0
    double_superficial: bool = False
    skin_mm: float = 1.5
    fat_db: float = 0.0
    septa: tuple[tuple[float, float, float], ...] = ()
    bundle: Bundle = Bundle()
    below_db: float = -2.0
    below_angle_deg: float = -8.0
    below_bundle: Bundle = Bundle(spacing_mm=3.0, brightness_db=9.0)
    others: tuple[tuple[Curve, float, float], ...] = ()
    bone: Curve | None = None
    breaks: float = 0.1
    halo_db: float = 14.0
    halo_mm: float = 1.0
    fat_lines_db: float = 4.0

    @property
    def thickness_mm(self) -> float:
        """Vertical distance of the inner edges at the centre."""
        centre = self.superficial.centre_x_mm
        return float(self.deep(centre) - self.superficial(centre))


def _bundle(rng: np.random.Generator, *, faint: bool = False) -> Bundle:
    return Bundle(
        spacing_mm=float(rng.uniform(0.7, 2.8)),
        length_mm=float(rng.uniform(3.5, 16.0)),
        brightness_db=float(rng.uniform(6.0, 15.0) if faint else rng.uniform(11.0, 25.0)),
        brightness_sd_db=float(rng.uniform(2.0, 5.0)),
        wave_deg=float(rng.uniform(0.3, 1.8)),
        texture_db=float(rng.uniform(-1.0, 9.0)),
        thickness_mm=float(rng.uniform(0.05, 0.55)),
        cloud_db=float(rng.uniform(1.0, 6.0)),
    )


def _ripples(rng: np.random.Generator, scale: float) -> tuple[tuple[float, float, float], ...]:
    return tuple(
        (float(scale * rng.uniform(0.0, 1.0)), float(rng.uniform(18.0, 70.0)), float(rng.uniform(0, 2 * np.pi)))
        for _ in range(2)
    )


def random_muscle(
    rng: np.random.Generator, *, width_mm: float | None = None, depth_mm: float | None = None
) -> MuscleAnatomy:
    """A random muscle that fits a picture of ``width_mm`` by ``depth_mm`` (drawn if None).

    Pennation 5-35 deg, thickness 8-45 mm, fascicles shorter than about 140 mm, either direction; ranges after
    the review of Kawakami et al. (1993) and the pictures of the public sets named in the documentation.

    Args:
        rng: the source of randomness; equal states give equal anatomies.
        width_mm: width of the picture.
        depth_mm: depth of the picture.

    Example:
        >>> a, b = (random_muscle(np.random.default_rng(3)) for _ in range(2))
        >>> a == b
        True
    """
    width = float(rng.uniform(30, 60)) if width_mm is None else width_mm
    depth = float(rng.uniform(30, 70)) if depth_mm is None else depth_mm
    for _ in range(1000):
        anatomy = _draw(rng, width, depth)
        if _plausible(anatomy, width, depth):
            return anatomy
    return _draw(rng, width, depth)  # pragma: no cover - a thousand refusals do not happen


def _draw(rng: np.random.Generator, width: float, depth: float) -> MuscleAnatomy:
    centre, half = width / 2, width / 2
    tilt = float(np.clip(rng.normal(0.0, 4.5), -14, 14))
    fat = float(np.exp(rng.uniform(np.log(2.5), np.log(min(22.0, 0.4 * depth)))))
    # people set the depth to the muscle: none is a thin stripe in a deep picture
    least = max(8.0, 0.25 * depth)
    thickness = float(rng.uniform(least, max(least + 0.5, min(45.0, 0.92 * depth - fat))))
    direction = int(rng.choice((-1, 1)))
    pennation = float(rng.uniform(6.0, 34.0))
    superficial = Curve(
        centre_x_mm=centre, depth_mm=fat, angle_deg=tilt, bow_mm=float(rng.normal(0, 0.45)), half_mm=half,
        ripples=_ripples(rng, 0.18),
    )  # fmt: skip
    deep = Curve(
        centre_x_mm=centre, depth_mm=fat + thickness, angle_deg=tilt + float(np.clip(rng.normal(0, 3.5), -9, 9)),
        bow_mm=float(rng.normal(0, 0.7)), half_mm=half, ripples=_ripples(rng, 0.35),
    )  # fmt: skip
    # shear that turns the pennation p into p' at constant thickness: h (cot p - cot p')
    grown = np.deg2rad(min(pennation * float(rng.uniform(1.1, 1.6)), 45.0))
    shear = thickness * float(1 / np.tan(np.deg2rad(pennation)) - 1 / np.tan(grown))
    others: list[tuple[Curve, float, float]] = []
    below = depth - fat - thickness
    level, columns = fat + thickness, np.linspace(0.0, width, 33)
    while depth - level > 6 and len(others) < 3 and rng.random() < 0.55:
        level += float(rng.uniform(4.0, max(4.5, 0.8 * (depth - level))))
        curve = replace(
            deep, depth_mm=level, angle_deg=deep.angle_deg + float(rng.normal(0, 3.0)),
            bow_mm=float(rng.normal(0, 0.7)), ripples=_ripples(rng, 0.35),
        )  # fmt: skip
        above = others[-1][0] if others else deep
        if float((curve(columns) - above(columns)).min()) < 2.5:  # sheets of fascia do not cross
            break
        others.append((curve, float(rng.uniform(0.3, 1.2)), float(rng.uniform(12, 28))))
    bone = None
    if below > 10 and rng.random() < 0.2:
        bone = replace(
            deep, depth_mm=depth - float(rng.uniform(1.0, 0.35 * below)), angle_deg=float(rng.normal(0, 4.0)),
            bow_mm=float(rng.normal(0, 0.7)), ripples=(),
        )  # fmt: skip
        others = [other for other in others if float((bone(columns) - other[0](columns)).min()) > 2.0]
    septa = tuple(
        (float(rng.uniform(0.25, 0.97)), float(rng.uniform(8, 26)), float(rng.uniform(0.05, 0.6)))
        for _ in range(int(rng.integers(0, 6)))
    )
    below_turn = float(rng.normal(0, 9) if rng.random() < 0.6 else rng.uniform(-30, 30))
    return MuscleAnatomy(
        superficial=superficial, deep=deep, direction=direction, half_mm=half,
        fascicle_angle_deg=tilt + direction * pennation,
        bend_deg=float(np.clip(rng.normal(0, 5.0), -14, 14)), fan_deg=float(np.clip(rng.normal(0, 2.5), -7, 7)),
        shear_mm=min(shear, 25.0), thickening=float(rng.uniform(-0.05, 0.08)),
        deep_rotation_deg=float(rng.normal(0, 1.0)),
        superficial_thickness_mm=float(rng.uniform(0.4, 1.5)), deep_thickness_mm=float(rng.uniform(0.4, 1.5)),
        superficial_db=float(rng.uniform(19, 38)), deep_db=float(rng.uniform(15, 36)),
        double_superficial=bool(rng.random() < 0.4), skin_mm=float(rng.uniform(0.8, 2.2)),
        fat_db=float(rng.uniform(-6, 11)), septa=septa, bundle=_bundle(rng),
        below_db=float(rng.uniform(-14, 3)), below_angle_deg=deep.angle_deg + below_turn,
        below_bundle=_bundle(rng, faint=True), others=tuple(others), bone=bone, breaks=float(rng.uniform(0.0, 0.25)),
        halo_db=float(rng.uniform(8, 20)), halo_mm=float(np.exp(rng.uniform(np.log(0.3), np.log(1.6)))),
        fat_lines_db=float(rng.uniform(0, 14)),
    )  # fmt: skip


def _plausible(anatomy: MuscleAnatomy, width: float, depth: float) -> bool:
    """Edges inside the picture and apart, fascicles meet both edges at 4 deg or more, and are not endless."""
    x = np.linspace(0, width, 33)
    top, bottom = anatomy.superficial(x), anatomy.deep(x)
    if top.min() < 2.0 or bottom.max() > depth - 1.0 or (bottom - top).min() < 6.0 or (bottom - top).max() > 46.0:
        return False
    steepest = abs(anatomy.bend_deg) / 2 + abs(anatomy.fan_deg)
    for curve in (anatomy.superficial, anatomy.deep):
        edge = np.rad2deg(np.arctan(-curve.slope(x)))
        if (anatomy.direction * (anatomy.fascicle_angle_deg - edge)).min() - steepest < 4.0:
            return False
    tilt = (anatomy.superficial.angle_deg + anatomy.deep.angle_deg) / 2
    inclination = np.deg2rad(anatomy.direction * (anatomy.fascicle_angle_deg - tilt))
    return bool(anatomy.thickness_mm / np.sin(inclination) < _LONGEST_MM)
