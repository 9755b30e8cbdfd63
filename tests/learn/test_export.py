"""Every kind of network of the registry becomes an ONNX file that answers as torch does."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

import numpy as np
import onnxruntime
import torch
from torch import nn

from mskus.learn.export import export_onnx, largest_difference
from mskus.learn.feature_output import WithFeatures
from mskus.learn.networks import SmallUNet, build
from mskus.models.cards import ModelError


def answers(path: Path, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return [tuple(a.shape) for a in session.run(None, {"image": np.zeros(shape, np.float32)})]


@pytest.mark.parametrize(
    ("name", "options", "export", "given", "answer"),
    [
        ("light", {}, {}, (3, 1, 32, 32), (3, 2, 32, 32)),
        ("unet", {"width": 4}, {"free_size": True}, (2, 1, 64, 32), (2, 2, 64, 32)),
        ("attention_unet", {"width": 4}, {}, (2, 1, 32, 32), (2, 2, 32, 32)),
        ("dilated_unet", {"width": 4}, {}, (2, 1, 32, 32), (2, 2, 32, 32)),
        ("small_unet", {"in_channels": 3, "channels": (4, 6)}, {"channels": 3}, (2, 3, 32, 32), (2, 2, 32, 32)),
        ("resnet18", {}, {}, (3, 1, 32, 32), (3, 2)),
        ("clip_segmentation", {}, {"frames": 3}, (2, 3, 1, 32, 32), (2, 3, 2, 32, 32)),
        ("clip_classifier", {}, {"frames": 3}, (2, 3, 1, 32, 32), (2, 2)),
    ],
)
def test_shapes_and_answers_of_the_file(
    tmp_path: Path,
    name: str,
    options: dict[str, Any],
    export: dict[str, Any],
    given: tuple[int, ...],
    answer: tuple[int, ...],
) -> None:
    torch.manual_seed(0)
    path = tmp_path / "new" / "net.onnx"
    digest = export_onnx(build(name, n_classes=2, **options).eval(), path, size=(32, 32), **export)
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert answers(path, given) == [answer]


def test_features_are_a_second_output(tmp_path: Path) -> None:
    both = WithFeatures(SmallUNet(2, channels=(4, 6)), size=(32, 32))
    export_onnx(both, tmp_path / "net.onnx", size=(32, 32))
    assert answers(tmp_path / "net.onnx", (3, 1, 32, 32)) == [(3, 2, 32, 32), (3, 10)]


def test_a_file_of_another_network_is_told(tmp_path: Path) -> None:
    torch.manual_seed(0)
    one, other = (SmallUNet(1, channels=(4, 6)).eval() for _ in range(2))
    export_onnx(one, tmp_path / "net.onnx", size=(32, 32))
    assert largest_difference(one, tmp_path / "net.onnx", size=(32, 32)) < 1e-4
    assert largest_difference(other, tmp_path / "net.onnx", size=(32, 32)) > 1e-3


class Random(nn.Module):
    """Never answers twice alike."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image + torch.rand_like(image)


def test_a_network_that_answers_otherwise_is_not_shipped(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="do not ship it"):
        export_onnx(Random(), tmp_path / "net.onnx", size=(32, 32))
