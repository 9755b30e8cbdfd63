"""How far a network sees, measured: which inputs have a gradient at one output.

Sources: Luo et al. 2016 (arXiv 1701.04128) for the gradient at an output; Araujo, Norris & Sim 2019 (Distill,
"Computing receptive fields of convolutional neural networks") for the analytic numbers that it must equal.
"""

from __future__ import annotations

import copy

import torch
from torch import nn


def receptive_field_px(
    network: nn.Module,
    *,
    size: tuple[int, int],
    period: int = 1,
    in_channels: int = 1,
    aside: tuple[type[nn.Module], ...] = (),
) -> int:
    """Width in columns of what one output sees, the largest over ``period`` neighbouring outputs.

    Args:
        network: maps ``(N, C, H, W)`` to ``(N, K, h, w)``; left as it is.
        size: ``(H, W)`` of the probe; W well above the expected width, else the border cuts it. With H = 1 only
            rows are looked at, which is much faster and right for networks that never enlarge.
        period: outputs tried beside each other: the stride of the coarsest level, because a pixel near the middle of
            a coarse one sees less far to one side.
        in_channels: of the network.
        aside: kinds of layers that are left out, like those that see all of the picture.

    Example:
        >>> receptive_field_px(nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3, dilation=4)), size=(16, 32))
        11
    """
    network = _linearised(network, aside=aside, one_row=size[0] == 1)
    probe = torch.ones(1, in_channels, *size, dtype=torch.float64, requires_grad=True)
    out = network(probe).sum(dim=(0, 1))
    row, first = out.shape[0] // 2, out.shape[1] // 2
    widest = 0
    for column in range(first, first + period):
        (gradient,) = torch.autograd.grad(out[row, column], probe, retain_graph=True)
        columns = gradient.abs().sum(dim=(0, 1, 2)).nonzero()
        widest = max(widest, int(columns.max() - columns.min()) + 1)
    return widest


def _linearised(network: nn.Module, *, aside: tuple[type[nn.Module], ...], one_row: bool) -> nn.Module:
    """A copy in which every connection counts: positive equal weights, no normalisation, no switching.

    Max pooling becomes the mean over the same window, because it would pass the gradient of one pixel only.
    """
    network = copy.deepcopy(network).double().eval()
    for name, layer in list(network.named_modules()):
        made: nn.Module | None = None
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            _even(layer, one_row=one_row)
        elif isinstance(layer, (nn.BatchNorm2d, nn.ReLU, nn.SiLU, *aside)):
            made = nn.Identity()
        elif isinstance(layer, nn.MaxPool2d | nn.AvgPool2d):
            kernel, stride, padding = (_pair(n) for n in (layer.kernel_size, layer.stride, layer.padding))
            if one_row:
                kernel, stride, padding = (1, kernel[1]), (1, stride[1]), (0, padding[1])
            made = nn.AvgPool2d(kernel, stride, padding, ceil_mode=layer.ceil_mode)
        if made is not None:
            parent, _, child = name.rpartition(".")
            setattr(network.get_submodule(parent), child, made)
    return network


def _even(layer: nn.Conv2d | nn.ConvTranspose2d, *, one_row: bool) -> None:
    """Equal positive weights; of one row, if asked for."""
    weight = torch.full_like(layer.weight, 1.0 / layer.weight[0].numel())
    if one_row:
        weight = weight[:, :, :1]
        layer.stride, layer.padding = (1, _pair(layer.stride)[1]), (0, _pair(layer.padding)[1])
    layer.weight = nn.Parameter(weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def _pair(value: object) -> tuple[int, int]:
    if isinstance(value, tuple):
        return int(value[0]), int(value[1])
    return int(str(value)), int(str(value))
