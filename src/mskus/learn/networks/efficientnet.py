"""EfficientNet-B0. Source: Tan & Le 2019 (arXiv 1905.11946)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mskus.learn.networks.classifier import Classifier

# expansion, features, repeats, stride, kernel
_STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)


def _conv_bn_silu(n_in: int, n_out: int, kernel: int, *, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(n_out),
        nn.SiLU(inplace=True),
    )


class SqueezeExcitation(nn.Module):
    """Weighs features by what the whole picture holds of them (Hu et al. 2018, arXiv 1709.01507)."""

    def __init__(self, width: int, between: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(width, between, 1)
        self.excite = nn.Conv2d(between, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        mean = x.mean(dim=(2, 3), keepdim=True)
        return x * torch.sigmoid(self.excite(nn.functional.silu(self.squeeze(mean))))


class InvertedResidual(nn.Module):
    """Expand, filter each feature on its own, weigh, project; added to the input where the shapes agree.

    Source: Sandler et al. 2018, MobileNetV2 (arXiv 1801.04381).
    """

    def __init__(self, n_in: int, n_out: int, *, expansion: int, stride: int, kernel: int) -> None:
        super().__init__()
        wide = n_in * expansion
        self.added = stride == 1 and n_in == n_out
        self.body = nn.Sequential(
            *([_conv_bn_silu(n_in, wide, 1)] if expansion > 1 else []),
            _conv_bn_silu(wide, wide, kernel, stride=stride, groups=wide),
            SqueezeExcitation(wide, max(1, n_in // 4)),
            nn.Conv2d(wide, n_out, 1, bias=False),
            nn.BatchNorm2d(n_out),
        )

    def forward(self, x: Tensor) -> Tensor:
        """``(N, n_in, H, W)`` to ``(N, n_out, H / stride, W / stride)``."""
        out: Tensor = self.body(x)
        return x + out if self.added else out


def efficientnet_b0(n_classes: int, *, in_channels: int = 1, dropout: float = 0.2) -> Classifier:
    """The smallest EfficientNet, without stochastic depth.

    Args:
        n_classes: logits.
        in_channels: of the picture.
        dropout: chance to hide a feature of the linear layer while training.
    """
    layers: list[nn.Module] = [_conv_bn_silu(in_channels, 32, 3, stride=2)]
    previous = 32
    for expansion, width, repeats, stride, kernel in _STAGES:
        for index in range(repeats):
            step = stride if index == 0 else 1
            layers.append(InvertedResidual(previous, width, expansion=expansion, stride=step, kernel=kernel))
            previous = width
    layers.append(_conv_bn_silu(previous, 1280, 1))
    head = nn.Sequential(nn.Dropout(dropout), nn.Linear(1280, n_classes))
    return Classifier(nn.Sequential(*layers), head)
