"""Reference values by age, sex, height and weight: expected value, z-score, and a table that the user can replace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mskus.errors import FeatureError

if TYPE_CHECKING:
    import pandas as pd

Sex = Literal["female", "male"]
COVARIATES = ("age_years", "height_cm", "weight_kg")
_COEFFICIENTS = ("intercept", "per_year", "per_year2", "male", "per_cm", "per_kg")
_SHIPPED = Path(__file__).with_name("reference_simulated.csv")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom a value belongs to; what an equation does not ask for may be left out.

    Raises:
        FeatureError: if the sex is written in another way, which would pass for female in an equation.
    """

    age_years: float | None = None
    sex: Sex | None = None
    height_cm: float | None = None
    weight_kg: float | None = None

    def __post_init__(self) -> None:
        if self.sex not in (None, "female", "male"):
            raise FeatureError(f"The sex {self.sex!r} is not understood; write female or male, or leave it out.")


class ZScore(NamedTuple):
    """A value against its reference: ``z = (value - expected) / sd``."""

    z: float
    expected: float
    sd: float


@dataclass(frozen=True, kw_only=True)
class ReferenceEquation:
    r"""What a healthy person's value is expected to be.

    .. math:: E = b_0 + b_1 a + b_2 a^2 + b_3 [male] + b_4 h + b_5 w

    with age :math:`a` in years, height :math:`h` in cm, weight :math:`w` in kg; residuals have the standard deviation
    ``sd``. Outside the ranges nothing is said.

    Attributes:
        measure: what is measured, like ``"echo_intensity"`` or ``"muscle_thickness_mm"``.
        muscle: which muscle.
        device: machine and setting; echo intensity compares within one only. Empty: any.
        sd: residual standard deviation.
        intercept, per_year, per_year2, male, per_cm, per_kg: the coefficients.
        age_years_low, ..., weight_kg_high: the range of the people it was fitted on; NaN where it does not matter.
        sexes: who was fitted, ``"female"``, ``"male"`` or ``"both"``.
        people: how many.
        source: paper and table, or how it was made.

    Raises:
        FeatureError: if ``sd`` is not positive or a coefficient needs a covariate without a range.
    """

    measure: str
    muscle: str
    device: str = ""
    sd: float
    intercept: float
    per_year: float = 0.0
    per_year2: float = 0.0
    male: float = 0.0
    per_cm: float = 0.0
    per_kg: float = 0.0
    age_years_low: float = float("nan")
    age_years_high: float = float("nan")
    height_cm_low: float = float("nan")
    height_cm_high: float = float("nan")
    weight_kg_low: float = float("nan")
    weight_kg_high: float = float("nan")
    sexes: Literal["both", "female", "male"] = "both"
    people: int = 0
    source: str = ""

    def __post_init__(self) -> None:
        if not np.isfinite(self.sd) or self.sd <= 0:
            raise FeatureError(
                f"The reference for {self.measure} of {self.muscle} has sd {self.sd:g}; give one above 0."
            )
        weights = (abs(self.per_year) + abs(self.per_year2), self.per_cm, self.per_kg)
        for name, weight in zip(COVARIATES, weights, strict=True):
            if weight != 0 and not all(np.isfinite(self._range(name))):
                raise FeatureError(f"The reference for {self.measure} of {self.muscle} uses {name} but gives no range.")

    def _range(self, name: str) -> tuple[float, float]:
        return getattr(self, f"{name}_low"), getattr(self, f"{name}_high")

    def _made_for(self, person: Person) -> bool:
        """Whether sex and age are among those it was fitted on."""
        low, high = self._range("age_years")
        any_age = not np.isfinite(low) and not np.isfinite(high)
        age = person.age_years
        return self.sexes in ("both", person.sex) and (any_age or (age is not None and low <= age <= high))

    def expected(self, person: Person) -> float:
        """The value expected of a healthy person like this one.

        Raises:
            FeatureError: if something that the equation needs is not known, or lies outside its range.
        """
        for name in COVARIATES:
            low, high = self._range(name)
            if not np.isfinite(low) and not np.isfinite(high):
                continue
            given = getattr(person, name)
            if given is None or not np.isfinite(given):
                raise FeatureError(f"The reference for {self.measure} of {self.muscle} needs {name}; give it.")
            if not low <= given <= high:
                raise FeatureError(
                    f"{name} {given:g} lies outside the reference for {self.measure} of {self.muscle} "
                    f"({low:g} to {high:g}); no z-score is given."
                )
        if person.sex is None and (self.male != 0 or self.sexes != "both"):
            raise FeatureError(f"The reference for {self.measure} of {self.muscle} needs the sex; give it.")
        if self.sexes not in ("both", person.sex):
            raise FeatureError(
                f"The reference for {self.measure} of {self.muscle} was made of {self.sexes} people only."
            )
        age, height, weight = (getattr(person, name) or 0.0 for name in COVARIATES)
        terms = (1.0, age, age**2, float(person.sex == "male"), height, weight)
        return float(sum(getattr(self, name) * term for name, term in zip(_COEFFICIENTS, terms, strict=True)))


