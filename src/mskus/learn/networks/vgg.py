"""VGG-16. Source: Simonyan & Zisserman 2015 (arXiv 1409.1556), configuration D."""

from __future__ import annotations

from torch import nn

from mskus.learn.networks.classifier import Classifier

_STAGES = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))


def vgg16_features(in_channels: int) -> nn.Sequential:
    """Thirteen 3x3 convolutions in five stages, each followed by max pooling: (N, 512, H/32, W/32)."""
    layers: list[nn.Module] = []
    previous = in_channels
    for depth, width in _STAGES:
        for _ in range(depth):
            layers += [nn.Conv2d(previous, width, 3, padding=1), nn.ReLU(inplace=True)]
            previous = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


def vgg16(n_classes: int, *, in_channels: int = 1, dropout: float = 0.5) -> Classifier:
    """VGG-16 with its three linear layers on a 7x7 grid.

    Args:
        n_classes: logits.
        in_channels: of the picture.
        dropout: chance to hide a feature of the linear layers while training.
    """
    head = nn.Sequential(
        nn.Linear(512 * 7 * 7, 4096),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Linear(4096, 4096),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Linear(4096, n_classes),
    )
    return Classifier(vgg16_features(in_channels), head, grid=7)
