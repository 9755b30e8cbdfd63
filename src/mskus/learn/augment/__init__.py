"""Ultrasound augmentation: what another scanner, setting, probe or hand would have changed in the picture."""

from mskus.learn.augment.appearance import (
    augment_intensity,
    blur,
    depth_gain,
    dynamic_range,
    reverberation,
    screen_furniture,
    shadow,
    speckle,
)
from mskus.learn.augment.device_look import DeviceLooks
from mskus.learn.augment.elastic import Elastic, random_elastic
from mskus.learn.augment.geometry import Geometry, random_geometry
from mskus.learn.augment.recipe import NONE, Augmentation, View, plain_view

__all__ = [
    "NONE",
    "Augmentation",
    "DeviceLooks",
    "Elastic",
    "Geometry",
    "View",
    "augment_intensity",
    "blur",
    "depth_gain",
    "dynamic_range",
    "plain_view",
    "random_elastic",
    "random_geometry",
    "reverberation",
    "screen_furniture",
    "shadow",
    "speckle",
]
