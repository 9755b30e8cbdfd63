"""Enhance: despeckling, contrast, harmonisation across machines, artefact maps.

enhance(image, method="srad")     one picture by one named method
methods("despeckle")              the methods there are, each with its source

A user's own method joins with the decorator :func:`enhancer`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mskus.enhance.method import Method, enhance, enhancer, method_named, methods

_HOME = dict.fromkeys(("Method", "enhance", "enhancer", "method_named", "methods"), "method")

__all__ = ["Method", "enhance", "enhancer", "method_named", "methods"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"mskus.enhance.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
