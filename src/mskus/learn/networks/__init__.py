"""Networks by name: ``build(name, n_classes=...)``; all grey in by default, logits out."""

from mskus.learn.networks.registry import NETWORKS, Architecture, build, kind_of, parameter_count
from mskus.learn.networks.small_unet import (
    APONEUROSIS_CHANNELS,
    FASCICLE_CHANNELS,
    SmallUNet,
    fascicle_network,
    seeded,
)
from mskus.learn.networks.unet import UNet

__all__ = [
    "APONEUROSIS_CHANNELS",
    "FASCICLE_CHANNELS",
    "NETWORKS",
    "Architecture",
    "SmallUNet",
    "UNet",
    "build",
    "fascicle_network",
    "kind_of",
    "parameter_count",
    "seeded",
]
