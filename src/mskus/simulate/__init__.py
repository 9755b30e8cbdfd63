"""Simulator: phantoms with exact truth, as a scanner would show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mskus.simulate.muscle import Bundle, MuscleAnatomy, random_muscle
    from mskus.simulate.phantom import Phantom, simulate_muscle
    from mskus.simulate.scanner import Scanner, random_scanner
    from mskus.simulate.truth import MuscleTruth

__all__ = [
    "Bundle", "MuscleAnatomy", "MuscleTruth", "Phantom", "Scanner", "random_muscle", "random_scanner", "simulate_muscle",
]  # fmt: skip

_HOMES = {
    "Bundle": "muscle", "MuscleAnatomy": "muscle", "random_muscle": "muscle", "Phantom": "phantom",
    "simulate_muscle": "phantom", "Scanner": "scanner", "random_scanner": "scanner", "MuscleTruth": "truth",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import on first use: numba and OpenCV would slow the command line's start."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
