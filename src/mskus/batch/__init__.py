"""Many clips on one machine: examine_batch(paths, out=...)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["Outcome", "examine_batch"]

if TYPE_CHECKING:
    from mskus.batch.outcome import Outcome
    from mskus.batch.run import examine_batch


def __getattr__(name: str) -> Any:
    """Open the room only when something is asked of it."""
    if name == "examine_batch":
        from mskus.batch.run import examine_batch

        return examine_batch
    if name == "Outcome":
        from mskus.batch.outcome import Outcome

        return Outcome
    raise AttributeError(f"module 'mskus.batch' has no attribute {name!r}")
