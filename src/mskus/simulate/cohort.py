"""A phantom cohort: patients with a muscle disease written into their texture, seen by two simulated machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mskus.simulate.bmode import BeamGrid
from mskus.simulate.curve import Curve
from mskus.simulate.kinematics import MuscleState
from mskus.simulate.mapping import to_space
from mskus.simulate.muscle import Bundle, MuscleAnatomy
from mskus.simulate.scanner import Scanner
from mskus.simulate.tissue import Scatterers, muscle_tissue
from mskus.simulate.truth import MuscleTruth

Study = Literal["myositis", "duchenne"]


@dataclass(frozen=True, kw_only=True)
class Texture:
    """What a disease does to a muscle's picture; levels are changes against a healthy adult.

    Attributes:
        echo_db: brightness of the belly.
        septa_db: loss of the bright fascicle lines.
        patches_db: strength of the bright patches of fat, as long as the fascicles run.
        absorption_db_per_mm: sound lost on the way through the belly and back; it hides the bone.
        thickness: factor on the muscle's thickness.
    """

    echo_db: float = 0.0
    septa_db: float = 0.0
    patches_db: float = 0.0
    absorption_db_per_mm: float = 0.0
    thickness: float = 1.0


# (mean, spread between patients) in the order of Texture. The order of the diseases follows the literature (inclusion
# body myositis brightest and wasted, Albayda et al. 2018; Duchenne bright with a lost bone echo, Heckmatt et al. 1982);
# the sizes are chosen so that classes overlap about as much as in Burlina et al. 2017. They are not measured on people.
_GROUPS: dict[str, tuple[tuple[float, float], ...]] = {
    "normal": ((0.0, 2.2), (0.0, 1.2), (0.6, 0.4), (0.05, 0.04), (1.00, 0.09)),
    "IBM": ((9.0, 3.0), (4.0, 1.8), (2.6, 1.0), (0.35, 0.15), (0.82, 0.12)),
    "PM": ((5.0, 2.8), (2.0, 1.6), (1.5, 0.8), (0.14, 0.08), (0.93, 0.10)),
    "DM": ((4.8, 2.8), (1.6, 1.6), (1.8, 0.8), (0.12, 0.08), (0.95, 0.10)),
    "control": ((0.0, 2.0), (0.0, 1.2), (0.5, 0.3), (0.05, 0.04), (1.00, 0.09)),
    "Duchenne": ((13.0, 4.0), (5.5, 2.2), (1.8, 0.8), (0.75, 0.35), (1.03, 0.12)),
}
GROUPS: dict[Study, tuple[str, ...]] = {"myositis": ("normal", "IBM", "PM", "DM"), "duchenne": ("control", "Duchenne")}

# typical thickness (mm) in an adult of 1.72 m and 72 kg, and depth of the bone below the muscle (None: not in view)
_MUSCLES: dict[str, tuple[float, float | None]] = {
    "biceps brachii": (24.0, 3.0),
    "rectus femoris": (20.0, 7.0),
    "tibialis anterior": (22.0, 4.0),
    "gastrocnemius medialis": (17.0, None),
}

MACHINES: dict[str, Scanner] = {
    "machine 1": Scanner(
        width_mm=40.0, depth_mm=48.0, size_px=(288, 240), frequency_mhz=8.0, pulse_cycles=2.0, f_number=2.6,
        focus_mm=20.0, dynamic_range_db=62.0, grey_level=0.30, gain_db=(0.0, 0.5, 0.0, -1.0), noise_db=-22.0,
    ),
    "machine 2": Scanner(
        width_mm=40.0, depth_mm=48.0, size_px=(320, 256), frequency_mhz=6.0, pulse_cycles=2.6, f_number=3.4,
        focus_mm=26.0, dynamic_range_db=50.0, grey_level=0.42, gamma=0.85, gain_db=(-3.0, 0.0, 2.0, 2.5),
        noise_db=-16.0, smoothing_px=0.8,
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Person:
    """A patient of the cohort: who, and what the disease does to all of the muscles."""

    patient: str
    group: str
    age_years: float
    sex: Literal["female", "male"]
    height_cm: float
    weight_kg: float
    texture: Texture


@dataclass(frozen=True, kw_only=True, eq=False)
class CohortImage:
    """One picture of one muscle, with all that is true of it.

    Attributes:
        image: ``(H, W)`` uint8.
        mask: ``(H, W)`` bool, the belly between the aponeuroses.
        spacing_mm: ``(row, column)`` mm per pixel.
        person: who.
        muscle: which muscle.
        device: which machine.
        thickness_mm: true thickness, perpendicular mean.
        bone_in_view: whether a bone lies in the picture, seen or hidden.
        texture: what was done to this picture's belly: the patient's own and this muscle's part.
    """

    image: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    spacing_mm: tuple[float, float]
    person: Person
    muscle: str
    device: str
    thickness_mm: float
    bone_in_view: bool
    texture: Texture

    def row(self) -> dict[str, Any]:
        """Columns of a manifest, without the files."""
        who = self.person
        return {
            "patient": who.patient, "device": self.device, "group": who.group, "muscle": self.muscle,
            "spacing_row_mm": self.spacing_mm[0], "spacing_col_mm": self.spacing_mm[1], "age_years": who.age_years,
            "sex": who.sex, "height_cm": who.height_cm, "weight_kg": who.weight_kg,
            "thickness_mm": round(self.thickness_mm, 3), "bone_in_view": int(self.bone_in_view),
        }  # fmt: skip


def cohort_people(
    *, patients: int = 40, study: Study = "myositis", groups: Sequence[str] | None = None, seed: int = 0
) -> list[Person]:
    """The patients, groups in turn so that each has as many as possible.

    Raises:
        ValueError: if there is no patient to a group, or the study or a group is unknown.
    """
    if study not in GROUPS:
        raise ValueError(f"There is no study {study!r}; choose from {', '.join(GROUPS)}.")
    groups = groups or GROUPS[study]
    if not set(groups) <= set(GROUPS[study]):
        raise ValueError(f"The study {study} has the groups {', '.join(GROUPS[study])}; not {', '.join(groups)}.")
    if patients < len(groups):
        raise ValueError(f"{patients} patients do not fill the {len(groups)} groups of {study}; ask for more.")
    return [_person(np.random.default_rng([seed, k]), k, groups[k % len(groups)], study) for k in range(patients)]


def simulate_cohort(
    *,
    patients: int = 40,
    images: int = 4,
    study: Study = "myositis",
    groups: Sequence[str] | None = None,
    both_machines: bool = False,
    seed: int = 0,
) -> Iterator[CohortImage]:
    """Pictures of a cohort, patient by patient.

    Every patient has a texture of their own around the group's mean, every muscle a part of its own around the
    patient's, and age raises the echo and lowers the thickness in health too. Groups alternate between the machines.

    Args:
        patients: how many.
        images: pictures of each patient, over the muscles in turn.
        study: ``"myositis"`` (normal, IBM, PM, DM; adults) or ``"duchenne"`` (control, Duchenne; boys).
        groups: some of the study's groups; all by default.
        both_machines: every muscle is seen by both machines (one anatomy, other speckle), for a paired test.
        seed: equal arguments give equal pixels, whatever is read first.

    Yields:
        One :class:`CohortImage` after another.

    Example:
        >>> first = next(simulate_cohort(patients=4))
        >>> first.person.group, first.device, first.image.shape
        ('normal', 'machine 1', (288, 240))
    """
    people = cohort_people(patients=patients, study=study, groups=groups, seed=seed)
    for index, person in enumerate(people):
        own = tuple(MACHINES)[(index // len(groups or GROUPS[study])) % len(MACHINES)]
        for number in range(images):
            for device in MACHINES if both_machines else (own,):
                yield _picture(person, list(_MUSCLES)[number % len(_MUSCLES)], device, (seed, index, number))


def write_cohort(folder: str | Path, **asked: Any) -> Path:
    """Write a cohort as PNG pictures and masks with a manifest.

    Args:
        folder: made if it is not there.
        **asked: see :func:`simulate_cohort`.

    Returns:
        The manifest's path.
    """
    import cv2
    import pandas as pd

    out = Path(folder)
    rows = []
    for kind in ("images", "masks"):
        (out / kind).mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(simulate_cohort(**asked)):
        name = f"{one.person.patient}_{number:04d}.png"
        cv2.imwrite(str(out / "images" / name), one.image)
        cv2.imwrite(str(out / "masks" / name), one.mask.astype(np.uint8))
        rows.append({"image": f"images/{name}", "mask": f"masks/{name}", **one.row()})
    path = out / "manifest.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def _person(rng: np.random.Generator, index: int, group: str, study: Study) -> Person:
    echo, septa, patches, absorption, thickness = (rng.normal(mean, spread) for mean, spread in _GROUPS[group])
    sex: Literal["female", "male"] = "male" if study == "duchenne" or rng.random() < 0.5 else "female"
    if study == "duchenne":
        age = float(rng.uniform(4, 12))
        height = 103.0 + 6.2 * (age - 4) + rng.normal(0, 5)  # near the growth charts' middle
        weight = 16.5 * (height / 103.0) ** 2.3 * np.exp(rng.normal(0, 0.1))
        echo += 0.5 * (age - 8) if group == "Duchenne" else 0.0  # the disease goes on
    else:
        age = float(rng.uniform(30, 80))
        height = (178.0 if sex == "male" else 165.0) + rng.normal(0, 6.5)
        weight = (height / 100) ** 2 * rng.normal(25.0, 3.0)
        echo += 0.06 * (age - 55) + (1.0 if sex == "female" else 0.0)
        thickness -= 0.003 * (age - 55)
    return Person(
        patient=f"P{index + 1:03d}", group=group, age_years=round(age, 1), sex=sex, height_cm=round(float(height), 1),
        weight_kg=round(float(weight), 1),
        texture=Texture(
            echo_db=float(echo), septa_db=float(septa), patches_db=max(float(patches), 0.0),
            absorption_db_per_mm=max(float(absorption), 0.0), thickness=float(thickness),
        ),
    )  # fmt: skip


def _picture(person: Person, muscle: str, device: str, key: tuple[int, int, int]) -> CohortImage:
    scanner = MACHINES[device]
    rng = np.random.default_rng([*key, 1])
    texture = _own_part(rng, person.texture)
    anatomy = _anatomy(rng, person, muscle, texture, scanner)
    patches = rng.standard_normal((12, 8))  # drawn before the speckle: both machines see the same patches
    tissue = _diseased(muscle_tissue(anatomy, scanner=scanner, rng=rng), anatomy, texture, patches)
    state = MuscleState(anatomy)
    x, y = to_space(state, x_mm=tissue.x, v=tissue.v)
    grid = BeamGrid(scanner, rng)
    envelope = grid.envelope(x, y_mm=y, amplitude=tissue.amplitude, rng=rng)
    truth = MuscleTruth(state, scanner, scanner.size_px, (0, 0), tissue.lines)
    return CohortImage(
        image=grid.picture(grid.compress(envelope)), mask=truth.belly_mask,
        spacing_mm=(scanner.mm_per_px_row, scanner.mm_per_px_col), person=person, muscle=muscle, device=device,
        thickness_mm=float(truth.measurements["muscle_thickness_mean_mm"]),
        bone_in_view=anatomy.bone is not None, texture=texture,
    )  # fmt: skip


def _own_part(rng: np.random.Generator, whole: Texture) -> Texture:
    """No disease takes all muscles alike: this muscle's part of the patient's texture."""
    return replace(
        whole,
        echo_db=whole.echo_db + float(rng.normal(0, 1.2)),
        septa_db=whole.septa_db + float(rng.normal(0, 0.8)),
        patches_db=whole.patches_db * float(rng.uniform(0.6, 1.4)),
        absorption_db_per_mm=whole.absorption_db_per_mm * float(rng.uniform(0.7, 1.3)),
    )


def _anatomy(
    rng: np.random.Generator, person: Person, muscle: str, texture: Texture, scanner: Scanner
) -> MuscleAnatomy:
    usual, bone_gap = _MUSCLES[muscle]
    size = (person.height_cm / 172.0) * (person.weight_kg / 72.0) ** 0.25 * (1.08 if person.sex == "male" else 0.94)
    thickness = float(np.clip(usual * size * texture.thickness * rng.normal(1.0, 0.04), 8.0, 34.0))
    fat = float(np.clip(rng.normal(5.0, 1.2) * (person.weight_kg / 72.0), 2.5, 9.0))
    centre, tilt = scanner.width_mm / 2, float(rng.normal(0, 2.0))
    top = Curve(centre_x_mm=centre, depth_mm=fat, angle_deg=tilt, bow_mm=float(rng.normal(0, 0.3)))
    deep = Curve(
        centre_x_mm=centre, depth_mm=fat + thickness, angle_deg=tilt + float(rng.normal(0, 1.5)),
        bow_mm=float(rng.normal(0, 0.5)),
    )  # fmt: skip
    bone = None
    if bone_gap is not None:
        below = min(fat + thickness + bone_gap + 1.0, scanner.depth_mm - 3.0)
        bone = Curve(centre_x_mm=centre, depth_mm=max(below, fat + thickness + 2.0), bow_mm=float(rng.uniform(0.5, 2)))
    loss = texture.septa_db
    return MuscleAnatomy(
        superficial=top, deep=deep, fascicle_angle_deg=tilt + float(rng.uniform(10, 22)),
        superficial_db=float(rng.normal(26, 2)), deep_db=float(rng.normal(23, 2)), fat_db=float(rng.normal(1, 2)),
        septa=((0.4, 15.0, 0.3), (0.75, 17.0, 0.3)), bone=bone,
        bundle=Bundle(
            spacing_mm=float(rng.uniform(1.2, 1.8)), length_mm=float(rng.uniform(7, 11)),
            brightness_db=float(rng.normal(15, 1.2)) - loss, texture_db=4.0 - 0.4 * loss, cloud_db=1.5,
        ),
    )  # fmt: skip


def _diseased(tissue: Scatterers, anatomy: MuscleAnatomy, texture: Texture, patches: NDArray[np.float64]) -> Scatterers:
    """The belly's scatterers strengthened, its fat laid on in patches, and all behind it dimmed by absorption."""
    import cv2

    inside = (tissue.v >= 0.0) & (tissue.v <= 1.0)
    noise = cv2.resize(patches, (64, 64), interpolation=cv2.INTER_CUBIC)
    column = np.clip((tissue.x / 45.0 + 0.05) * 63, 0, 63).astype(np.int32)
    row = np.clip(tissue.v * 63, 0, 63).astype(np.int32)
    level = np.where(inside, texture.echo_db + texture.patches_db * noise[row, column], 0.0)
    path_mm = np.clip(tissue.v, 0.0, 1.0) * anatomy.thickness_mm
    level = level - texture.absorption_db_per_mm * path_mm
    amplitude = tissue.amplitude * np.power(10.0, level / 20.0)
    return replace(tissue, amplitude=amplitude.astype(np.float32))
