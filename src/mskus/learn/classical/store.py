"""Models on disk: ``model.skops`` and ``card.json``. Never pickle; a changed file or an unlisted type is refused."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from mskus.errors import LearnError, SaveError
from mskus.learn.classical.calibration import Calibration
from mskus.learn.classical.card import ClassicalCard
from mskus.learn.classical.model import ClassicalModel
from mskus.learn.classical.preparation import Preparation

MODEL_FILE, CARD_FILE = "model.skops", "card.json"

# Types beyond those that skops trusts by itself, by exact name: what the classifiers here are made of.
ALLOWED = frozenset(
    {
        "mskus.learn.classical.neighbours.BoundedNeighbours",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
    }
)


def model_bytes(model: ClassicalModel) -> bytes:
    """The model as skops: plain numbers, texts and arrays, and the classifier."""
    import skops.io

    return skops.io.dumps(
        {
            "features": list(model.features),
            "classes": list(model.classes),
            "label": model.label,
            "median": model.preparation.median_,
            "mean": model.preparation.mean_,
            "sd": model.preparation.sd_,
            "classifier": model.classifier,
            "calibration_kind": model.calibration.kind,
            "calibration_maps": model.calibration.maps,
            "threshold": float(model.threshold),
            "patient_threshold": float(model.patient_threshold),
            "patient_rule": model.patient_rule,
            "feature_settings": model.feature_settings,
        }
    )


def save_model(model: ClassicalModel, folder: str | Path, *, card: ClassicalCard) -> None:
    """Write the model and its card; the card's SHA-256 is set here.

    Raises:
        SaveError: if the folder cannot be written.
    """
    folder = Path(folder)
    content = model_bytes(model)
    signed = card.model_copy(update={"sha256": hashlib.sha256(content).hexdigest()})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MODEL_FILE).write_bytes(content)
        (folder / CARD_FILE).write_text(signed.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise SaveError(f"The model cannot be written to {folder}: {error.strerror or error}.") from error


def read_card(folder: str | Path) -> ClassicalCard:
    """The card of a saved model.

    Raises:
        LearnError: if there is none or it cannot be read.
    """
    path = Path(folder) / CARD_FILE
    try:
        return ClassicalCard.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LearnError(f"{folder} holds no model ({CARD_FILE} is missing); make one with `mskus fit`.") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise LearnError(f"The card {path} is damaged; make the model again.") from error


def load_model(folder: str | Path) -> ClassicalModel:
    """Read a saved model after its hash has been compared with the card and its types with the allow-list.

    Raises:
        LearnError: if the model is missing, differs from its card, holds an unlisted type or cannot be read.
    """
    path, card = Path(folder) / MODEL_FILE, read_card(folder)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LearnError(f"The model {path} is missing beside its card; make it again with `mskus fit`.") from error
    found = hashlib.sha256(content).hexdigest()
    if found != card.sha256:
        raise LearnError(f"The model {path} differs from its card (SHA-256 {found[:12]}...); it is not loaded.")
    try:
        return _model(trusted_parts(content, of=f"The model {path}", kind="models here"))
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError, ImportError) as error:
        made = ", ".join(f"{name} {version}" for name, version in card.made_with.items())
        raise LearnError(f"The model {path} cannot be read here; it was made with {made}.") from error


def trusted_parts(content: bytes, *, of: str, kind: str) -> dict[str, Any]:
    """What a skops file holds, after its types have been compared with the allow-list.

    Args:
        content: of the file.
        of: the file, for the sentence.
        kind: what such files are, for the sentence.

    Raises:
        LearnError: if it holds an unlisted type.
    """
    import skops.io

    foreign = sorted(set(skops.io.get_untrusted_types(data=content)) - ALLOWED)
    if foreign:
        raise LearnError(f"{of} holds {foreign[0]}, a type that {kind} never hold; not loaded.")
    parts: dict[str, Any] = skops.io.loads(content, trusted=sorted(ALLOWED))
    return parts


def _model(parts: dict[str, Any]) -> ClassicalModel:
    preparation = Preparation()
    preparation.kept_ = np.arange(len(parts["features"]))
    preparation.median_, preparation.mean_, preparation.sd_ = parts["median"], parts["mean"], parts["sd"]
    return ClassicalModel(
        features=tuple(parts["features"]),
        classes=tuple(parts["classes"]),
        label=parts["label"],
        preparation=preparation,
        classifier=parts["classifier"],
        calibration=Calibration(kind=parts["calibration_kind"], maps=parts["calibration_maps"]),
        threshold=parts["threshold"],
        patient_threshold=parts["patient_threshold"],
        patient_rule=parts["patient_rule"],
        feature_settings=parts["feature_settings"],
    )
