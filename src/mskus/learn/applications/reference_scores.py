"""Echo intensity and thickness against reference values, and the Heckmatt grade, of every picture of a manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mskus.errors import FeatureError
from mskus.features.heckmatt import bone_deficit, heckmatt_grade
from mskus.features.reference import Person, ReferenceTable, z_score
from mskus.learn.applications.muscle_disease import Seen

if TYPE_CHECKING:
    import pandas as pd

ECHO, THICKNESS = "echo_intensity_mean", "muscle_thickness_mean_mm"


def reference_scores(pictures: Iterable[Seen], *, reference: ReferenceTable) -> pd.DataFrame:
    """One row a picture: what it is, echo intensity, z-scores, Heckmatt grade, and why something is missing.

    Args:
        pictures: with ``muscle`` among their columns, and as far as the reference asks for them ``device, age_years,
            sex, height_cm, weight_kg``; ``thickness_mm`` where it was measured; ``bone_in_view`` (0 or 1) where a
            grade is wanted.
        reference: of one's own people; :func:`mskus.features.reference.simulated_reference` is not for patients.

    Returns:
        The pictures' columns and ``echo_intensity_mean, z_echo, z_thickness, bone_deficit, heckmatt, withheld``.

    Raises:
        FeatureError: if a picture has no ``muscle``, or its region is empty.
    """
    import pandas as pd

    return pd.DataFrame([_scored(one, reference) for one in pictures])


def _scored(one: Seen, reference: ReferenceTable) -> dict[str, Any]:
    about = {name: value for name, value in one.identity.items() if value == value}  # NaN of an empty cell is no value
    if "muscle" not in about:
        raise FeatureError("A picture has no muscle; the manifest needs a column 'muscle' as in the reference table.")
    if not one.mask.any():
        raise FeatureError(f"The region of a picture of {about['muscle']} is empty; draw it.")
    values = {ECHO: float(one.image[one.mask].mean()), THICKNESS: float(about.get("thickness_mm", "nan"))}
    reasons: list[str] = []
    z = {measure: _z(value, measure, about, reference, reasons) for measure, value in values.items()}
    in_view = bool(about.get("bone_in_view", 0))
    deficit = bone_deficit(np.asarray(one.image, np.uint8), one.mask, spacing_mm=one.spacing_mm)
    grade, why = heckmatt_grade(z[ECHO], bone=deficit, bone_in_view=in_view)
    return dict(one.identity) | {
        ECHO: values[ECHO],
        "z_echo": z[ECHO],
        "z_thickness": z[THICKNESS],
        "bone_deficit": deficit if in_view else np.nan,
        "heckmatt": np.nan if grade is None else int(grade.value),
        "withheld": " ".join([*reasons, why] if why else reasons),
    }


def _z(value: float, measure: str, about: Mapping[str, Any], reference: ReferenceTable, reasons: list[str]) -> float:
    try:
        person = Person(**{name: about.get(name) for name in ("age_years", "sex", "height_cm", "weight_kg")})
        equation = reference.equation(
            measure, muscle=str(about["muscle"]), device=str(about.get("device", "")), person=person
        )
        return z_score(value, equation, person=person).z
    except FeatureError as error:  # one value less is no reason to stop
        reasons.append(str(error))
        return float("nan")
