"""DenseNet-121. Source: Huang et al. 2017 (arXiv 1608.06993), with bottlenecks and halving transitions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mskus.learn.networks.blocks import conv_bn_relu
from mskus.learn.networks.classifier import Classifier

GROWTH = 32


def _norm_relu(width: int) -> list[nn.Module]:
    return [nn.BatchNorm2d(width), nn.ReLU(inplace=True)]


class DenseLayer(nn.Module):
    """Adds :data:`GROWTH` features to what it sees, by a 1x1 and a 3x3 convolution."""

    def __init__(self, n_in: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(n_in),
            nn.ReLU(),
            nn.Conv2d(n_in, 4 * GROWTH, 1, bias=False),
            *_norm_relu(4 * GROWTH),
            nn.Conv2d(4 * GROWTH, GROWTH, 3, padding=1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """``(N, n_in, H, W)`` to ``(N, n_in + GROWTH, H, W)``."""
        return torch.cat([x, self.body(x)], dim=1)


def densenet121(n_classes: int, *, in_channels: int = 1) -> Classifier:
    """Dense blocks of 6, 12, 24 and 16 layers."""
    width = 64
    layers: list[nn.Module] = [conv_bn_relu(in_channels, width, 7, stride=2), nn.MaxPool2d(3, stride=2, padding=1)]
    for stage, depth in enumerate((6, 12, 24, 16)):
        if stage:
            layers += [*_norm_relu(width), nn.Conv2d(width, width // 2, 1, bias=False), nn.AvgPool2d(2)]
            width //= 2
        for _ in range(depth):
            layers.append(DenseLayer(width))
            width += GROWTH
    return Classifier(nn.Sequential(*layers, *_norm_relu(width)), nn.Linear(width, n_classes))
