"""ResNet-18, -34 and -50. Source: He et al. 2016 (arXiv 1512.03385); the stride sits in the 3x3 convolution."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import relu

from mskus.learn.networks.blocks import conv_bn_relu
from mskus.learn.networks.classifier import Classifier


class Residual(nn.Module):
    """A body whose result is added to its input.

    Args:
        body: ends in batch normalisation, without activation.
        n_in: features in.
        n_out: features out.
        stride: of the body.
    """

    def __init__(self, body: nn.Module, n_in: int, n_out: int, *, stride: int) -> None:
        super().__init__()
        self.body = body
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or n_in != n_out:
            self.shortcut = nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out))

    def forward(self, x: Tensor) -> Tensor:
        """``(N, n_in, H, W)`` to ``(N, n_out, H / stride, W / stride)``."""
        return relu(self.body(x) + self.shortcut(x))


def _basic(n_in: int, width: int, *, stride: int) -> Residual:
    body = nn.Sequential(
        conv_bn_relu(n_in, width, stride=stride),
        nn.Conv2d(width, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width),
    )
    return Residual(body, n_in, width, stride=stride)


def _bottleneck(n_in: int, width: int, *, stride: int) -> Residual:
    body = nn.Sequential(
        conv_bn_relu(n_in, width, 1),
        conv_bn_relu(width, width, stride=stride),
        nn.Conv2d(width, 4 * width, 1, bias=False),
        nn.BatchNorm2d(4 * width),
    )
    return Residual(body, n_in, 4 * width, stride=stride)


def _resnet(n_classes: int, in_channels: int, depths: Sequence[int], *, bottleneck: bool) -> Classifier:
    layers: list[nn.Module] = [conv_bn_relu(in_channels, 64, 7, stride=2), nn.MaxPool2d(3, stride=2, padding=1)]
    previous = 64
    for stage, depth in enumerate(depths):
        width = 64 * 2**stage
        for index in range(depth):
            stride = 2 if stage and not index else 1
            layers.append((_bottleneck if bottleneck else _basic)(previous, width, stride=stride))
            previous = 4 * width if bottleneck else width
    return Classifier(nn.Sequential(*layers), nn.Linear(previous, n_classes))


def resnet18(n_classes: int, *, in_channels: int = 1) -> Classifier:
    """Eighteen layers."""
    return _resnet(n_classes, in_channels, (2, 2, 2, 2), bottleneck=False)


def resnet34(n_classes: int, *, in_channels: int = 1) -> Classifier:
    """Thirty-four layers."""
    return _resnet(n_classes, in_channels, (3, 4, 6, 3), bottleneck=False)


def resnet50(n_classes: int, *, in_channels: int = 1) -> Classifier:
    """Fifty layers."""
    return _resnet(n_classes, in_channels, (3, 4, 6, 3), bottleneck=True)
