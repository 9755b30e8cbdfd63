"""All networks by name, with their source, use and how far they see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from mskus.errors import LearnError
from mskus.learn.networks import unet
from mskus.learn.networks.small_unet import SmallUNet

Kind = Literal["segmentation", "classification", "clip"]


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A named network.

    Attributes:
        make: called with ``n_classes``, ``in_channels`` and options.
        kind: ``segmentation`` maps (N, C, H, W) to (N, n_classes, H, W), ``classification`` to (N, n_classes);
            ``clip`` takes (N, T, C, H, W).
        source: the paper.
        use: what it is good for.
        sees_px: side of the receptive field with the default options: of an output pixel, the largest over positions;
            of a feature before the mean over the picture for a classifier. Squeeze-and-excitation, which sees all, is
            left aside.
    """

    make: Callable[..., nn.Module]
    kind: Kind
    source: str
    use: str
    sees_px: int

    def __call__(self, *, n_classes: int, in_channels: int = 1, **options: Any) -> nn.Module:
        """The network with random first weights."""
        return self.make(n_classes, in_channels=in_channels, **options)


NETWORKS: dict[str, Architecture] = {
    "small_unet": Architecture(
        make=SmallUNet,
        kind="segmentation",
        source="Ronneberger 2015; Shi 2016",
        use="fast on a processor; the muscle networks",
        sees_px=427,
    ),
    "unet": Architecture(
        make=unet.unet,
        kind="segmentation",
        source="Ronneberger 2015",
        use="the reference",
        sees_px=204,
    ),
}


def build(name: str, *, n_classes: int, in_channels: int = 1, **options: Any) -> nn.Module:
    """A network with random first weights (no pretrained weights are loaded: their licences differ).

    Args:
        name: of :data:`NETWORKS`.
        n_classes: output channels or classes.
        in_channels: of the picture; 1 is grey.
        options: of the network, see its docstring.

    Raises:
        LearnError: if there is no network of that name, or a number makes no network.
        TypeError: if it does not take an option.

    Example:
        >>> parameter_count(build("small_unet", n_classes=2, channels=(8, 16)))
        6104
    """
    if name not in NETWORKS:
        raise LearnError(f"There is no network {name!r}; choose among {', '.join(NETWORKS)}.")
    if n_classes < 1 or in_channels < 1:
        raise LearnError(f"{name} needs at least one class and one channel; got {n_classes} and {in_channels}.")
    return NETWORKS[name](n_classes=n_classes, in_channels=in_channels, **options)


def parameter_count(network: nn.Module) -> int:
    """Number of trainable numbers."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)
