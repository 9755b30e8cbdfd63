from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Any]:
    """A search of seconds: eight pictures of bright discs of four patients, networks of a thousand numbers."""
    pytest.importorskip("torch").set_num_threads(1)
    rng, rows = np.random.default_rng(0), []
    for n in range(8):
        image = rng.integers(40, 90, (32, 32)).astype(np.uint8)
        mask = np.zeros((32, 32), np.uint8)
        cv2.circle(mask, tuple(int(v) for v in rng.integers(8, 24, 2)), 6, 1, -1)
        image[mask == 1] += 100
        cv2.imwrite(str(tmp_path / f"image{n}.png"), image)
        cv2.imwrite(str(tmp_path / f"mask{n}.png"), mask)
        rows.append({"image": f"image{n}.png", "mask": f"mask{n}.png", "patient": f"p{n % 4}"})
    pd.DataFrame(rows).to_csv(tmp_path / "manifest.csv", index=False)
    return {
        "data": {"manifest": "manifest.csv", "classes": {"disc": 1}, "size": [32, 32], "workers": 0},
        "schedule": {"epochs": 2, "steps_per_epoch": 1, "batch": 2, "precision": "32", "averaging": 0.5, "threads": 1},
        "split": {"folds": 3},
        "output": {"folder": "found", "tensorboard": False},
        "search": {
            "trials": 4,
            "population": 2,
            "tournament": 2,
            "heartbeat_s": 1,
            "leave_out": {"folds": 4, "fold": 0},
            "space": {"nodes": 1, "widths": [4], "growths": [1.5], "depths": [1, 2]},
        },
    }
