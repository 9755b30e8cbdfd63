"""Features: orientation of fascicles, streamlines, echo intensity. Names load on first use, to keep start-up light.

The functions :func:`echo_intensity.echo_intensity` and :func:`hough_fascicles.hough_fascicles` live in
modules of their own name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mskus.features.echo_intensity import EchoIntensity
    from mskus.features.gabor import gabor_orientation
    from mskus.features.hough_fascicles import HoughFascicles
    from mskus.features.orientation import OrientationField
    from mskus.features.polygon import read_polygon, region_area
    from mskus.features.streamline import Streamline, trace_streamline
    from mskus.features.structure_tensor import structure_tensor_orientation

_HOME = {
    "EchoIntensity": "echo_intensity",
    "HoughFascicles": "hough_fascicles",
    "OrientationField": "orientation",
    "Streamline": "streamline",
    "gabor_orientation": "gabor",
    "read_polygon": "polygon",
    "region_area": "polygon",
    "structure_tensor_orientation": "structure_tensor",
    "trace_streamline": "streamline",
}

__all__ = [
    "EchoIntensity",
    "HoughFascicles",
    "OrientationField",
    "Streamline",
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
