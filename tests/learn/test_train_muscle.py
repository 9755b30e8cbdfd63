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


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two people and two device families in the layout of the public sets."""
    rng = np.random.default_rng(0)
    for name in ("rectus_femoris_gait", "lower_limb_masks"):
        for part in ("images", "masks"):
            (tmp_path / "muscle" / name / part).mkdir(parents=True)
    rectus, limb = [], []
    for index in range(4):
        image = rng.integers(30, 90, (160, 200)).astype(np.uint8)
        mask = np.zeros((160, 200), np.uint8)
        mask[20:26], mask[100:106] = 1, 2
        image[mask > 0] = 220
        files = {"image": f"images/p{index}.png", "mask": f"masks/p{index}.png"}
        for name, drawn in (("rectus_femoris_gait", mask), ("lower_limb_masks", (mask > 0).astype(np.uint8))):
            cv2.imwrite(str(tmp_path / "muscle" / name / files["image"]), image)
            cv2.imwrite(str(tmp_path / "muscle" / name / files["mask"]), drawn)
        rectus.append(files | {"participant": 1 + index // 2, "leg": 1, "frame": index})
        limb.append(
            files | {"structure": "aponeurosis", "device_family": "AB"[index // 2], "near_duplicate_group": index}
        )
    pd.DataFrame(rectus).to_csv(tmp_path / "muscle" / "rectus_femoris_gait" / "manifest.csv", index=False)
    pd.DataFrame(limb).to_csv(tmp_path / "muscle" / "lower_limb_masks" / "manifest.csv", index=False)
    return tmp_path


def test_a_network_and_its_card_are_written(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "muscle_aponeurosis.onnx"
    common = ["aponeurosis", "--data", str(data), "--steps", "1", "--batch", "2"]
    train_muscle.main([*common, "--leave-out", "participant:2", "--leave-out", "device:B", "--out", str(out)])
    assert "4 training pictures" in capsys.readouterr().out
    card = cards.card("muscle_aponeurosis", folder=out.parent)
    assert {d.name: d.pictures for d in card.training_data} == {"rectus_femoris_gait": 2, "lower_limb_masks": 2}
    assert cards.checked_file("muscle_aponeurosis", folder=out.parent) == out
    assert card.parameters == 906_268
    assert out.with_suffix(".pt").is_file()


def test_an_unknown_fold_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(LearnError, match="participant:9"):
        train_muscle.main(
            ["aponeurosis", "--data", str(data), "--leave-out", "participant:9", "--out", str(tmp_path / "x.pt")]
        )


def test_missing_data_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LearnError, match="MSKUS_DATA"):
        train_muscle.main(["fascicle", "--data", str(tmp_path), "--out", str(tmp_path / "x.pt")])
