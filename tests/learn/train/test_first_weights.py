"""A training may begin with a shipped network by its name: the same answers, and normalisation that learns again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("lightning")
pytest.importorskip("torch")

import torch

from mskus.errors import LearnError
from mskus.learn.train.config import NetworkConfig, TrainConfig, names_a_model, read_config, write_config
from mskus.learn.train.network import make_network
from mskus.learn.train.onnx_weights import shipped_network
from mskus.learn.train.run import train
from mskus.learn.yaml_file import read_entries
from mskus.models.cards import card
from mskus.models.runtime import load

from .conftest import tiny


def pictures(n: int = 4) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).random((n, 1, 256, 256), np.float32) ** 2)


def test_unfolded_normalisation_answers_alike_in_training_and_in_use() -> None:
    shown = pictures()
    expected = load("muscle_aponeurosis").predict(shown.numpy())
    network = shipped_network("muscle_aponeurosis", pictures=shown)
    with torch.no_grad():
        assert np.abs(network(shown).numpy() - expected).max() < 1e-3
        assert np.abs(network.train()(shown).numpy() - expected).max() < 1e-3
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert min(float(m.running_var.max()) for m in norms) > 0.0
    assert any(float((m.running_mean).abs().max()) > 0.01 for m in norms)


def test_without_pictures_the_normalisation_stays_the_identity_and_training_would_be_thrown_off() -> None:
    shown = pictures()
    network = shipped_network("muscle_aponeurosis")
    with torch.no_grad():
        used, trained = network(shown), network.train()(shown)
    assert float((used - trained).abs().mean()) > 0.5


def test_other_classes_take_all_but_the_last_layer() -> None:
    config = NetworkConfig(weights=Path("muscle_aponeurosis"))
    made = make_network(config, n_outputs=2, task="segmentation", pictures=pictures())
    shipped = shipped_network("muscle_aponeurosis", pictures=pictures()).state_dict()
    own = made.state_dict()
    other = [name for name in own if own[name].shape != shipped[name].shape]
    assert other == ["head.1.weight", "head.1.bias"]
    assert all(torch.allclose(own[name], shipped[name]) for name in own if name not in other)


def test_a_network_that_does_not_fit_is_refused() -> None:
    config = NetworkConfig(name="light", weights=Path("muscle_aponeurosis"))
    with pytest.raises(LearnError, match="No layer of the network muscle_aponeurosis fits"):
        make_network(config, n_outputs=2, task="segmentation", pictures=pictures())


def test_names_stay_names_and_files_lie_beside_the_run(tmp_path: Path) -> None:
    assert names_a_model(Path("nerve"))
    assert not names_a_model(Path("nerve.pt"))
    assert not names_a_model(Path("runs/nerve"))
    (tmp_path / "run.yaml").write_text(
        "data: {manifest: m.csv, classes: {a: 1}}\nnetwork: {weights: nerve}\noutput: {folder: out}\n"
    )
    config = read_config(tmp_path / "run.yaml")
    assert config.network.weights == Path("nerve")
    write_config(config, tmp_path / "kept.yaml")
    assert read_entries(tmp_path / "kept.yaml", example="")["network"]["weights"] == "nerve"
    other = read_config(tmp_path / "run.yaml", settings=[("network.weights", "first.pt")])
    assert other.network.weights == tmp_path / "first.pt"


def test_a_run_begins_with_it(discs: Path, tmp_path: Path) -> None:
    given = tiny(
        discs,
        tmp_path / "run",
        network={"name": "small_unet", "weights": "muscle_aponeurosis", "options": {"channels": [24, 32, 64, 96, 128]}},
        schedule={"epochs": 1, "steps_per_epoch": 1, "rate": 1e-9, "averaging": 0.0},
    )
    done = train(TrainConfig.model_validate(given))
    kept = torch.load(done.checkpoint, weights_only=True)
    shipped = shipped_network("muscle_aponeurosis").state_dict()
    assert torch.allclose(kept["down.0.0.weight"], shipped["down.0.0.weight"], atol=1e-5)
    said = json.loads((done.folder / "started.json").read_text())
    assert said["first_weights_sha256"] == card("muscle_aponeurosis").sha256
    assert said["precision"] == "32"

    (done.folder / "started.json").write_text(json.dumps({**said, "first_weights_sha256": "0" * 64}))
    with pytest.raises(LearnError, match="began with other first weights"):
        train(TrainConfig.model_validate(given), resume=True)
