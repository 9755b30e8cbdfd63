"""The context module: seven dilated layers that see 67 x 67 without losing resolution.

Source: Yu & Koltun 2016 (arXiv 1511.07122), basic form.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import interpolate

from mskus.learn.networks.blocks import conv_bn_relu

DILATIONS = (1, 1, 2, 4, 8, 16, 1)


class ContextModule(nn.Sequential):
    """3x3 layers of dilation 1, 1, 2, 4, 8, 16, 1 and a 1x1 layer; begins as the identity of what is positive.

    Args:
        width: channels in and out.
    """

    def __init__(self, width: int) -> None:
        layers: list[nn.Module] = []
        for dilation in DILATIONS:
            layers += [nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation), nn.ReLU()]
        layers.append(nn.Conv2d(width, width, 1))
        super().__init__(*layers)
        for layer in self:
            if isinstance(layer, nn.Conv2d):
                nn.init.dirac_(layer.weight)
                assert layer.bias is not None
                nn.init.zeros_(layer.bias)


class DilatedContext(nn.Module):
    """A front end down to an eighth that goes on with dilation in place of pooling, then the context module.

    Maps ``(N, in_channels, H, W)`` to logits ``(N, n_classes, H, W)``; H and W are multiples of 8.

    Args:
        n_classes: output channels.
        in_channels: of the picture.
        width: features of the first stage (64 in VGG-16, from which the published front end derives).

    Example:
        >>> import torch
        >>> tuple(DilatedContext(2, width=4)(torch.zeros(1, 1, 16, 24)).shape)
        (1, 2, 16, 24)
    """

    def __init__(self, n_classes: int, *, in_channels: int = 1, width: int = 32) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        previous = in_channels
        for depth, factor, dilation in ((2, 1, 1), (2, 2, 1), (3, 4, 1), (3, 8, 1), (3, 8, 2)):
            layers += [
                conv_bn_relu(previous if i == 0 else factor * width, factor * width, dilation=dilation)
                for i in range(depth)
            ]
            previous = factor * width
            if factor < 8:
                layers.append(nn.MaxPool2d(2))
        self.front = nn.Sequential(*layers)
        self.context = ContextModule(previous)
        self.head = nn.Conv2d(previous, n_classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Logits of pictures in [0, 1]."""
        coarse = self.head(self.context(self.front(image - 0.5)))
        return interpolate(coarse, scale_factor=8.0, mode="bilinear", align_corners=False)
