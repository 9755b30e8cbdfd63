"""Features: orientation of fascicles, streamlines, echo intensity. Names load on first use, to keep start-up light."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mskus.features.gabor import gabor_orientation
    from mskus.features.hough_fascicles import HoughFascicles, hough_fascicles
    from mskus.features.orientation import OrientationField
    from mskus.features.streamline import Streamline, trace_streamline
    from mskus.features.structure_tensor import structure_tensor_orientation

_HOME = {
    "HoughFascicles": "hough_fascicles",
    "OrientationField": "orientation",
    "Streamline": "streamline",
    "gabor_orientation": "gabor",
    "hough_fascicles": "hough_fascicles",
    "structure_tensor_orientation": "structure_tensor",
    "trace_streamline": "streamline",
}

__all__ = [
    "HoughFascicles",
    "OrientationField",
    "Streamline",
    "gabor_orientation",
    "hough_fascicles",
    "structure_tensor_orientation",
    "trace_streamline",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"mskus.features.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
