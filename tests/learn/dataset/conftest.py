from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Twenty pictures of speckle with a dark vessel (2) somewhere and a bright tendon (1) below it, of ten patients."""
    rng = np.random.default_rng(11)
    rows = []
    for n in range(20):
        image = cv2.GaussianBlur(rng.normal(90, 60, (128, 160)).astype(np.float32), (0, 0), 1.5) * 1.0
        image = 90 + 3 * (image - image.mean())
        mask = np.zeros((128, 160), np.uint8)
        x, y = int(rng.integers(35, 120)), int(rng.integers(30, 60))
        cv2.circle(mask, (x, y), 12, 2, cv2.FILLED)
        cv2.rectangle(mask, (x - 20, y + 25), (x + 20, y + 33), 1, cv2.FILLED)
        image = np.where(mask == 2, 0.3 * image, np.where(mask == 1, 1.8 * image, image))
        for folder, picture in (("images", np.clip(image, 0, 255).astype(np.uint8)), ("masks", mask)):
            (tmp_path / folder).mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / folder / f"patient_{n // 2:02d}_{n % 2}.png"), picture)
        name = f"patient_{n // 2:02d}_{n % 2}.png"
        rows.append(
            {
                "image": f"images/{name}",
                "mask": f"masks/{name}",
                "patient": n // 2,
                "device": "AB"[n % 2],
                "spacing_row_mm": 0.1,
                "spacing_col_mm": 0.1,
                "side": "train" if n < 14 else "test",
            }
        )
    pd.DataFrame(rows).to_csv(tmp_path / "manifest.csv", index=False)
    return tmp_path
