from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest

Mskus = Callable[..., Any]


@pytest.fixture
def two_machines(tmp_path: Path) -> Path:
    """Machine B is 60 levels brighter than A and has pixels twice as large."""
    rng = np.random.default_rng(2)
    lines = ["image,mask,patient,device,spacing_row_mm,spacing_col_mm,split"]
    for n in range(8):
        dim = n % 2 == 0
        picture = rng.normal(70 if dim else 130, 15, (48, 64) if dim else (24, 32)).clip(0, 255).astype(np.uint8)
        mask = np.zeros_like(picture)
        mask[: len(mask) // 2] = 3
        cv2.imwrite(str(tmp_path / f"{n}.png"), picture)
        cv2.imwrite(str(tmp_path / f"m{n}.png"), mask)
        mm = 0.1 if dim else 0.2
        lines.append(f"{n}.png,m{n}.png,P{n},{'A' if dim else 'B'},{mm},{mm},{'train' if n < 4 else 'test'}")
    path = tmp_path / "manifest.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_machine_b_looks_like_a(two_machines: Path, tmp_path: Path, mskus: Mskus) -> None:
    out = tmp_path / "out"
    done = mskus(
        "harmonise", two_machines, "--source", "B", "--reference", "A", "--steps", "spacing,quantiles",
        "--fit-on", "split=train", "-o", out,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "4 of 8 pictures changed" in done.out
    table = pd.read_csv(out / "manifest.csv")
    assert table["spacing_row_mm"].tolist() == pytest.approx([0.1] * 8)
    for row in table.itertuples():
        picture, mask = (cv2.imread(str(out / str(p)), cv2.IMREAD_UNCHANGED) for p in (row.image, row.mask))
        assert picture.shape == mask.shape == (48, 64)
        assert abs(float(picture.mean()) - 70) < 4
        assert int((mask == 1).sum()) == 24 * 64

    again = tmp_path / "again"
    assert mskus("harmonise", two_machines, "--use", out / "harmoniser.json", "-o", again, "-q").code == 0
    first, second = (cv2.imread(str(folder / "images" / "00001_1.png")) for folder in (out, again))
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name the two machines"),
        (["--source", "B", "--reference", "C"], "device 'C'; the manifest names A, B"),
        (["--source", "B", "--reference", "A", "--steps", "magic"], "no step 'magic'"),
        (["--source", "B", "--reference", "A", "--fit-on", "split=dev"], "No row of .* has split=dev"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    two_machines: Path, tmp_path: Path, mskus: Mskus, arguments: list[str], sentence: str
) -> None:
    import re

    done = mskus("harmonise", two_machines, "-o", tmp_path / "out", *arguments)
    assert done.code == 1
    assert re.search(sentence, done.err)
    assert not (tmp_path / "out").exists()
