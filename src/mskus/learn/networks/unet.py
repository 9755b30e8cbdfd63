"""The U-Net and its relatives: one frame, whose blocks, middle and skips differ.

Source of the frame: Ronneberger, Fischer & Brox 2015 (arXiv 1505.04597). Unlike there, convolutions are padded, so that
the mask is as large as the picture, and followed by batch normalisation.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from mskus.learn.networks.blocks import AttentionGate, DenseBlock, DilatedSum, PlainBlock, ResidualBlock

Block = Callable[[int, int], nn.Module]


class UNet(nn.Module):
    """Maps ``(N, in_channels, H, W)`` in [0, 1] to logits ``(N, n_classes, H, W)``.

    H and W are multiples of ``2 ** depth``.

    Args:
        n_classes: output channels.
        in_channels: of the picture.
        width: features at full size; they double at each of the levels below.
        depth: halvings.
        block: of every level.
        middle: of the deepest level, in place of ``block``.
        gated: weigh the skips by attention gates.

    Example:
        >>> net = UNet(2, width=4, depth=2)
        >>> tuple(net(torch.zeros(1, 1, 16, 32)).shape)
        (1, 2, 16, 32)
    """

    def __init__(
        self,
        n_classes: int,
        *,
        in_channels: int = 1,
        width: int = 64,
        depth: int = 4,
        block: Block = PlainBlock,
        middle: Block | None = None,
        gated: bool = False,
    ) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList(
            [block(n_in, n_out) for n_in, n_out in zip([in_channels, *widths[:-2]], widths[:-1], strict=True)]
        )
        self.middle = (middle or block)(widths[-2], widths[-1])
        steps = list(zip(widths[:0:-1], widths[-2::-1], strict=True))
        self.gates = nn.ModuleList([AttentionGate(fine, deep) for deep, fine in steps] if gated else [])
        self.grow = nn.ModuleList([nn.ConvTranspose2d(deep, fine, 2, stride=2) for deep, fine in steps])
        self.up = nn.ModuleList([block(2 * fine, fine) for _, fine in steps])
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Conv2d(width, n_classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Logits of pictures."""
        x = image
        skips: list[Tensor] = []
        for down in self.down:
            skips.append(down(x))
            x = self.pool(skips[-1])
        x = self.middle(x)
        for index, (grow, up) in enumerate(zip(self.grow, self.up, strict=True)):
            skip = skips.pop()
            if self.gates:
                skip = self.gates[index](skip, x)
            x = up(torch.cat([skip, grow(x)], dim=1))
        logits: Tensor = self.head(x)
        return logits


def unet(n_classes: int, *, in_channels: int = 1, width: int = 64, depth: int = 4) -> UNet:
    """The U-Net as published, but for padding and batch normalisation."""
    return UNet(n_classes, in_channels=in_channels, width=width, depth=depth)


def residual_unet(n_classes: int, *, in_channels: int = 1, width: int = 64, depth: int = 4) -> UNet:
    """A U-Net of residual blocks; see :class:`ResidualBlock`."""
    return UNet(n_classes, in_channels=in_channels, width=width, depth=depth, block=ResidualBlock)


def attention_unet(n_classes: int, *, in_channels: int = 1, width: int = 64, depth: int = 4) -> UNet:
    """A U-Net whose skips pass attention gates; see :class:`AttentionGate`."""
    return UNet(n_classes, in_channels=in_channels, width=width, depth=depth, gated=True)


def dense_unet(n_classes: int, *, in_channels: int = 1, width: int = 32, depth: int = 4) -> UNet:
    """A U-Net of densely connected blocks; see :class:`DenseBlock`."""
    return UNet(n_classes, in_channels=in_channels, width=width, depth=depth, block=DenseBlock)


def dilated_unet(n_classes: int, *, in_channels: int = 1, width: int = 32, depth: int = 3) -> UNet:
    """A shallower U-Net whose middle sees far by dilation; see :class:`DilatedSum`."""
    return UNet(n_classes, in_channels=in_channels, width=width, depth=depth, middle=DilatedSum)
