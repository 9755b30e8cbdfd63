"""How a model is to be made: every choice of a training in one immutable thing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mskus.errors import LearnError

Imbalance = Literal["none", "weights", "oversample"]
CalibrationKind = Literal["none", "sigmoid", "isotonic"]
PatientRule = Literal["mean", "max", "majority"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Choices of a training.

    Attributes:
        classifier: a name of :func:`mskus.learn.classical.classifiers.classifiers`.
        selection: a name of :func:`mskus.learn.classical.selection.selections`, or ``"none"``.
        n_features: how many features a selection keeps; None lets the tuning choose.
        correlation_limit: of two features with a higher absolute correlation the later is left out; None keeps all.
        imbalance: ``"weights"`` (inverse class frequency), ``"oversample"`` (whole patients drawn again) or ``"none"``.
        calibration: of the probabilities, on inner folds: ``"sigmoid"`` (Platt), ``"isotonic"`` or ``"none"``.
        patient_rule: how pictures of a patient are put together: ``"mean"``, ``"max"`` or ``"majority"``.
        trials: of the tuning; 0 takes the default hyper-parameters.
        inner_folds: folds by patient inside the training, for tuning, calibration and threshold.
        seed: of everything.

    Raises:
        LearnError: if a number is not possible.
    """

    classifier: str = "random_forest"
    selection: str = "mrmr"
    n_features: int | None = 20
    correlation_limit: float | None = None
    imbalance: Imbalance = "weights"
    calibration: CalibrationKind = "sigmoid"
    patient_rule: PatientRule = "mean"
    trials: int = 25
    inner_folds: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("n_features", 1), ("trials", 0), ("inner_folds", 2)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise LearnError(f"{name} = {value} is not possible; give {least} or more.")
        if self.correlation_limit is not None and not 0 < self.correlation_limit < 1:
            raise LearnError(f"correlation_limit = {self.correlation_limit:g} is not between 0 and 1.")
        for name, known in (
            ("imbalance", ("none", "weights", "oversample")),
            ("calibration", ("none", "sigmoid", "isotonic")),
            ("patient_rule", ("mean", "max", "majority")),
        ):
            if getattr(self, name) not in known:
                raise LearnError(f"{name} = {getattr(self, name)!r} is unknown; choose one of {', '.join(known)}.")

    def to_dict(self) -> dict[str, Any]:
        """Choices by name."""
        return asdict(self)

    def digest(self, *arrays: NDArray[Any]) -> str:
        """A short name that changes with the choices (but for the number of trials) and with the data."""
        choices = {name: value for name, value in self.to_dict().items() if name != "trials"}
        digest = hashlib.sha256(json.dumps(choices, sort_keys=True).encode())
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]
