"""Small convolutional networks made for speed on a processor: a U-Net whose finest layer is half the picture.

The stem halves the picture at once and the last layer predicts four sub-pixels a position, which are shuffled back to
full resolution; so no convolution ever runs at full resolution. Skips are added, not concatenated.

Sources: Ronneberger et al. 2015 (arXiv 1505.04597) for the U-Net, Shi et al. 2016 (arXiv 1609.05158) for the sub-pixel
layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

APONEUROSIS_CHANNELS = (24, 32, 64, 96, 128)
FASCICLE_CHANNELS = (16, 32, 64, 96)


def _block(n_in: int, n_out: int, *, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(n_out),
        nn.ReLU(inplace=True),
    )


class SmallUNet(nn.Module):
    """U-Net with additive skips and a sub-pixel head.

    Maps ``(N, in_channels, H, W)`` to logits ``(N, n_classes, H, W)``; H and W must be multiples of
    ``2 ** len(channels)``.

    Args:
        n_classes: number of output channels.
        in_channels: of the picture.
        channels: features at 1/2, 1/4, 1/8 ... of the resolution.

    Example:
        >>> net = SmallUNet(3, channels=(8, 16))
        >>> tuple(net(torch.zeros(1, 1, 16, 32)).shape)
        (1, 3, 16, 32)
    """

    def __init__(self, n_classes: int, *, in_channels: int = 1, channels: Sequence[int] = APONEUROSIS_CHANNELS) -> None:
        super().__init__()
        self.n_classes = n_classes
        self.channels = tuple(channels)
        downs, fines = [], []
        previous = in_channels
        for level, width in enumerate(self.channels):
            downs.append(_block(previous, width, stride=2))
            # the two coarsest levels are cheap and see the whole anatomy: give them twice the depth
            depth = 1 if level < 2 else 2
            fines.append(nn.Sequential(*(_block(width, width) for _ in range(depth))))
            previous = width
        self.down = nn.ModuleList(downs)
        self.fine = nn.ModuleList(fines)
        pairs = list(zip(self.channels[::-1][:-1], self.channels[::-1][1:], strict=True))
        self.reduce = nn.ModuleList([nn.Conv2d(deep, shallow, 1) for deep, shallow in pairs])
        self.up = nn.ModuleList([_block(shallow, shallow) for _, shallow in pairs])
        self.head = nn.Sequential(
            _block(self.channels[0], self.channels[0]),
            nn.Conv2d(self.channels[0], 4 * n_classes, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Logits ``(N, n_classes, H, W)`` of pictures ``(N, in_channels, H, W)`` in [0, 1]."""
        x = image - 0.5
        skips: list[Tensor] = []
        for down, fine in zip(self.down, self.fine, strict=True):
            x = fine(down(x))
            skips.append(x)
        x = skips.pop()
        for reduce, up in zip(self.reduce, self.up, strict=True):
            x = nn.functional.interpolate(reduce(x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = up(x + skips.pop())
        logits: Tensor = self.head(x)
        return logits


def fascicle_network() -> SmallUNet:
    """The network of ``muscle_fascicle``: fascicle-ness, cos 2t and sin 2t of the orientation t."""
    return SmallUNet(3, channels=FASCICLE_CHANNELS)


Network = TypeVar("Network", bound=nn.Module)


def seeded(make: Callable[[], Network], *, seed: int) -> Network:
    """``make()`` with reproducible first weights."""
    torch.manual_seed(seed)
    return make()


NETWORKS: dict[str, Callable[..., nn.Module]] = {"small_unet": SmallUNet}


def build(name: str, *, n_classes: int, **options: Any) -> nn.Module:
    """The network of that name in :data:`NETWORKS`."""
    return NETWORKS[name](n_classes, **options)
