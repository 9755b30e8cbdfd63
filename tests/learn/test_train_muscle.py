"""The training command, on a handful of drawn pictures: checkpoint, network, card, and folds without leaks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")

from mskus.learn import train_muscle
from mskus.learn.datasets import LearnError
from mskus.models import cards

FRAGMENT = (30, 60, 20, 120)  # first and last row, first and last column


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two device families in the layout of the public set: a slanted fragment in each picture."""
    rng, rows = np.random.default_rng(0), []
    folder = tmp_path / "muscle" / "lower_limb_masks"
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True)
    top, bottom, left, right = FRAGMENT
    for index in range(4):
        image = rng.integers(30, 90, (160, 200)).astype(np.uint8)
        mask = np.zeros((160, 200), np.uint8)
        cv2.line(mask, (left, bottom), (right, top), 1, 3)
        image[mask > 0] = 220
        files = {"image": f"images/p{index}.png", "mask": f"masks/p{index}.png"}
        cv2.imwrite(str(folder / files["image"]), image)
        cv2.imwrite(str(folder / files["mask"]), mask)
        rows.append(files | {"structure": "fascicle", "device_family": "AB"[index // 2], "near_duplicate_group": index})
    pd.DataFrame(rows).to_csv(folder / "manifest.csv", index=False)
    return tmp_path


def test_a_network_and_its_card_are_written(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "muscle_fascicle.onnx"
    train_muscle.main(
        ["fascicle", "--data", str(data), "--steps", "1", "--batch", "2", "--leave-out", "device:B", "--out", str(out)]
    )
    assert "2 training pictures" in capsys.readouterr().out
    card = cards.card("muscle_fascicle", folder=out.parent)
    assert {d.name: d.pictures for d in card.training_data} == {"lower_limb_masks": 2}
    assert cards.checked_file("muscle_fascicle", folder=out.parent) == out
    assert out.with_suffix(".pt").is_file()


def test_an_unknown_fold_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(LearnError, match="device:Z"):
        train_muscle.main(["fascicle", "--data", str(data), "--leave-out", "device:Z", "--out", str(tmp_path / "x.pt")])


def test_missing_data_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LearnError, match="MSKUS_DATA"):
        train_muscle.main(["fascicle", "--data", str(tmp_path), "--out", str(tmp_path / "x.pt")])
