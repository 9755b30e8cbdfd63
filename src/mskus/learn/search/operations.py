"""The operations on the edges of a cell, by kind and name: each maps ``(N, C, H, W)`` to as many features.

``down`` halves the sides, ``up`` doubles them, ``normal`` keeps them.

Source: Weng et al. 2019, NAS-UNet (IEEE Access 7:44247), table 1. Other than there, ``bilinear`` is a way up, because
it is cheap on a processor; ``dilated`` goes up by a dilated convolution and then bilinearly, because a transposed
convolution whose dilation is its stride fills every other pixel only; and there is no ``none``, so a node always adds
two edges, and no shuffled convolution.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from mskus.learn.networks.blocks import conv_bn_relu
from mskus.learn.networks.efficientnet import SqueezeExcitation
from mskus.learn.search.genotype import Kind


def operation(kind: Kind, name: str, *, width: int) -> nn.Module:
    """The layers of an operation.

    Args:
        kind: what it does to the resolution.
        name: of :data:`mskus.learn.search.genotype.OPERATIONS`.
        width: features in and out.

    Example:
        >>> import torch
        >>> tuple(operation("down", "depthwise", width=8)(torch.zeros(2, 8, 6, 4)).shape)
        (2, 8, 3, 2)
    """
    return _LAYERS[kind][name](width)


def _transposed(width: int, *, groups: int = 1) -> nn.Sequential:
    # a kernel of 4 at stride 2 reaches every output pixel equally often
    return nn.Sequential(
        nn.ConvTranspose2d(width, width, 4, stride=2, padding=1, groups=groups, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
    )


def _depthwise(width: int, *, stride: int) -> nn.Sequential:
    return nn.Sequential(conv_bn_relu(width, width, stride=stride, groups=width), conv_bn_relu(width, width, 1))


def _weigh(width: int) -> SqueezeExcitation:
    return SqueezeExcitation(width, max(4, width // 4))


def _bilinear() -> nn.Upsample:
    return nn.Upsample(scale_factor=2.0, mode="bilinear", align_corners=False)


_LAYERS: dict[Kind, dict[str, Callable[[int], nn.Module]]] = {
    "down": {
        "avg_pool": lambda _: nn.AvgPool2d(2),
        "max_pool": lambda _: nn.MaxPool2d(2),
        "conv": lambda width: conv_bn_relu(width, width, stride=2),
        "dilated": lambda width: conv_bn_relu(width, width, stride=2, dilation=2),
        "depthwise": lambda width: _depthwise(width, stride=2),
        "weighted": lambda width: nn.Sequential(conv_bn_relu(width, width, stride=2), _weigh(width)),
    },
    "up": {
        "bilinear": lambda _: _bilinear(),
        "conv": _transposed,
        "dilated": lambda width: nn.Sequential(conv_bn_relu(width, width, dilation=2), _bilinear()),
        "depthwise": lambda width: nn.Sequential(conv_bn_relu(width, width, 1), _transposed(width, groups=width)),
        "weighted": lambda width: nn.Sequential(_transposed(width), _weigh(width)),
    },
    "normal": {
        "identity": lambda _: nn.Identity(),
        "conv": lambda width: conv_bn_relu(width, width),
        "dilated": lambda width: conv_bn_relu(width, width, dilation=2),
        "depthwise": lambda width: _depthwise(width, stride=1),
        "weighted": _weigh,
    },
}
