"""A shipped network comes back from ONNX exactly, goes on learning, and is shipped again with a card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("lightning")
pytest.importorskip("torch")

import torch
from torch import nn

from mskus.errors import LearnError, SaveError
from mskus.learn.export import export_onnx, write_card
from mskus.learn.networks import SmallUNet, build
from mskus.learn.train import finetune as room
from mskus.learn.train.config import read_config
from mskus.learn.train.finetune import finetune
from mskus.learn.train.onnx_weights import load_onnx_weights, network_of
from mskus.models.cards import Card, card
from mskus.models.picture import NetworkInput
from mskus.models.runtime import load
from mskus.models.verify import problems

from .conftest import bright_discs


def lived_in(network: nn.Module) -> nn.Module:
    """With normalisation layers that hold numbers which a fold must not lose."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.uniform_(-0.2, 0.2)
            layer.running_var.uniform_(0.5, 2.0)
            layer.weight.data.uniform_(0.5, 1.5)
            layer.bias.data.uniform_(-0.3, 0.3)
    return network.eval()


def small() -> SmallUNet:
    torch.manual_seed(0)
    return SmallUNet(2, channels=(8, 16))


def shipped(folder: Path, **changes: Any) -> Card:
    digest = export_onnx(lived_in(small()), folder / "discs.onnx", size=(64, 64))
    made = Card(
        name="discs",
        task="where are discs",
        input_shape=(None, 1, 64, 64),
        input_spacing="the whole picture",
        input_intensity="grey levels divided by 255",
        classes=("disc", "ring"),
        training_data=(),
        split="none",
        scores=(),
        limits="None known.",
        parameters=1,
        seed=0,
        command="none",
        date="2026-01-01",
        sha256=digest,
    ).model_copy(update=changes)
    write_card(made, folder)
    return made


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("small_unet", {"channels": [8, 12, 16]}),
        ("light", {}),
        ("attention_unet", {}),
        ("dense_unet", {}),  # normalises before it convolves: not everything can be folded
        ("deconv_regression", {}),
    ],
)
def test_folded_weights_answer_as_the_network_did(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    torch.manual_seed(0)
    network = lived_in(build(name, n_classes=3, **options))
    export_onnx(network, tmp_path / "n.onnx", size=(64, 96))
    found, with_options, back = network_of(tmp_path / "n.onnx", n_classes=3, size=(64, 96))
    assert (found, with_options) == (name, options)
    picture = torch.rand(2, 1, 64, 96, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        np.testing.assert_allclose(back(picture).numpy(), network(picture).numpy(), atol=1e-3)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    export_onnx(lived_in(small()), tmp_path / "n.onnx", size=(64, 64))
    with pytest.raises(LearnError, match=r"layers of n\.onnx do not fit"):
        load_onnx_weights(SmallUNet(2, channels=(8, 12)), tmp_path / "n.onnx", size=(64, 64))


def test_a_network_learns_the_users_pictures(tmp_path: Path) -> None:
    before = shipped(tmp_path)
    manifest = bright_discs(tmp_path / "mine", pictures=8, patients=2)
    result = finetune(
        "discs", manifest=manifest, out=tmp_path / "out", classes={"disc": 1}, steps=60, rate=2e-2, folder=tmp_path
    )
    assert len(result.scores) == 8
    assert result.scores["dice_disc after"].mean() > result.scores["dice_disc before"].mean() + 0.2
    assert list(result.gain) == ["dice_disc"]  # no mask shows a ring
    assert result.gain["dice_disc"].low > 0
    made = card("discs_finetuned", folder=tmp_path / "out")
    assert made.limits.startswith(f"Derived from discs (SHA-256 {before.sha256[:12]})")
    assert made.training_data[-1].pictures == 8
    assert [s.metric for s in made.scores] == ["mean dice_disc before fine-tuning", "mean dice_disc after fine-tuning"]
    answer = load("discs_finetuned", folder=tmp_path / "out").predict(np.zeros((1, 1, 64, 64), np.float32))
    assert answer.shape == (1, 2, 64, 64)
    assert made.files == {}
    assert made.limits.endswith("This network does not warn of them: that takes 20 patients.")


def test_one_patient_is_enough_for_a_network_without_figures(tmp_path: Path) -> None:
    shipped(tmp_path)
    manifest = bright_discs(tmp_path / "mine", pictures=3, patients=1)
    said: list[str] = []
    result = finetune(
        "discs", manifest=manifest, out=tmp_path / "out", classes={"disc": 1}, steps=1, folder=tmp_path, say=said.append
    )
    assert said[0] == "one patient only: the gain cannot be measured on other patients"
    assert (len(result.scores), result.gain) == (0, {})
    made = card("discs_finetuned", folder=tmp_path / "out")
    assert (made.scores, made.training_data[-1].pictures) == ((), 3)
    assert problems("discs_finetuned", folder=tmp_path / "out") == []


def test_pictures_are_cut_and_scaled_as_the_card_says_and_twenty_patients_tell_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_MOST_FOLDS", 2)
    given = NetworkInput(size=(64, 64), crop="content", intensity="robust")
    shipped(tmp_path, input_spacing=given.spacing_text, input_intensity=given.intensity_text)
    manifest = bright_discs(tmp_path / "mine", pictures=20, patients=20)
    finetune("discs", manifest=manifest, out=tmp_path / "out", classes={"disc": 1}, steps=20, folder=tmp_path)
    for part in ("fold0", "all"):
        config = read_config(tmp_path / "out" / part / "config.yaml")
        assert (config.data.crop, config.data.intensity, config.data.size) == ("content", "robust", (64, 64))
    made = card("discs_finetuned", folder=tmp_path / "out")
    assert NetworkInput.of(made) == given
    assert problems("discs_finetuned", folder=tmp_path / "out") == []
    network = load("discs_finetuned", folder=tmp_path / "out")
    assert network.outlier is not None
    own, noise = cv2.imread(str(tmp_path / "mine" / "image3.png"), 0), np.zeros((64, 64), np.uint8)
    noise[::2] = 255
    near, far = network.outlier.distance(
        network.predict_with_features(np.stack([given.picture(p) for p in (own, noise)])[:, None])[1]
    )
    assert not network.outlier.refuses(near)
    assert network.outlier.refuses(far)


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    shipped(tmp_path)
    manifest = bright_discs(tmp_path / "mine", pictures=2)
    (tmp_path / "out").write_text("a file")
    with pytest.raises(SaveError, match="out cannot be written"):
        finetune("discs", manifest=manifest, out=tmp_path / "out", classes={"disc": 1}, folder=tmp_path)


def test_a_structure_that_the_network_does_not_know(tmp_path: Path) -> None:
    shipped(tmp_path)
    manifest = bright_discs(tmp_path / "mine", pictures=2)
    with pytest.raises(LearnError, match="discs has no structure 'bone'; it finds disc, ring"):
        finetune("discs", manifest=manifest, out=tmp_path / "out", classes={"bone": 1}, folder=tmp_path)
