from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

PROJECT = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    return Path(os.environ.get("MSKUS_DATA", PROJECT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def mskus_data() -> Path:
    """The folder of real sets; a test that asks for it is skipped where there is none."""
    folder = data_folder()
    if not (folder / "README.md").is_file():
        pytest.skip("the real data sets are not here: set MSKUS_DATA to their folder")
    return folder


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240229)
