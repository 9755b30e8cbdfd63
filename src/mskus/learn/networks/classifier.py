"""What all classifiers share: features, their mean over the picture, one linear layer or more."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Classifier(nn.Module):
    """Maps ``(N, in_channels, H, W)`` to logits ``(N, n_classes)`` for pictures of any size from 75 pixels.

    Args:
        features: maps pictures to ``(N, width, h, w)``.
        head: maps ``(N, width, g, g)``, flattened, to logits.
        grid: g, the means taken along each side; 1 is the mean over the picture.
    """

    def __init__(self, features: nn.Module, head: nn.Module, *, grid: int = 1) -> None:
        super().__init__()
        self.features, self.head = features, head
        self.pool = nn.AdaptiveAvgPool2d(grid)

    def forward(self, image: Tensor) -> Tensor:
        """Logits of pictures."""
        logits: Tensor = self.head(torch.flatten(self.pool(self.features(image)), 1))
        return logits
