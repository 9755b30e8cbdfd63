"""The harmoniser of a pair of machines: steps fitted one after another, kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mskus.enhance.harmonise.blur import MatchBlur
from mskus.enhance.harmonise.depth import MatchDepthGain
from mskus.enhance.harmonise.grey_curves import MatchDynamicRange, MatchHistogram, MatchQuantiles
from mskus.enhance.harmonise.sampling import MatchSpacing
from mskus.enhance.harmonise.scan import Scan, Step
from mskus.enhance.method import Picture, as_picture
from mskus.errors import EnhanceError

STEPS: dict[str, type[Step]] = {
    step.name: step
    for step in (MatchSpacing, MatchBlur, MatchDepthGain, MatchDynamicRange, MatchQuantiles, MatchHistogram)
}
_SCHEMA = "mskus-harmoniser-1"


@dataclass(frozen=True, kw_only=True)
class Harmoniser:
    """Makes pictures of one machine look as if another had taken them.

    It is fitted to one pair of machines (and settings) and serves no other. Matching grey levels need not
    move a score the right way: judge it by :func:`mskus.enhance.harmonise.harmonisation_report`.

    Attributes:
        steps: fitted steps, in the order of their use.
        source_device: machine whose pictures are changed.
        reference_device: machine that they are to look like.
        n_source: pictures of the source machine that it was fitted on.
        n_reference: pictures of the reference machine that it was fitted on.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> bright, dark = (rng.normal(m, 20, (3, 64, 64)).clip(0, 255) for m in (140, 70))
        >>> harmoniser = Harmoniser.fit(list(bright), list(dark), steps=("quantiles",))
        >>> bool(abs(harmoniser.apply(bright[0]).mean() - 70) < 3)
        True
    """

    steps: tuple[Step, ...]
    source_device: str = ""
    reference_device: str = ""
    n_source: int = 0
    n_reference: int = 0

    @staticmethod
    def fit(
        source: Sequence[ArrayLike | Scan],
        reference: Sequence[ArrayLike | Scan],
        *,
        steps: Sequence[str] = ("quantiles",),
        source_spacing_mm: tuple[float, float] | None = None,
        reference_spacing_mm: tuple[float, float] | None = None,
        source_device: str = "",
        reference_device: str = "",
    ) -> Harmoniser:
        """Measure what differs; each step sees the pictures as the steps before it leave them.

        Use training patients only, and a like mix of diagnoses from both machines.

        Args:
            source: pictures of the machine to be changed, cropped to the image region.
            reference: pictures of the machine that is to be matched.
            steps: names from :data:`STEPS`, in order: ``spacing, blur, depth_gain, dynamic_range, quantiles,
                histogram``.
            source_spacing_mm: ``(row, column)`` mm per pixel of source pictures given as arrays.
            reference_spacing_mm: the same for the reference.
            source_device: name of the machine.
            reference_device: name of the machine.

        Raises:
            EnhanceError: if a side has no picture, a step is unknown or cannot be fitted.
        """
        unknown = [name for name in steps if name not in STEPS]
        if unknown or not steps:
            what = f"There is no step {unknown[0]!r}" if unknown else "No step is named"
            raise EnhanceError(f"{what}; choose from {', '.join(STEPS)}.")
        for side, pictures in (("source", source), ("reference", reference)):
            if not len(pictures):
                raise EnhanceError(f"There is no picture of the {side} machine; give at least one.")
        have = [Scan.of(image, spacing_mm=source_spacing_mm) for image in source]
        want = [Scan.of(image, spacing_mm=reference_spacing_mm) for image in reference]
        fitted: list[Step] = []
        for name in steps:
            step = STEPS[name].fit(have, want)
            have = [step.apply(scan) for scan in have]
            want = [step.apply_to_reference(scan) for scan in want]
            fitted.append(step)
        return Harmoniser(
            steps=tuple(fitted),
            source_device=source_device,
            reference_device=reference_device,
            n_source=len(have),
            n_reference=len(want),
        )

    def apply(
        self,
        image: ArrayLike,
        *,
        spacing_mm: tuple[float, float] | None = None,
        field: NDArray[np.bool_] | None = None,
    ) -> Picture:
        """A picture of the source machine, harmonised.

        Args:
            image: ``(H, W)`` grey levels 0-255.
            spacing_mm: ``(row, column)`` mm per pixel.
            field: ``(H, W)`` bool, the insonified field.

        Returns:
            ``(H, W)`` float32, 0-255; of another size where ``spacing`` is among the steps.

        Raises:
            EnhanceError: if the picture cannot be used, or a step needs a scale that is not given.
        """
        return self.apply_to_scan(Scan(image=as_picture(image), spacing_mm=spacing_mm, field=field)).image

    def apply_to_scan(self, scan: Scan) -> Scan:
        """As :meth:`apply`, with the scale and field that the result has."""
        for step in self.steps:
            scan = step.apply(scan)
        return scan

    def apply_to_reference(self, scan: Scan) -> Scan:
        """A picture of the reference machine, ready to be compared: ``blur`` and ``spacing`` may change it."""
        for step in self.steps:
            scan = step.apply_to_reference(scan)
        return scan

    def save(self, path: str | Path) -> Path:
        """Write as JSON; numbers only, nothing that could be executed."""
        record = {
            "schema": _SCHEMA,
            "source_device": self.source_device,
            "reference_device": self.reference_device,
            "n_source": self.n_source,
            "n_reference": self.n_reference,
            "steps": [{"step": step.name, **asdict(step)} for step in self.steps],  # type: ignore[call-overload]
        }
        Path(path).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        return Path(path)

    @staticmethod
    def load(path: str | Path) -> Harmoniser:
        """Read what :meth:`save` wrote.

        Raises:
            EnhanceError: if it is not there or not a harmoniser.
        """
        try:
            record = json.loads(Path(path).read_text(encoding="utf-8"))
            if record["schema"] != _SCHEMA:
                raise ValueError(f"schema {record['schema']!r} is not {_SCHEMA}")
            return Harmoniser(
                steps=tuple(_step(one) for one in record["steps"]),
                source_device=str(record["source_device"]),
                reference_device=str(record["reference_device"]),
                n_source=int(record["n_source"]),
                n_reference=int(record["n_reference"]),
            )
        except OSError as error:
            raise EnhanceError(f"{path} cannot be read ({error.strerror}); give the file of a harmoniser.") from None
        except (ValueError, KeyError, TypeError) as error:
            why = f"{error} is missing" if isinstance(error, KeyError) else error
            raise EnhanceError(f"{path} is not a harmoniser ({why}); fit it again.") from None


def _step(record: dict[str, Any]) -> Step:
    kind = STEPS[record["step"]]
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    values = {key: value for key, value in record.items() if key != "step"}
    if set(values) != names:
        raise ValueError(f"step {record['step']} has {sorted(values)}, not {sorted(names)}")
    return kind(**{key: value if key == "unit" else _numbers(value) for key, value in values.items()})


def _numbers(value: Any) -> float | tuple[float, ...]:
    return tuple(map(float, value)) if isinstance(value, list) else float(value)