@dataclass(frozen=True, kw_only=True)
class ReferenceTable:
    """Equations by measure, muscle and device."""

    equations: Sequence[ReferenceEquation] = field(default_factory=tuple)

    @staticmethod
    def read(path: str | Path) -> ReferenceTable:
        """Read a table from CSV: one row an equation, columns named like the attributes of `ReferenceEquation`.

        Raises:
            FeatureError: if it cannot be read, a column is missing, or an equation is impossible.
        """
        import pandas as pd

        try:
            rows = pd.read_csv(path, comment="#", dtype=dict.fromkeys(("measure", "muscle", "device"), str))
        except (OSError, ValueError) as error:
            raise FeatureError(f"{path} cannot be read as a reference table: {error}.") from error
        known = {f.name for f in fields(ReferenceEquation)}
        for name in ("measure", "muscle", "intercept", "sd"):
            if name not in rows.columns:
                raise FeatureError(
                    f"{path} has no column {name!r}; a reference table needs measure, muscle, intercept, sd."
                )
        used = rows[[c for c in rows.columns if c in known]]
        stated = ({str(k): v for k, v in row.items() if not pd.isna(v)} for row in used.to_dict("records"))
        try:
            return ReferenceTable(equations=tuple(ReferenceEquation(**row) for row in stated))
        except TypeError as error:  # an empty cell that is needed, or a word where a number is
            raise FeatureError(
                f"{path} has a row without measure, muscle, intercept or sd, or with a word for a number."
            ) from error

    def write(self, path: str | Path, *, remark: str = "") -> None:
        """Write the table as CSV, a remark on top."""
        import pandas as pd

        rows = pd.DataFrame([{f.name: getattr(e, f.name) for f in fields(e)} for e in self.equations])
        text = rows.to_csv(index=False, float_format="%.6g", lineterminator="\n")
        Path(path).write_text("".join(f"# {line}\n" for line in remark.splitlines()) + text, encoding="utf-8")

    def equation(
        self, measure: str, *, muscle: str, device: str = "", person: Person | None = None
    ) -> ReferenceEquation:
        """The equation for a measure: of those made for the person's sex and age, the one of the device comes first.

        One without a device serves any device, one without a range of age any age.

        Raises:
            FeatureError: if there is none.
        """
        found = [e for e in self.equations if e.measure == measure and e.muscle == muscle and e.device in ("", device)]
        if not found:
            on = f" on {device}" if device else ""
            raise FeatureError(f"The reference table has nothing for {measure} of {muscle}{on}; give a table that has.")
        fitting = [e for e in found if person is not None and e._made_for(person)]
        return max(fitting or found, key=lambda e: (e.device == device, np.isfinite(e.age_years_low)))


def simulated_reference() -> ReferenceTable:
    """The shipped example, fitted on simulated healthy people: it shows the form and is **not for patients**."""
    return ReferenceTable.read(_SHIPPED)


def z_score(value: float, equation: ReferenceEquation, *, person: Person) -> ZScore:
    """How far a value lies from what is expected, in standard deviations.

    Args:
        value: the measured value.
        equation: from :meth:`ReferenceTable.equation`.
        person: whose it is.

    Raises:
        FeatureError: if the value is not finite, or the person lies outside the reference.

    Source:
        Scholten, Pillen, Verrips, Zwarts. Quantitative ultrasonography of skeletal muscles in children: normal
        values. Muscle Nerve 27:693, 2003 (the method: regression on age, sex, height and weight).

    Example:
        >>> line = ReferenceEquation(measure="echo_intensity", muscle="biceps", intercept=50.0, sd=4.0)
        >>> z_score(62.0, line, person=Person()).z
        3.0
    """
    if not np.isfinite(value):
        raise FeatureError(f"The {equation.measure} of {equation.muscle} is not a number; there is no z-score.")
    expected = equation.expected(person)
    return ZScore((value - expected) / equation.sd, expected, equation.sd)


def fit_reference(
    healthy: pd.DataFrame, *, measure: str, muscle: str, device: str = "", source: str = ""
) -> ReferenceEquation:
    """Fit an equation on a laboratory's own healthy people by least squares.

    Covariates that do not vary among them are left out; at least five people to a coefficient are asked for.

    Args:
        healthy: one row a person: column ``measure`` and any of ``age_years, sex, height_cm, weight_kg``.
        measure: the column to be explained.
        muscle: which muscle.
        device: machine and setting.
        source: who was measured, when and how.

    Raises:
        FeatureError: if the column is missing, holds NaN, or the people are too few.
    """
    if measure not in healthy.columns:
        raise FeatureError(f"The table of healthy people has no column {measure!r}.")
    columns: dict[str, NDArray[np.float64]] = {"intercept": np.ones(len(healthy))}
    limits: dict[str, float] = {}
    for name, term in zip(COVARIATES, ("per_year", "per_cm", "per_kg"), strict=True):
        if name in healthy.columns and healthy[name].nunique() > 1:
            columns[term] = healthy[name].to_numpy(float)
            limits |= {f"{name}_low": float(healthy[name].min()), f"{name}_high": float(healthy[name].max())}
    sexes = set(healthy["sex"]) if "sex" in healthy.columns else set()
    if not sexes <= {"female", "male"}:
        raise FeatureError("The sexes of the healthy people are not all female or male; write them so.")
    if len(sexes) > 1:
        columns["male"] = np.asarray(healthy["sex"] == "male", np.float64)
    design, value = np.column_stack(list(columns.values())), healthy[measure].to_numpy(float)
    if not np.isfinite(design).all() or not np.isfinite(value).all():
        raise FeatureError(
            f"The table of healthy people holds NaN in {measure!r} or a covariate; leave those rows out."
        )
    if len(value) < 5 * design.shape[1]:
        raise FeatureError(
            f"{len(value)} healthy people are too few for {design.shape[1]} coefficients; give 5 to each."
        )
    solution = np.linalg.lstsq(design, value, rcond=None)[0]
    rest = value - design @ solution
    return ReferenceEquation(
        measure=measure, muscle=muscle, device=device, people=len(value), source=source,
        sd=float(np.sqrt(rest @ rest / (len(value) - design.shape[1]))),
        sexes=next(iter(sexes)) if len(sexes) == 1 else "both",
        **{name: float(b) for name, b in zip(columns, solution, strict=True)}, **limits,
    )  # fmt: skip
