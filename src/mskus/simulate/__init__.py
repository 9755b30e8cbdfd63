"""Simulator: phantoms with exact truth, as a scanner would show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mskus.simulate.cohort import CohortImage, Person, simulate_cohort, write_cohort
    from mskus.simulate.muscle import Bundle, MuscleAnatomy, random_muscle
    from mskus.simulate.nerve import NerveAnatomy, NervePhantom, NerveTruth, random_nerve, simulate_nerve
    from mskus.simulate.phantom import Phantom, simulate_muscle
    from mskus.simulate.presets import gastrocnemius, reference_scanner
    from mskus.simulate.record import truth_record, write_dicom
    from mskus.simulate.scanner import Scanner, random_scanner
    from mskus.simulate.screen import Screen, random_screen
    from mskus.simulate.truth import MuscleTruth

_HOMES = {
    "Bundle": "muscle", "MuscleAnatomy": "muscle", "random_muscle": "muscle", "Phantom": "phantom",
    "simulate_muscle": "phantom", "gastrocnemius": "presets", "reference_scanner": "presets",
    "truth_record": "record", "write_dicom": "record", "Scanner": "scanner", "random_scanner": "scanner",
    "Screen": "screen", "random_screen": "screen", "MuscleTruth": "truth", "CohortImage": "cohort",
    "Person": "cohort", "simulate_cohort": "cohort", "write_cohort": "cohort", "NerveAnatomy": "nerve",
    "NervePhantom": "nerve", "NerveTruth": "nerve", "random_nerve": "nerve", "simulate_nerve": "nerve",
}  # fmt: skip

__all__ = [
    "Bundle", "CohortImage", "MuscleAnatomy", "MuscleTruth", "NerveAnatomy", "NervePhantom", "NerveTruth",
    "Person", "Phantom", "Scanner", "Screen", "gastrocnemius", "random_muscle", "random_nerve",
    "random_scanner", "random_screen", "reference_scanner", "simulate_cohort", "simulate_muscle",
    "simulate_nerve", "truth_record", "write_cohort", "write_dicom",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import on first use: numba and OpenCV would slow the command line's start."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
