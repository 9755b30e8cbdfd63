"""A network for every frame of a video on a processor: nothing is computed finer than a quarter of the picture.

Structures of interest in nerve pictures are blobs of tens of pixels, whose outline a quarter of the resolution carries;
each position of the last layer predicts its 4x4 sub-pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import interpolate

from mskus.learn.networks.blocks import conv_bn_relu


class LightUNet(nn.Module):
    """U-Net with additive skips from a quarter of the resolution on, and a sub-pixel head.

    Maps ``(N, in_channels, H, W)`` to logits ``(N, n_classes, H, W)``; H and W are multiples of 32.

    Sources: Ronneberger et al. 2015 (arXiv 1505.04597); Shi et al. 2016 (arXiv 1609.05158) for the sub-pixels.

    Args:
        n_classes: output channels.
        in_channels: of the picture.
        stem: features at half of the resolution.
        channels: features at 1/4, 1/8, 1/16, 1/32.

    Example:
        >>> import torch
        >>> tuple(LightUNet(2)(torch.zeros(1, 1, 64, 96)).shape)
        (1, 2, 64, 96)
    """

    def __init__(
        self, n_classes: int, *, in_channels: int = 1, stem: int = 12, channels: Sequence[int] = (24, 48, 80, 112)
    ) -> None:
        super().__init__()
        self.stem = conv_bn_relu(in_channels, stem, stride=2)
        widths = [stem, *channels]
        self.down = nn.ModuleList(
            [
                nn.Sequential(conv_bn_relu(n_in, n_out, stride=2), conv_bn_relu(n_out, n_out))
                for n_in, n_out in pairwise(widths)
            ]
        )
        pairs = list(zip(channels[:0:-1], channels[-2::-1], strict=True))
        self.reduce = nn.ModuleList([nn.Conv2d(deep, fine, 1) for deep, fine in pairs])
        self.up = nn.ModuleList([conv_bn_relu(fine, fine) for _, fine in pairs])
        self.head = nn.Sequential(nn.Conv2d(channels[0], 16 * n_classes, 3, padding=1), nn.PixelShuffle(4))

    def forward(self, image: Tensor) -> Tensor:
        """Logits of pictures in [0, 1]."""
        x = self.stem(image - 0.5)
        skips: list[Tensor] = []
        for down in self.down:
            x = down(x)
            skips.append(x)
        skips.pop()
        for reduce, up in zip(self.reduce, self.up, strict=True):
            x = interpolate(reduce(x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = up(x + skips.pop())
        logits: Tensor = self.head(x)
        return logits
