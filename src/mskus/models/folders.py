"""Where networks lie: those that are shipped, the user's own, and what the runtime keeps to start faster.

Source: XDG Base Directory Specification 0.8 for Linux; the usual places elsewhere.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def user_folder() -> Path:
    """The user's own networks: ``MSKUS_MODELS``, else ``mskus/models`` among the user's data."""
    given = os.environ.get("MSKUS_MODELS")
    return Path(given) if given else _user_place("XDG_DATA_HOME", ".local/share", "Application Support") / "models"


def cache_folder() -> Path:
    """What may be thrown away: ``MSKUS_CACHE``, else ``mskus`` in the user's cache."""
    given = os.environ.get("MSKUS_CACHE")
    return Path(given) if given else _user_place("XDG_CACHE_HOME", ".cache", "Caches")


def _user_place(variable: str, linux: str, mac: str) -> Path:
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "mskus"
    if sys.platform == "darwin":
        return home / "Library" / mac / "mskus"
    return Path(os.environ.get(variable) or home / linux) / "mskus"
