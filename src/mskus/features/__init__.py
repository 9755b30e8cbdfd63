"""Features: orientation of fascicles, streamlines, echo intensity, and tables of texture and shape.

feature_table(regions)          one row a region, every family of features (see :func:`families`)
FeatureRegion.of(image, ...)    a region of a picture with its mask, scale and settings

Names load on first use, to keep start-up light. A user's own family joins with the decorator
:func:`mskus.features.family.family`.

The functions :func:`echo_intensity.echo_intensity` and :func:`hough_fascicles.hough_fascicles` live in
modules of their own name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mskus.features.echo_intensity import EchoIntensity
    from mskus.features.family import FeatureRegion, FeatureSettings, families
    from mskus.features.gabor import gabor_orientation
    from mskus.features.hough_fascicles import HoughFascicles
    from mskus.features.orientation import OrientationField
    from mskus.features.polygon import read_polygon, region_area
    from mskus.features.streamline import Streamline, trace_streamline
    from mskus.features.structure_tensor import structure_tensor_orientation
    from mskus.features.table import feature_row, feature_table

_HOME = {
    "EchoIntensity": "echo_intensity",
    "FeatureRegion": "family",
    "FeatureSettings": "family",
    "HoughFascicles": "hough_fascicles",
    "OrientationField": "orientation",
    "Streamline": "streamline",
    "families": "family",
    "feature_row": "table",
    "feature_table": "table",
    "gabor_orientation": "gabor",
    "read_polygon": "polygon",
    "region_area": "polygon",
    "structure_tensor_orientation": "structure_tensor",
    "trace_streamline": "streamline",
}

__all__ = [
    "EchoIntensity",
    "FeatureRegion",
    "FeatureSettings",
    "HoughFascicles",
    "OrientationField",
    "Streamline",
    "families",
    "feature_row",
    "feature_table",
    "gabor_orientation",
    "read_polygon",
    "region_area",
    "structure_tensor_orientation",
    "trace_streamline",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"mskus.features.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
