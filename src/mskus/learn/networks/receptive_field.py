"""How far a network sees, measured: which inputs have a gradient at one output."""

from __future__ import annotations

import copy

import torch
from torch import nn


def linearised(network: nn.Module) -> nn.Module:
    """A copy in which every connection counts: positive equal weights, no normalisation, no switching.

    Max pooling becomes the mean over the same window, because it would pass the gradient of one pixel only.
    """
    network = copy.deepcopy(network).double().eval()
    for name, layer in list(network.named_modules()):
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.constant_(layer.weight, 1.0 / layer.weight[0].numel())
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        made: nn.Module | None = None
        if isinstance(layer, nn.BatchNorm2d | nn.ReLU | nn.SiLU):
            made = nn.Identity()
        elif isinstance(layer, nn.MaxPool2d):
            made = nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding, layer.ceil_mode)
        if made is not None:
            parent, _, child = name.rpartition(".")
            setattr(network.get_submodule(parent), child, made)
    return network


def receptive_field_px(network: nn.Module, *, size: tuple[int, int], period: int = 1, in_channels: int = 1) -> int:
    """Width in columns of what one output sees, the largest over ``period`` neighbouring outputs.

    Source: Luo et al. 2016 (arXiv 1701.04128) for the gradient at an output; Araujo et al. 2019 (Distill, "Computing
    receptive fields") for the analytic numbers that it must equal.

    Args:
        network: maps ``(N, C, H, W)`` to ``(N, K, h, w)``.
        size: ``(H, W)`` of the probe; W well above the expected width, else the border cuts it.
        period: outputs tried beside each other: the stride of the coarsest level, because a pixel near the middle of
            a coarse one sees less far to one side.
        in_channels: of the network.

    Example:
        >>> receptive_field_px(nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3, dilation=4)), size=(16, 32))
        11
    """
    network = linearised(network)
    probe = torch.rand(1, in_channels, *size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    probe.requires_grad_()
    out = network(probe).sum(dim=(0, 1))
    row, first = out.shape[0] // 2, out.shape[1] // 2
    widest = 0
    for column in range(first, first + period):
        (gradient,) = torch.autograd.grad(out[row, column], probe, retain_graph=True)
        columns = gradient.abs().sum(dim=(0, 1, 2)).nonzero()
        widest = max(widest, int(columns.max() - columns.min()) + 1)
    return widest
