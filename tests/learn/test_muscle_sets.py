"""The public sets as manifests: cut to the picture, sorted by depth, with what each mask leaves open."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from mskus.errors import LearnError, SaveError
from mskus.learn import muscle_sets
from mskus.learn.manifest import class_numbers, read_manifest


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One rectus picture; a lower limb with two and one with three aponeuroses, in a screen; fascicles, left aside."""
    rng = np.random.default_rng(0)
    rectus, limb = tmp_path / "muscle" / "rectus_femoris_gait", tmp_path / "muscle" / "lower_limb_masks"
    for folder in (rectus, limb):
        folder.mkdir(parents=True)
    picture = rng.integers(60, 200, (120, 160)).astype(np.uint8)
    numbers = np.zeros((120, 160), np.uint8)
    numbers[20:26], numbers[80:86] = 1, 2
    cv2.imwrite(str(rectus / "a.png"), picture)
    cv2.imwrite(str(rectus / "a_mask.png"), numbers)
    pd.DataFrame(
        [{"image": "a.png", "mask": "a_mask.png", "participant": 4, "mm_per_px_row": 0.1, "mm_per_px_col": 0.2}]
    ).to_csv(rectus / "manifest.csv", index=False)
    rows = []
    for name, lines, structure in (
        ("two", (20, 80), "aponeurosis"),
        ("three", (20, 60, 100), "aponeurosis"),
        ("line", (50,), "fascicle"),
    ):
        screen = np.zeros((200, 260), np.uint8)
        screen[40:160, 50:210] = picture
        drawn = np.zeros_like(screen)
        for row in lines:
            drawn[40 + row : 46 + row, 50:210] = 255
        cv2.imwrite(str(limb / f"{name}.png"), screen)
        cv2.imwrite(str(limb / f"{name}_mask.png"), drawn)
        rows.append(
            {
                "image": f"{name}.png",
                "mask": f"{name}_mask.png",
                "structure": structure,
                "device_family": "Telemed 1x1",
                "near_duplicate_group": 7,
            }
        )
    pd.DataFrame(rows).to_csv(limb / "manifest.csv", index=False)
    return tmp_path


def test_manifests_say_what_is_drawn(data: Path, tmp_path: Path) -> None:
    muscle_sets.main(["--data", str(data), "--out", str(tmp_path / "sets")])
    cases = read_manifest(tmp_path / "sets" / "aponeurosis.csv")
    said = [(c.patient, c.row["stratum"], c.device, c.row["labelled"]) for c in cases]
    both = "superficial_aponeurosis deep_aponeurosis"
    assert said == [
        ("rectus:4", "participant:4", "rectus_femoris_gait", both),
        ("lower_limb:7", "device:Telemed 1x1", "Telemed 1x1", both),
        ("lower_limb:7", "device:Telemed 1x1", "Telemed 1x1", f"{both} other_aponeurosis"),
    ]
    sizes = [cv2.imread(str(c.image), cv2.IMREAD_GRAYSCALE).shape for c in cases]
    assert sizes == [(120, 160)] * 3
    three = class_numbers(cases[2].mask or Path())
    assert [int(three[row, 80]) for row in (22, 62, 102, 40)] == [1, 2, 3, 0]
    assert (three > 0).sum() == 3 * 6 * 160


def test_masks_by_class_and_scale(data: Path) -> None:
    (one,) = muscle_sets.rectus_femoris(data)
    assert one.mm_per_px == (0.1, 0.2)
    assert one.masks.sum(axis=(0, 1)).tolist() == [960, 960, 0]


def test_missing_sets_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LearnError, match="MSKUS_DATA"):
        muscle_sets.write_set(tmp_path, tmp_path / "out")
    with pytest.raises(SystemExit, match="is missing; set MSKUS_DATA"):
        muscle_sets.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")])


def test_a_place_that_cannot_be_written_is_named(data: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(SaveError, match="taken"):
        muscle_sets.write_set(data, tmp_path / "taken")
