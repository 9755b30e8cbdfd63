"""Ultrasound augmentation: what another scanner, setting, probe or hand would have changed in the picture."""

from mskus.learn.augment.appearance import (
    augment_intensity,
    blur,
    depth_gain,
    dynamic_range,
    screen_furniture,
    shadow,
    speckle,
)
from mskus.learn.augment.geometry import Geometry, random_geometry

__all__ = [
    "Geometry",
    "augment_intensity",
    "blur",
    "depth_gain",
    "dynamic_range",
    "random_geometry",
    "screen_furniture",
    "shadow",
    "speckle",
]
