from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def made_table() -> Callable[..., pd.DataFrame]:
    """A table of patients with pictures each; the first features differ between the classes, the others are noise."""

    def make(
        patients: int = 40,
        pictures: int = 2,
        features: int = 12,
        *,
        informative: int = 3,
        shift: float = 1.5,
    ) -> pd.DataFrame:
        rng = np.random.default_rng(0)
        who = np.repeat(np.arange(patients), pictures)
        ill = who % 2
        values = np.repeat(rng.normal(size=(patients, features)), pictures, axis=0)
        values = values + 0.3 * rng.normal(size=values.shape)
        values[:, :informative] += shift * ill[:, None]
        identity = pd.DataFrame(
            {
                "image": [f"{n}.png" for n in range(len(who))],
                "patient": [f"p{w:03d}" for w in who],
                "age": 20.0 + ill,
                "diagnosis": np.where(ill == 1, "affected", "normal"),
                "feature_settings": "bins=32;distance=1px",
            }
        )
        return pd.concat([identity, pd.DataFrame(values, columns=[f"stat_{n}" for n in range(features)])], axis=1)

    return make
