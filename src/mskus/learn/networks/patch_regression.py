"""Dense regression on a coarse grid: a plain convolutional network answers once a patch of 16 pixels.

What deconvolution is compared with by Cunningham, Sánchez, May & Loram 2018, J Imaging 4(2):29: their earlier networks
gave a coarse map of fibre orientation (Cunningham, Harding & Loram 2017, MIUA).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn
from torch.nn.functional import interpolate

from mskus.learn.networks.blocks import conv_bn_relu


class PatchRegression(nn.Module):
    """Maps ``(N, in_channels, H, W)`` to maps ``(N, n_classes, H, W)``, enlarged bilinearly from the coarse grid.

    H and W are multiples of ``2 ** len(channels)``.

    Args:
        n_classes: output maps.
        in_channels: of the picture.
        channels: features at 1/1, 1/2, 1/4 ...; the answer is given at half the last.

    Example:
        >>> import torch
        >>> tuple(PatchRegression(3, channels=(4, 8))(torch.zeros(1, 1, 8, 16)).shape)
        (1, 3, 8, 16)
    """

    def __init__(self, n_classes: int, *, in_channels: int = 1, channels: Sequence[int] = (24, 48, 96, 128)) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            *(
                nn.Sequential(conv_bn_relu(n_in, n_out), conv_bn_relu(n_out, n_out), nn.MaxPool2d(2))
                for n_in, n_out in pairwise([in_channels, *channels])
            )
        )
        self.head = nn.Sequential(conv_bn_relu(channels[-1], channels[-1]), nn.Conv2d(channels[-1], n_classes, 1))

    def forward(self, image: Tensor) -> Tensor:
        """Maps of pictures in [0, 1]."""
        coarse: Tensor = self.head(self.encoder(image - 0.5))
        return interpolate(coarse, size=image.shape[2:], mode="bilinear", align_corners=False)
