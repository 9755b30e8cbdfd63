"""Networks of MONAI by their name there, as ``monai.SegResNet``: for whoever knows them, or wants another peer.

Source: Cardoso et al. 2022, MONAI (arXiv 2211.02701); each network names its paper in MONAI's documentation.
"""

from __future__ import annotations

from typing import Any, Literal

from torch import nn

from mskus.errors import LearnError

PREFIX = "monai."
# arguments that MONAI asks for and a run need not name, by network
SEGMENTATION: dict[str, dict[str, Any]] = {
    "BasicUNet": {},
    "UNet": {"channels": (32, 64, 128, 256), "strides": (2, 2, 2), "num_res_units": 2},
    "AttentionUnet": {"channels": (32, 64, 128, 256), "strides": (2, 2, 2)},
    "SegResNet": {"init_filters": 16},
}
CLASSIFICATION: dict[str, dict[str, Any]] = {"DenseNet121": {}, "DenseNet169": {}}


def monai_kind(name: str) -> Literal["segmentation", "classification"]:
    """What a network of that name, with the prefix, does.

    Raises:
        LearnError: if it is none of those that are offered.

    Example:
        >>> monai_kind("monai.SegResNet")
        'segmentation'
    """
    short = name.removeprefix(PREFIX)
    if short in SEGMENTATION:
        return "segmentation"
    if short in CLASSIFICATION:
        return "classification"
    known = ", ".join(PREFIX + one for one in (*SEGMENTATION, *CLASSIFICATION))
    raise LearnError(f"Of MONAI there is no network {name!r} here; choose among {known}.")


def monai_network(name: str, *, n_classes: int, in_channels: int = 1, **options: Any) -> nn.Module:
    """The network with random first weights.

    Args:
        name: with the prefix.
        n_classes: output channels or classes.
        in_channels: of the picture.
        options: MONAI's own arguments of that network.

    Raises:
        LearnError: if it is none of those that are offered, or MONAI is not installed.
        TypeError: if it does not take an option.
    """
    monai_kind(name)  # says what there is
    try:
        from monai.networks import nets
    except ImportError as error:
        raise LearnError(f"{name} needs MONAI: pip install 'mskus[learn]'.") from error
    short = name.removeprefix(PREFIX)
    given = {**(SEGMENTATION | CLASSIFICATION)[short], **options}
    made: nn.Module = getattr(nets, short)(spatial_dims=2, in_channels=in_channels, out_channels=n_classes, **given)
    return made
