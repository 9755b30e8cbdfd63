"""A learned classical road on disk: ``road.skops`` and its hash. Never pickle; a changed file is refused."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mskus.errors import LearnError, SaveError
from mskus.learn.applications.nerve.learner import LearnerSettings, WindowLearner
from mskus.learn.applications.nerve.regions import RegionRule
from mskus.learn.applications.nerve.road import NerveRoad
from mskus.learn.applications.nerve.template import Template
from mskus.learn.applications.nerve.windows import WindowSettings
from mskus.learn.classical.inner import Front
from mskus.learn.classical.preparation import Preparation
from mskus.learn.classical.selection import Selection
from mskus.learn.classical.store import trusted_parts

ROAD_FILE, HASH_FILE = "road.skops", "road.json"


def save_road(road: NerveRoad, folder: str | Path) -> None:
    """Write a road and the SHA-256 of its file.

    Raises:
        SaveError: if the folder cannot be written.
    """
    import skops.io

    folder = Path(folder)
    content = skops.io.dumps(
        {
            "classes": list(road.classes),
            "windows": asdict(road.windows),
            "template": road.template.levels,
            "rules": [asdict(rule) for rule in road.rules],
            "passes": [_parts(learner) for learner in road.passes],
        }
    )
    said = {"classes": list(road.classes), "sha256": hashlib.sha256(content).hexdigest()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ROAD_FILE).write_bytes(content)
        (folder / HASH_FILE).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise SaveError(f"The road cannot be written to {folder}: {error.strerror or error}.") from error


def load_road(folder: str | Path) -> NerveRoad:
    """Read a road after its hash and the types that it holds have been checked.

    Raises:
        LearnError: if the road is missing, was changed, holds a type that roads never hold, or cannot be read.
    """
    path = Path(folder) / ROAD_FILE
    try:
        content = path.read_bytes()
        said = json.loads((Path(folder) / HASH_FILE).read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LearnError(f"{folder} holds no whole road ({ROAD_FILE}, {HASH_FILE}); save it again.") from error
    if hashlib.sha256(content).hexdigest() != said:
        raise LearnError(f"{path} differs from its hash in {HASH_FILE}; it is not loaded.")
    try:
        given = trusted_parts(content, of=f"The road {path}", kind="roads")
        windows: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given["windows"].items()}
        return NerveRoad(
            classes=tuple(given["classes"]),
            windows=WindowSettings(**windows),
            template=Template(levels=given["template"]),
            passes=tuple(_learner(parts) for parts in given["passes"]),
            rules=tuple(RegionRule(**rule) for rule in given["rules"]),
        )
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError, ImportError) as error:
        raise LearnError(f"{path} cannot be read here; it may come from another version.") from error


def _parts(learner: WindowLearner) -> dict[str, Any]:
    fronts = [(front.preparation, front.selection) for front, _ in learner.models]
    return {
        "settings": asdict(learner.settings),
        "n_classes": learner.n_classes,
        "kept": [preparation.kept_ for preparation, _ in fronts],
        "median": [preparation.median_ for preparation, _ in fronts],
        "mean": [preparation.mean_ for preparation, _ in fronts],
        "sd": [preparation.sd_ for preparation, _ in fronts],
        "chosen": [np.asarray(selection.chosen_) for _, selection in fronts],
        "classifiers": [classifier for _, classifier in learner.models],
    }


def _learner(parts: dict[str, Any]) -> WindowLearner:
    said = parts["settings"]
    settings = LearnerSettings(**said | {"windows_per_class": tuple(said["windows_per_class"])})
    learner = WindowLearner(settings=settings, n_classes=parts["n_classes"])
    names = ("kept", "median", "mean", "sd", "chosen", "classifiers")
    for kept, median, mean, sd, chosen, classifier in zip(*(parts[name] for name in names), strict=True):
        preparation, selection = Preparation(), Selection(settings.selection, settings.n_features, settings.seed)
        preparation.kept_, preparation.median_, preparation.mean_, preparation.sd_ = kept, median, mean, sd
        selection.chosen_ = chosen
        learner.models.append((Front(preparation=preparation, selection=selection), classifier))
    return learner
