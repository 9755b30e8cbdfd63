"""Commands that train say in one sentence what is not installed."""

from __future__ import annotations

from importlib.util import find_spec

from mskus.errors import LearnError


def needs_learn(*further: str) -> None:
    """See that what training needs is installed.

    Args:
        further: packages beside those that every training needs.

    Raises:
        LearnError: naming what is missing.
    """
    missing = [name for name in ("torch", "lightning", "yaml", *further) if find_spec(name) is None]
    if missing:
        raise LearnError(f"Training needs {missing[0]}, which is not installed; pip install 'mskus[learn]'.")
