from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest


def bright_discs(folder: Path, *, pictures: int = 12, patients: int = 6, size: int = 64) -> Path:
    """Pictures of a bright disc on noise with its mask (class 1); the manifest's path."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, rows = np.random.default_rng(0), []
    for n in range(pictures):
        image = rng.integers(40, 90, (size, size)).astype(np.uint8)
        mask = np.zeros((size, size), np.uint8)
        centre = tuple(int(v) for v in rng.integers(16, size - 16, 2))
        cv2.circle(mask, centre, 8, 1, -1)
        image[mask == 1] += 100
        cv2.imwrite(str(folder / f"image{n}.png"), image)
        cv2.imwrite(str(folder / f"mask{n}.png"), mask)
        side = "left" if centre[0] < size // 2 else "right"
        rows.append({"image": f"image{n}.png", "mask": f"mask{n}.png", "patient": f"p{n % patients}", "side": side})
    pd.DataFrame(rows).to_csv(folder / "manifest.csv", index=False)
    return folder / "manifest.csv"


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Threads of a tiny network only wait for each other."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)


@pytest.fixture
def discs(tmp_path: Path) -> Path:
    return bright_discs(tmp_path / "discs")


def tiny(manifest: Path, out: Path, **sections: Any) -> dict[str, Any]:
    """A run of seconds; sections given are merged over it."""
    given: dict[str, Any] = {
        "data": {"manifest": str(manifest), "classes": {"disc": 1}, "size": [64, 64], "workers": 0},
        "network": {"name": "small_unet", "options": {"channels": [8, 16]}},
        "schedule": {"epochs": 2, "steps_per_epoch": 3, "batch": 4, "precision": "32", "averaging": 0.8, "threads": 1},
        "split": {"folds": 3},
        "output": {"folder": str(out), "tensorboard": False},
    }
    for name, value in sections.items():
        given[name] = {**given[name], **value} if isinstance(value, dict) and name in given else value
    return given
