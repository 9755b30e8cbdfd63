"""The shipped networks (ONNX), their cards and the runtime.

Example:
    >>> from mskus import models
    >>> "muscle_aponeurosis" in models.available()
    True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mskus.models.cards import Card, available, card
    from mskus.models.runtime import Network, load

__all__ = ["Card", "Network", "available", "card", "load"]


def __getattr__(name: str) -> Any:
    if name in {"Card", "available", "card"}:
        from mskus.models import cards

        return getattr(cards, name)
    if name in {"Network", "load"}:
        from mskus.models import runtime

        return getattr(runtime, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
