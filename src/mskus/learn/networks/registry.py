"""All networks by name, with their source, use and how far they see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from mskus.errors import LearnError
from mskus.learn.networks import resnet, unet
from mskus.learn.networks.clip import ClipClassifier, ClipSegmentation
from mskus.learn.networks.context import DilatedContext
from mskus.learn.networks.deconvolution import DeconvolutionalRegression
from mskus.learn.networks.densenet import densenet121
from mskus.learn.networks.efficientnet import efficientnet_b0
from mskus.learn.networks.inception import inception_v3
from mskus.learn.networks.light import LightUNet
from mskus.learn.networks.monai_nets import PREFIX, monai_kind, monai_network
from mskus.learn.networks.patch_regression import PatchRegression
from mskus.learn.networks.small_unet import SmallUNet
from mskus.learn.networks.vgg import vgg16

Kind = Literal["segmentation", "classification", "clip segmentation", "clip classification"]


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A named network.

    Attributes:
        make: called with ``n_classes``, ``in_channels`` and options.
        kind: ``segmentation`` maps (N, C, H, W) to (N, n_classes, H, W), ``classification`` to (N, n_classes);
            those of clips take (N, T, C, H, W) and give (N, T, n_classes, H, W) or (N, n_classes).
        source: the paper.
        use: what it is good for.
        sees_px: side of the receptive field with the default options: of an output pixel, the largest over positions;
            of a feature before the mean over the picture for a classifier. Squeeze-and-excitation, which sees all, is
            left aside, and of a clip network it is that of one frame.
    """

    make: Callable[..., nn.Module]
    kind: Kind
    source: str
    use: str
    sees_px: int

    def __call__(self, *, n_classes: int, in_channels: int = 1, **options: Any) -> nn.Module:
        """The network with random first weights."""
        return self.make(n_classes, in_channels=in_channels, **options)


def _searched(n_classes: int, *, in_channels: int = 1, **options: Any) -> nn.Module:
    from mskus.learn.search.network import searched  # the search is made of the blocks of this room

    return searched(n_classes, in_channels=in_channels, **options)


NETWORKS: dict[str, Architecture] = {
    "small_unet": Architecture(
        make=SmallUNet,
        kind="segmentation",
        source="Ronneberger 2015, Shi 2016",
        use="fast on a processor; the muscle networks",
        sees_px=427,
    ),
    "light": Architecture(
        make=LightUNet,
        kind="segmentation",
        source="Ronneberger 2015, Shi 2016",
        use="every frame of a video on a processor",
        sees_px=311,
    ),
    "unet": Architecture(
        make=unet.unet,
        kind="segmentation",
        source="Ronneberger 2015",
        use="the reference",
        sees_px=204,
    ),
    "residual_unet": Architecture(
        make=unet.residual_unet,
        kind="segmentation",
        source="He 2016, Zhang 2018",
        use="deep and easy to train",
        sees_px=204,
    ),
    "attention_unet": Architecture(
        make=unet.attention_unet,
        kind="segmentation",
        source="Oktay 2018",
        use="small structures in wide views",
        sees_px=236,
    ),
    "dense_unet": Architecture(
        make=unet.dense_unet,
        kind="segmentation",
        source="Huang 2017, Jégou 2017",
        use="few pictures: features are used again",
        sees_px=392,
    ),
    "dilated_unet": Architecture(
        make=unet.dilated_unet,
        kind="segmentation",
        source="Yu & Koltun 2016, Zhou 2018",
        use="wide context at little depth",
        sees_px=324,
    ),
    "dilated_context": Architecture(
        make=DilatedContext,
        kind="segmentation",
        source="Yu & Koltun 2016",
        use="context without pooling",
        sees_px=724,
    ),
    "deconv_regression": Architecture(
        make=DeconvolutionalRegression,
        kind="segmentation",
        source="Cunningham 2018",
        use="smooth maps such as fibre orientation",
        sees_px=108,
    ),
    "patch_regression": Architecture(
        make=PatchRegression,
        kind="segmentation",
        source="Cunningham 2017",
        use="coarse maps; what deconvolution is compared with",
        sees_px=124,
    ),
    "searched": Architecture(
        make=_searched,
        kind="segmentation",
        source="Weng 2019",
        use="what an architecture search found; option genotype",
        sees_px=123,
    ),
    "vgg16": Architecture(
        make=vgg16,
        kind="classification",
        source="Simonyan & Zisserman 2015",
        use="the classic to compare with",
        sees_px=212,
    ),
    "inception_v3": Architecture(
        make=inception_v3,
        kind="classification",
        source="Szegedy 2016",
        use="details of several sizes",
        sees_px=1311,
    ),
    "resnet18": Architecture(
        make=resnet.resnet18,
        kind="classification",
        source="He 2016",
        use="the first to try",
        sees_px=435,
    ),
    "resnet34": Architecture(
        make=resnet.resnet34,
        kind="classification",
        source="He 2016",
        use="some hundred patients",
        sees_px=899,
    ),
    "resnet50": Architecture(
        make=resnet.resnet50,
        kind="classification",
        source="He 2016",
        use="many pictures",
        sees_px=427,
    ),
    "densenet121": Architecture(
        make=densenet121,
        kind="classification",
        source="Huang 2017",
        use="few pictures",
        sees_px=2071,
    ),
    "efficientnet_b0": Architecture(
        make=efficientnet_b0,
        kind="classification",
        source="Tan & Le 2019",
        use="small file",
        sees_px=851,
    ),
    "clip_segmentation": Architecture(
        make=ClipSegmentation,
        kind="clip segmentation",
        source="Shi 2015 (ConvLSTM)",
        use="masks that stay steady over frames",
        sees_px=343,
    ),
    "clip_classifier": Architecture(
        make=ClipClassifier,
        kind="clip classification",
        source="Cho 2014 (GRU), Donahue 2015",
        use="one class of a clip",
        sees_px=31,
    ),
}


def kind_of(name: str) -> Kind:
    """What a network of that name does.

    Raises:
        LearnError: if there is no network of that name.
    """
    if name.startswith(PREFIX):
        return monai_kind(name)
    if name not in NETWORKS:
        raise LearnError(f"There is no network {name!r}; choose among {', '.join(NETWORKS)}.")
    return NETWORKS[name].kind


def build(name: str, *, n_classes: int, in_channels: int = 1, **options: Any) -> nn.Module:
    """A network with random first weights (no pretrained weights are loaded: their licences differ).

    Args:
        name: of :data:`NETWORKS`, or one of :mod:`mskus.learn.networks.monai_nets`.
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
    kind_of(name)  # says what there is
    if n_classes < 1 or in_channels < 1:
        raise LearnError(f"{name} needs at least one class and one channel; got {n_classes} and {in_channels}.")
    if name.startswith(PREFIX):
        return monai_network(name, n_classes=n_classes, in_channels=in_channels, **options)
    return NETWORKS[name](n_classes=n_classes, in_channels=in_channels, **options)


def parameter_count(network: nn.Module) -> int:
    """Number of trainable numbers."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)
