"""Classifiers are trained by the room: every named one, several classes, few of one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("lightning")
pytest.importorskip("torch")

import torch
from torch import nn
from torch.utils.data import DataLoader

from mskus.errors import LearnError
from mskus.learn.networks import NETWORKS, registry
from mskus.learn.networks.classifier import Classifier
from mskus.learn.train.config import checked_config
from mskus.learn.train.loaders import RunData
from mskus.learn.train.material import gather
from mskus.learn.train.network import make_network
from mskus.learn.train.run import TrainResult, train

from .conftest import tiny

CLASSIFIERS = [name for name, network in NETWORKS.items() if network.kind == "classification"]
SIZE = 96


@pytest.fixture(scope="module")
def planes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures like an infant hip's: a level line with a round head below it; slanted or without head is no such plane.

    Of twelve patients, with 3 of 24 pictures slanted.
    """
    folder = tmp_path_factory.mktemp("planes")
    rng, rows = np.random.default_rng(0), []
    for n in range(24):
        kind = "slanted" if n % 8 == 7 else "standard" if n % 2 else "headless"
        image = rng.normal(70, 15, (SIZE, SIZE))
        rise = 30 if kind == "slanted" else 0
        cv2.line(image, (8, 40 + rise), (60, 40 - rise), 200.0, 4)
        if kind != "headless":
            cv2.circle(image, (60, 66), 16, 20.0, -1)
        cv2.imwrite(str(folder / f"{n}.png"), np.clip(cv2.GaussianBlur(image, (0, 0), 1), 0, 255).astype(np.uint8))
        rows.append({"image": f"{n}.png", "patient": n // 2, "plane": kind, "usable": kind == "standard"})
    pd.DataFrame(rows).to_csv(folder / "manifest.csv", index=False)
    return folder / "manifest.csv"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A classifier of seconds under a registered name."""

    def make(n_classes: int, *, in_channels: int = 1) -> Classifier:
        layers: list[nn.Module] = []
        for a, b in ((in_channels, 8), (8, 16), (16, 32)):
            layers += [nn.Conv2d(a, b, 3, stride=2, padding=1), nn.BatchNorm2d(b), nn.ReLU()]
        return Classifier(nn.Sequential(*layers), nn.Linear(32 * 9, n_classes), grid=3)

    of = registry.Architecture(make=make, kind="classification", source="", use="", sees_px=1)
    monkeypatch.setitem(NETWORKS, "resnet18", of)


def planes_run(manifest: Path, out: Path, *, label: str = "plane", **sections: Any) -> dict[str, Any]:
    data = {"classes": {}, "label": label, "size": [SIZE, SIZE], **sections.pop("data", {})}
    defaults: dict[str, Any] = {
        "task": "classification",
        "network": {"name": "resnet18", "options": {}},
        "augmentation": {"geometry": 0.0, "intensity": 0.0, "reverberation": 0.0},
        "split": {"folds": 3, "seed": 1, "copies_at": 1.0},  # all are drawn alike
    }
    return tiny(manifest, out, data=data, **defaults | sections)


def go(given: dict[str, Any]) -> TrainResult:
    return train(checked_config(given, source="test"))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_takes_a_step(planes: Path, tmp_path: Path, name: str) -> None:
    config = checked_config(planes_run(planes, tmp_path / "run", network={"name": name, "options": {}}), source="test")
    material = gather(config)
    torch.manual_seed(0)
    network = make_network(config.network, n_outputs=len(material.outputs), task=config.task)
    image, number = next(iter(DataLoader(material.training, batch_size=2)))
    network.train()
    loss = material.rules.loss(network(image), (number,))
    loss.backward()
    # a network of random weights knows nothing: about log 3
    assert 0.3 < loss.item() < 4.0
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


@pytest.mark.usefixtures("small")
def test_three_classes_of_which_one_is_rare(planes: Path, tmp_path: Path) -> None:
    given = planes_run(
        planes,
        tmp_path / "run",
        data={"balance": "classes", "by_patient": False},
        loss={"class_weights": {"slanted": 2.0}},
        schedule={"epochs": 4, "steps_per_epoch": 20, "rate": 2e-2, "batch": 6},
    )
    result = go(given)
    scores = pd.read_csv(tmp_path / "run" / "scores.csv")
    shares = scores[["p_headless", "p_slanted", "p_standard"]].to_numpy()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-5)
    right = shares.argmax(axis=1) == scores["class"]
    assert result.metrics["score"] == pytest.approx(np.mean([right[scores["class"] == c].mean() for c in (0, 1, 2)]))
    assert result.metrics["score"] > 0.6  # a third by chance


@pytest.mark.usefixtures("small")
def test_yes_or_no_judged_by_patient(planes: Path, tmp_path: Path) -> None:
    given = planes_run(
        planes,
        tmp_path / "run",
        label="usable",
        data={"by_patient": True},
        split={"folds": 3, "inner": 0.25, "copies_at": 1.0},
        schedule={"epochs": 3, "steps_per_epoch": 15, "rate": 2e-2, "batch": 6},
    )
    result = go(given)
    scores = pd.read_csv(tmp_path / "run" / "scores.csv")
    assert set(scores.columns) >= {"class", "p_False", "p_True"}
    assert 0.5 <= result.metrics["score"] <= 1.0


def test_an_epoch_draws_rare_classes_as_often(planes: Path, tmp_path: Path) -> None:
    config = checked_config(planes_run(planes, tmp_path / "run", data={"balance": "classes"}), source="test")
    material = gather(config)
    (pool,) = material.pools
    assert len(pool.groups) == 3
    assert sorted(n for g in pool.groups for n in g) == list(range(len(material.training)))
    assert RunData(material, config=config).steps == 3


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("colour", r"the column 'colour' holds 0 class\(es\); two are needed"),
        ("same", r"the column 'same' holds 1 class\(es\); two are needed"),
    ],
)
def test_labels_that_teach_nothing(planes: Path, tmp_path: Path, label: str, said: str) -> None:
    table = pd.read_csv(planes).assign(same="a")
    table.to_csv(planes.parent / "other.csv", index=False)
    with pytest.raises(LearnError, match=said):
        gather(checked_config(planes_run(planes.parent / "other.csv", tmp_path / "r", label=label), source="test"))


def test_a_class_of_one_patient_cannot_be_held_out(planes: Path, tmp_path: Path) -> None:
    table = pd.read_csv(planes)
    table["rare"] = np.where(table.patient == 3, "yes", "no")
    table.to_csv(planes.parent / "rare.csv", index=False)
    given = planes_run(planes.parent / "rare.csv", tmp_path / "run", label="rare")
    given["split"] = {"column": "patient", "held_out": [3]}
    with pytest.raises(LearnError, match="All pictures of the class 'yes' are held out; add patients"):
        gather(checked_config(given, source="test"))
