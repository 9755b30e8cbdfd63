"""Inception-V3. Source: Szegedy et al. 2016 (arXiv 1512.00567), without the auxiliary classifier."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mskus.learn.networks.classifier import Classifier


def _conv(
    n_in: int, n_out: int, kernel: int | tuple[int, int] = 1, *, stride: int = 1, padded: bool = True
) -> nn.Sequential:
    sides = (kernel, kernel) if isinstance(kernel, int) else kernel
    padding = (sides[0] // 2, sides[1] // 2) if padded else (0, 0)
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, sides, stride, padding, bias=False),
        nn.BatchNorm2d(n_out, eps=1e-3),
        nn.ReLU(inplace=True),
    )


def _pooled(n_in: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(nn.AvgPool2d(3, stride=1, padding=1), _conv(n_in, n_out))


class Branches(nn.Module):
    """Several ways through a block, joined as channels."""

    def __init__(self, *ways: nn.Module) -> None:
        super().__init__()
        self.ways = nn.ModuleList(ways)

    def forward(self, x: Tensor) -> Tensor:
        """``(N, n_in, H, W)`` to ``(N, sum of the ways, h, w)``."""
        return torch.cat([way(x) for way in self.ways], dim=1)


def _fine(n_in: int, pooled: int) -> Branches:
    return Branches(
        _conv(n_in, 64),
        nn.Sequential(_conv(n_in, 48), _conv(48, 64, 5)),
        nn.Sequential(_conv(n_in, 64), _conv(64, 96, 3), _conv(96, 96, 3)),
        _pooled(n_in, pooled),
    )


def _first_reduction() -> Branches:
    return Branches(
        _conv(288, 384, 3, stride=2, padded=False),
        nn.Sequential(_conv(288, 64), _conv(64, 96, 3), _conv(96, 96, 3, stride=2, padded=False)),
        nn.MaxPool2d(3, stride=2),
    )


def _middle(between: int) -> Branches:
    row, column = (1, 7), (7, 1)
    return Branches(
        _conv(768, 192),
        nn.Sequential(_conv(768, between), _conv(between, between, row), _conv(between, 192, column)),
        nn.Sequential(
            _conv(768, between),
            _conv(between, between, column),
            _conv(between, between, row),
            _conv(between, between, column),
            _conv(between, 192, row),
        ),
        _pooled(768, 192),
    )


def _second_reduction() -> Branches:
    return Branches(
        nn.Sequential(_conv(768, 192), _conv(192, 320, 3, stride=2, padded=False)),
        nn.Sequential(
            _conv(768, 192),
            _conv(192, 192, (1, 7)),
            _conv(192, 192, (7, 1)),
            _conv(192, 192, 3, stride=2, padded=False),
        ),
        nn.MaxPool2d(3, stride=2),
    )


def _coarse(n_in: int) -> Branches:
    def cross() -> Branches:
        return Branches(_conv(384, 384, (1, 3)), _conv(384, 384, (3, 1)))

    return Branches(
        _conv(n_in, 320),
        nn.Sequential(_conv(n_in, 384), cross()),
        nn.Sequential(_conv(n_in, 448), _conv(448, 384, 3), cross()),
        _pooled(n_in, 192),
    )


def inception_v3(n_classes: int, *, in_channels: int = 1, dropout: float = 0.5) -> Classifier:
    """Inception-V3; made for 299x299, takes 75x75 and larger.

    Args:
        n_classes: logits.
        in_channels: of the picture.
        dropout: chance to hide a feature of the linear layer while training.
    """
    features = nn.Sequential(
        _conv(in_channels, 32, 3, stride=2, padded=False),
        _conv(32, 32, 3, padded=False),
        _conv(32, 64, 3),
        nn.MaxPool2d(3, stride=2),
        _conv(64, 80),
        _conv(80, 192, 3, padded=False),
        nn.MaxPool2d(3, stride=2),
        _fine(192, 32),
        _fine(256, 64),
        _fine(288, 64),
        _first_reduction(),
        *(_middle(between) for between in (128, 160, 160, 192)),
        _second_reduction(),
        _coarse(1280),
        _coarse(2048),
    )
    return Classifier(features, nn.Sequential(nn.Dropout(dropout), nn.Linear(2048, n_classes)))
