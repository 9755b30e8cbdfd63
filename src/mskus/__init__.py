"""mskus: from a musculoskeletal ultrasound clip to numbers that a reader can defend.

clip     = mskus.read("scan.dcm")
findings = mskus.examine(clip, "muscle")
findings.to_frame(); findings.save("out/")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Calibration", "Clip", "Findings", "MskusError", "__version__", "examine", "read"]

if TYPE_CHECKING:
    from mskus.clip import Calibration, Clip
    from mskus.errors import MskusError
    from mskus.exams import examine
    from mskus.findings import Findings
    from mskus.reading import read

_HOMES = {
    "Calibration": "mskus.clip",
    "Clip": "mskus.clip",
    "Findings": "mskus.findings",
    "MskusError": "mskus.errors",
    "examine": "mskus.exams",
    "read": "mskus.reading",
}


def __getattr__(name: str) -> Any:
    """Open a room only when its face is asked for, so that ``import mskus`` stays light."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mskus' has no attribute {name!r}")
