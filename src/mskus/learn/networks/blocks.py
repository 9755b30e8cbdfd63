"""The blocks that the U-Nets are made of; each keeps height and width."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate


def conv_bn_relu(
    n_in: int, n_out: int, kernel: int | tuple[int, int] = 3, *, stride: int = 1, dilation: int = 1, groups: int = 1
) -> nn.Sequential:
    """A convolution padded to keep the size (at stride 1), batch normalisation, ReLU."""
    sides = (kernel, kernel) if isinstance(kernel, int) else kernel
    padding = (dilation * (sides[0] // 2), dilation * (sides[1] // 2))
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, sides, stride, padding, dilation=dilation, groups=groups, bias=False),
        nn.BatchNorm2d(n_out),
        nn.ReLU(inplace=True),
    )


class PlainBlock(nn.Sequential):
    """Two 3x3 convolutions.

    Source: Ronneberger et al. 2015 (arXiv 1505.04597), with batch normalisation and padding.
    """

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__(conv_bn_relu(n_in, n_out), conv_bn_relu(n_out, n_out))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, activation before each, added to the input.

    Source: He et al. 2016, identity mappings (arXiv 1603.05027); in a U-Net: Zhang et al. 2018 (arXiv 1711.10684).
    """

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(n_in),
            nn.ReLU(),
            nn.Conv2d(n_in, n_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(inplace=True),
            nn.Conv2d(n_out, n_out, 3, padding=1, bias=False),
        )
        self.shortcut = nn.Identity() if n_in == n_out else nn.Conv2d(n_in, n_out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """``(N, n_in, H, W)`` to ``(N, n_out, H, W)``."""
        total: Tensor = self.body(x) + self.shortcut(x)
        return total


class DenseBlock(nn.Module):
    """Layers of ``n_out / layers`` features that each see all earlier ones, joined by a 1x1 convolution.

    Source: Huang et al. 2017 (arXiv 1608.06993); in an encoder and decoder: Jégou et al. 2017 (arXiv 1611.09326).

    Args:
        n_in: features in.
        n_out: features out.
        layers: 3x3 convolutions.
    """

    def __init__(self, n_in: int, n_out: int, *, layers: int = 4) -> None:
        super().__init__()
        growth = max(1, n_out // layers)
        self.layers = nn.ModuleList([conv_bn_relu(n_in + i * growth, growth) for i in range(layers)])
        self.join = conv_bn_relu(n_in + layers * growth, n_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        """``(N, n_in, H, W)`` to ``(N, n_out, H, W)``."""
        for layer in self.layers:
            x = torch.cat([x, layer(x)], dim=1)
        joined: Tensor = self.join(x)
        return joined


class DilatedSum(nn.Module):
    """Dilated 3x3 convolutions one after another, whose results are all added to the input.

    Sees ``2 * sum(dilations)`` pixels more at full detail and is as many layers deep.

    Source: Yu & Koltun 2016 (arXiv 1511.07122) for growing dilations; Zhou et al. 2018, D-LinkNet (CVPR workshops) for
    the sum in the middle of a U-Net.
    """

    def __init__(self, n_in: int, n_out: int, *, dilations: Sequence[int] = (1, 2, 4, 8)) -> None:
        super().__init__()
        self.enter = conv_bn_relu(n_in, n_out)
        self.layers = nn.ModuleList([conv_bn_relu(n_out, n_out, dilation=d) for d in dilations])

    def forward(self, x: Tensor) -> Tensor:
        """``(N, n_in, H, W)`` to ``(N, n_out, H, W)``."""
        x = self.enter(x)
        total = x
        for layer in self.layers:
            x = layer(x)
            total = total + x
        return total


class AttentionGate(nn.Module):
    """Weighs the pixels of a skip by what the coarser level sees: ``skip * sigmoid(psi(relu(W skip + V coarse)))``.

    Source: Oktay et al. 2018 (arXiv 1804.03999), additive gate.

    Args:
        n_skip: features of the skip.
        n_coarse: features of the level below.
    """

    def __init__(self, n_skip: int, n_coarse: int) -> None:
        super().__init__()
        between = max(1, n_skip // 2)
        self.skip = nn.Conv2d(n_skip, between, 2, stride=2, bias=False)
        self.coarse = nn.Conv2d(n_coarse, between, 1)
        self.psi = nn.Conv2d(between, 1, 1)

    def forward(self, skip: Tensor, coarse: Tensor) -> Tensor:
        """``(N, n_skip, H, W)`` and ``(N, n_coarse, H/2, W/2)`` to ``(N, n_skip, H, W)``."""
        weight = torch.sigmoid(self.psi(torch.relu(self.skip(skip) + self.coarse(coarse))))
        return skip * interpolate(weight, scale_factor=2.0, mode="bilinear", align_corners=False)
