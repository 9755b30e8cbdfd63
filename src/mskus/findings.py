"""The findings: structures, measurements and grades of one clip, with verdict and manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mskus.clip import Clip

SCHEMA_VERSION = "1.0"


class _Word(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="null")


class Polyline(_Word):
    """Connected points in pixels, ``(x, y)``; ``closed`` makes it a polygon."""

    kind: Literal["polyline"] = "polyline"
    points: tuple[tuple[float, float], ...]
    closed: bool = False


class Segments(_Word):
    """Separate line fragments in pixels, each ``(x0, y0, x1, y1)``."""

    kind: Literal["segments"] = "segments"
    lines: tuple[tuple[float, float, float, float], ...]


class Circle(_Word):
    """A circle in pixels."""

    kind: Literal["circle"] = "circle"
    centre: tuple[float, float]
    radius: float


class Point(_Word):
    """A point in pixels."""

    kind: Literal["point"] = "point"
    at: tuple[float, float]


class Mask(_Word):
    """A region as run lengths over the row-major frame: off-run, on-run, off-run ..."""

    kind: Literal["mask"] = "mask"
    height: int
    width: int
    runs: tuple[int, ...]

    @classmethod
    def from_array(cls, mask: NDArray[np.bool_]) -> Mask:
        """Encode an ``(H, W)`` boolean array."""
        import numpy as np

        flat = np.concatenate(([False], np.asarray(mask, bool).ravel(), [False]))
        edges = np.flatnonzero(flat[1:] != flat[:-1])
        runs = np.diff(np.concatenate(([0], edges, [flat.size - 2])))
        return cls(height=mask.shape[0], width=mask.shape[1], runs=tuple(int(r) for r in runs))

    def to_array(self) -> NDArray[np.bool_]:
        """Decode to an ``(H, W)`` boolean array."""
        import numpy as np

        on = np.arange(len(self.runs)) % 2 == 1
        return np.repeat(on, self.runs).reshape(self.height, self.width)


Geometry = Annotated[Polyline | Segments | Circle | Point | Mask, Field(discriminator="kind")]


class Structure(_Word):
    """An anatomical thing in a frame.

    Attributes:
        id: unique within the findings; measurements refer to it.
        label: the field's term, e.g. ``"superficial_aponeurosis"``.
        frame: frame index.
        geometry: where it is, in pixels of the frame.
        confidence: 0 to 1.
        method: how it was found.
    """

    id: str
    label: str
    frame: int
    geometry: Geometry
    confidence: float = 1.0
    method: str = ""


class Measurement(_Word):
    """A number that a reader can defend, or the reason why there is none.

    Attributes:
        name: the field's term with its unit, e.g. ``"pennation_angle_deg"``.
        value: the number; None where it is withheld.
        unit: UCUM code: ``mm``, ``deg``, ``[px]``, ``1``.
        interval: 95 % interval ``(low, high)``, or None.
        frame: frame index; None for a value of the whole clip.
        structures: ids of the structures it rests on.
        method: how it was measured.
        flags: short warnings that travel with the value.
        withheld: why there is no value; empty if there is one.
    """

    name: str
    value: float | None
    unit: str
    interval: tuple[float, float] | None = None
    frame: int | None = None
    structures: tuple[str, ...] = ()
    method: str = ""
    flags: tuple[str, ...] = ()
    withheld: str = ""


class Grade(_Word):
    """A class or ordinal score with its probabilities and its scale (Graf, OMERACT-EULAR, Heckmatt)."""

    name: str
    value: str
    scale: str
    probabilities: dict[str, float] = Field(default_factory=dict)
    frame: int | None = None
    method: str = ""


class QualityVerdict(_Word):
    """Whether the picture supports the exam: verdict, reasons and the scores behind them."""

    verdict: Literal["pass", "warn", "fail"] = "pass"
    reasons: tuple[str, ...] = ()
    scores: dict[str, float] = Field(default_factory=dict)


class Manifest(_Word):
    """What is needed to repeat the result."""

    mskus_version: str = ""
    exam: str = ""
    input_path: str = ""
    input_sha256: str = ""
    n_frames: int = 0
    frame_size_px: tuple[int, int] = (0, 0)
    frame_times_s: tuple[float, ...] | None = None
    calibration: dict[str, Any] | None = None
    provenance: tuple[str, ...] = ()
    acquisition: dict[str, Any] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    models: dict[str, str] = Field(default_factory=dict, description="name -> SHA-256 of the ONNX file")
    versions: dict[str, str] = Field(default_factory=dict)
    seed: int = 0
    seconds: float = 0.0
    disclaimer: str = "Research software; not a medical device; not validated on patients."


class Findings(BaseModel):
    """Everything found in one clip. JSON round-trips to an equal object.

    ``maps`` holds dense per-frame arrays for the overlay (such as the orientation map); they are not part of the JSON.
    """

    model_config = ConfigDict(extra="forbid")

    schema_version: str = SCHEMA_VERSION
    exam: str
    quality: QualityVerdict = QualityVerdict()
    structures: list[Structure] = Field(default_factory=list)
    measurements: list[Measurement] = Field(default_factory=list)
    grades: list[Grade] = Field(default_factory=list)
    manifest: Manifest = Manifest()

    _clip: Clip | None = PrivateAttr(default=None)
    _maps: dict[str, Any] = PrivateAttr(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Equal if all that is serialised is equal."""
        return isinstance(other, Findings) and self.model_dump() == other.model_dump()

    def attach(self, clip: Clip, maps: Mapping[str, Any] | None = None) -> Findings:
        """Remember the clip (and dense maps) so that :meth:`overlay` and :meth:`save` can draw on it."""
        self._clip = clip
        self._maps = dict(maps or {})
        return self

    @property
    def clip(self) -> Clip | None:
        """The clip examined, if this object made the exam (None after reading back from JSON)."""
        return self._clip

    @property
    def maps(self) -> dict[str, Any]:
        """Dense arrays by name, for the overlay."""
        return self._maps

    def values(self, name: str) -> list[Measurement]:
        """All measurements of that name, by frame; the clip's own value (frame None) first."""
        found = [m for m in self.measurements if m.name == name]
        return sorted(found, key=lambda m: -1 if m.frame is None else m.frame)

    def value(self, name: str, frame: int | None = None) -> float | None:
        """One value by name and frame; None where it is withheld.

        Raises:
            KeyError: if there is no such measurement.
        """
        for m in self.measurements:
            if m.name == name and m.frame == frame:
                return m.value
        raise KeyError(f"no measurement {name!r} for frame {frame}")

    def to_frame(self) -> pd.DataFrame:
        """One row a measurement and frame: name, value, unit, low, high, frame, time_s, method, flags, withheld."""
        from mskus.report.table import measurement_table

        return measurement_table(self)

    def overlay(self, frame: int | None = None) -> NDArray[np.uint8]:
        """The frame as ``(H, W, 3)`` RGB with structures and values drawn; the most representative frame by default."""
        from mskus.report.overlay import draw_overlay

        return draw_overlay(self, frame=frame)

    def save(self, folder: str | Path, *, formats: tuple[str, ...] = ("json", "csv", "overlay", "html")) -> list[Path]:
        """Write findings.json, measurements.csv, overlay.png or .mp4, report.html; return the paths.

        Raises:
            SaveError: if the folder cannot be written.
        """
        from mskus.report.save import save_findings

        return save_findings(self, folder, formats=formats)

    @classmethod
    def load(cls, path: str | Path) -> Findings:
        """Read ``findings.json`` back.

        Raises:
            ReadError: if the file is missing or not a findings file.
        """
        from mskus.report.save import load_findings

        return load_findings(path)
