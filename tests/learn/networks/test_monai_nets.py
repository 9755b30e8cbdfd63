"""MONAI's networks by name: parameters and shapes as MONAI 1.6 builds them, and a loss that agrees with MONAI's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("monai")

import torch

from mskus.errors import LearnError
from mskus.learn.export import export_onnx, largest_difference
from mskus.learn.feature_output import WithFeatures
from mskus.learn.losses.terms import dice
from mskus.learn.networks import build, kind_of, parameter_count
from mskus.learn.networks.monai_nets import PREFIX, SEGMENTATION
from mskus.learn.train.config import NetworkConfig
from mskus.learn.train.network import make_network


@pytest.mark.parametrize(
    ("name", "options", "parameters", "answered"),
    [
        ("monai.BasicUNet", {}, 1_978_466, (3, 2, 64, 96)),
        ("monai.UNet", {}, 1_602_901, (3, 2, 64, 96)),
        (
            "monai.UNet",
            {"channels": (8, 16), "strides": (2,), "num_res_units": 0},
            1_684,
            (3, 2, 64, 96),
        ),  # 80 + 1168 + 434 and two PReLU
        ("monai.AttentionUnet", {}, 1_971_006, (3, 2, 64, 96)),
        ("monai.SegResNet", {}, 1_576_402, (3, 2, 64, 96)),
        ("monai.DenseNet121", {}, 6_949_634, (3, 2)),
    ],
)
def test_parameters_and_shape(name: str, options: dict[str, Any], parameters: int, answered: tuple[int, ...]) -> None:
    with torch.device("meta"):
        network = build(name, n_classes=2, **options).eval()
        assert tuple(network(torch.zeros(3, 1, 64, 96)).shape) == answered
    assert parameter_count(network) == parameters
    assert kind_of(name) == ("segmentation" if len(answered) == 4 else "classification")


def test_it_is_exported_as_ours_are(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = build("monai.BasicUNet", n_classes=2, features=(4, 4, 8, 8, 16, 4)).eval()
    export_onnx(network, tmp_path / "net.onnx", size=(32, 32))
    assert largest_difference(network, tmp_path / "net.onnx", size=(32, 32)) < 1e-3


@pytest.mark.parametrize("short", SEGMENTATION)
def test_each_has_features_to_know_strange_pictures_by(short: str) -> None:
    network = WithFeatures(build(PREFIX + short, n_classes=2), size=(32, 32))
    with torch.inference_mode():
        logits, features = network(torch.zeros(2, 1, 32, 32))
    assert tuple(logits.shape) == (2, 2, 32, 32)
    assert features.shape[1] >= 32


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (NetworkConfig(name="monai.VNet9"), "choose among monai.BasicUNet"),
        (NetworkConfig(name="monai.DenseNet121"), "is not for segmentation of single pictures"),
        (NetworkConfig(name="monai.UNet", options={"colour": 1}), "does not take these options"),
        (NetworkConfig(name="monai.UNet", options={"channels": [8, 16, 32], "strides": [2]}), "does not take these"),
    ],
)
def test_what_is_not_there_is_said(config: NetworkConfig, said: str) -> None:
    with pytest.raises(LearnError, match=said):
        make_network(config, n_outputs=2, task="segmentation")


def test_soft_dice_is_monais() -> None:
    from monai.losses import DiceLoss

    torch.manual_seed(0)
    logits, target = torch.randn(2, 3, 16, 16), (torch.rand(2, 3, 16, 16) > 0.6).float()
    ours = dice(logits, target)
    peer = DiceLoss(sigmoid=True, squared_pred=True, smooth_nr=20.0, smooth_dr=20.0, reduction="none")(logits, target)
    assert torch.allclose(ours, peer.reshape(2, 3), atol=1e-6)
