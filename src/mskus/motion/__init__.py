"""Motion between frames and smoothing over time. Names load on first use, to keep start-up light."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mskus.motion.flow import BellyMotion, belly_motion
    from mskus.motion.smoother import Smoothed, fuse

_HOME = {"BellyMotion": "flow", "belly_motion": "flow", "Smoothed": "smoother", "fuse": "smoother"}

__all__ = ["BellyMotion", "Smoothed", "belly_motion", "fuse"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"mskus.motion.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
