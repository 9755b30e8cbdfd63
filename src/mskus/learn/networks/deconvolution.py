"""Dense regression without skips: what the coarse grid knows is spread back by transposed convolutions.

Source: Cunningham, Sánchez, May & Loram 2018, J Imaging 4(2):29, who map fibre orientation over whole pictures this
way. Their max-unpooling cannot be written as ONNX by torch, so the stride sits in the transposed convolutions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from mskus.learn.networks.blocks import conv_bn_relu


class DeconvolutionalRegression(nn.Module):
    """Maps ``(N, in_channels, H, W)`` to maps ``(N, n_classes, H, W)``; for orientation: presence, cos 2t, sin 2t.

    H and W are multiples of ``2 ** len(channels)``. A smooth field needs no fine detail, so the lack of skips keeps
    speckle out of it.

    Args:
        n_classes: output maps.
        in_channels: of the picture.
        channels: features at 1/2, 1/4, 1/8 ...

    Example:
        >>> import torch
        >>> tuple(DeconvolutionalRegression(3, channels=(4, 8))(torch.zeros(1, 1, 8, 16)).shape)
        (1, 3, 8, 16)
    """

    def __init__(self, n_classes: int, *, in_channels: int = 1, channels: Sequence[int] = (24, 48, 96, 128)) -> None:
        super().__init__()
        widths = [in_channels, *channels]
        encoder = [
            nn.Sequential(conv_bn_relu(n_in, n_out), conv_bn_relu(n_out, n_out), nn.MaxPool2d(2))
            for n_in, n_out in pairwise(widths)
        ]
        backwards = [*channels[::-1], channels[0]]
        decoder = [
            nn.Sequential(
                nn.ConvTranspose2d(n_in, n_out, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(n_out),
                nn.ReLU(inplace=True),
            )
            for n_in, n_out in pairwise(backwards)
        ]
        self.encoder, self.decoder = nn.Sequential(*encoder), nn.Sequential(*decoder)
        self.head = nn.Conv2d(channels[0], n_classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Maps of pictures in [0, 1]."""
        maps: Tensor = self.head(self.decoder(self.encoder(image - 0.5)))
        return maps
