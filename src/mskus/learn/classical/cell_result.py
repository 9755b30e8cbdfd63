"""The result of one cell of a comparison, and the file that keeps it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mskus.errors import SaveError
from mskus.statistics import Estimate


@dataclass(frozen=True, kw_only=True)
class CellResult:
    """What one cell of a grid came to.

    Attributes:
        name: of the cell.
        preprocess: in words.
        features: in words.
        selection: its name.
        classifier: its name.
        n_columns: feature columns before selection.
        scores: figures of the pictures with intervals, by name.
        patient_scores: the same of the patients; empty where a patient has pictures of several classes.
        fold_auc: area under the curve in each outer fold, None where a fold has one class.
        truth: ``N`` class numbers.
        probabilities: ``N x C`` out of fold.
        patients: ``N`` who.
        seconds: that it took.
        failure: why there is no result, or empty.
    """

    name: str
    preprocess: str
    features: str
    selection: str
    classifier: str
    n_columns: int
    scores: dict[str, Estimate] = field(default_factory=dict)
    patient_scores: dict[str, Estimate] = field(default_factory=dict)
    fold_auc: tuple[float | None, ...] = ()
    truth: tuple[int, ...] = ()
    probabilities: tuple[tuple[float, ...], ...] = ()
    patients: tuple[str, ...] = ()
    seconds: float = 0.0
    failure: str = ""

    @property
    def auc(self) -> Estimate:
        """Of the pictures; NaN where the cell failed."""
        return self.scores.get("AUC", Estimate(float("nan"), float("nan"), float("nan")))


def read_result(path: Path) -> CellResult | None:
    """A kept result, or None where there is none or it was half written."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        for name in ("scores", "patient_scores"):
            kept[name] = {figure: Estimate(*values) for figure, values in kept[name].items()}
        kept["probabilities"] = tuple(map(tuple, kept["probabilities"]))
        return CellResult(**kept | {name: tuple(kept[name]) for name in ("fold_auc", "truth", "patients")})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_result(path: Path, result: CellResult) -> None:
    """Keep a result, in one step, so that a kill leaves no half one.

    Raises:
        SaveError: if it cannot be written.
    """
    half = path.with_suffix(".part")
    try:
        half.write_text(json.dumps(asdict(result)), encoding="utf-8")
        os.replace(half, path)
    except OSError as error:
        raise SaveError(f"{path} cannot be written: {error.strerror or error}.") from error
