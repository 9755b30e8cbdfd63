"""Ruler ticks: spacing and error on drawn rulers and on real screens."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import mskus
from mskus.clip import Region
from mskus.errors import CalibrationError
from mskus.reading.image_region import find_image_region
from mskus.reading.ruler import find_rulers, ruler_calibration

BOX = Region(80, 50, 400, 400)


def screen(spacing: float, *, long_every: int = 0, across: float = 0.0, ground: int = 0) -> np.ndarray:
    """Speckle with a ruler to the right whose n-th tick lies at 50 + n * spacing."""
    rng = np.random.default_rng(3)
    out = np.full((480, 640), ground, np.uint8)
    out[BOX.slices] = rng.integers(20, 200, (BOX.h, BOX.w))
    for n in range(int(400 / spacing) + 1):
        y, reach = round(50 + n * spacing), 12 if long_every and n % long_every == 0 else 6
        out[y - 1 : y + 2, 520 - reach : 520] = 180
    for n in range(int(400 / across) + 1 if across else 0):
        x = round(80 + n * across)
        out[462:468, x - 1 : x + 2] = 180
    return out


@pytest.mark.parametrize("spacing", [20.0, 46.1, 57.63, 94.4])
@pytest.mark.parametrize("ground", [0, 51])
def test_spacing_within_its_error(spacing: float, ground: int) -> None:
    (found,) = [r for r in find_rulers(screen(spacing, ground=ground), region=BOX) if r.axis == "rows"]
    assert abs(found.spacing_px - spacing) < 4 * found.standard_error_px
    assert found.standard_error_px < 0.01 * spacing


def test_long_ticks_count_and_not_the_short_ones() -> None:
    rulers = find_rulers(screen(20.0, long_every=5), region=BOX)
    assert [round(r.spacing_px) for r in rulers] == [100, 20]
    assert ruler_calibration(rulers, tick_mm=10).mm_per_px_row == pytest.approx(0.1, rel=2e-3)


def test_unequal_rows_and_columns() -> None:
    scale = ruler_calibration(find_rulers(screen(80.0, across=76.0), region=BOX), tick_mm=10)
    assert scale.mm_per_px_row == pytest.approx(10 / 80, rel=2e-3)
    assert scale.mm_per_px_col == pytest.approx(10 / 76, rel=2e-3)
    assert scale.source == "ruler_ticks"


def test_text_is_no_ruler() -> None:
    picture = screen(400.0)
    for n in range(14):
        cv2.putText(picture, "Frq 10" if n % 2 else "DR 70", (540, 70 + 25 * n), 0, 0.45, 200, 1, cv2.LINE_AA)
    assert find_rulers(picture, region=BOX) == []


def test_a_tick_is_never_assumed_to_mean_anything() -> None:
    clip = mskus.read(screen(46.1), region=(BOX.x, BOX.y, BOX.w, BOX.h))
    assert clip.calibration is None
    assert any("ruler ticks every 46.1" in note and "--tick-mm" in note for note in clip.notes)


def test_no_ruler() -> None:
    with pytest.raises(CalibrationError, match="No ruler ticks"):
        mskus.read(np.random.default_rng(1).integers(0, 255, (200, 300), np.uint8), tick_mm=10)


@pytest.mark.parametrize(
    ("name", "px_per_cm"),
    [
        # stated by the authors of the set
        ("muscle/architecture_readings/images/gastrocnemius_lateralis/jumping_gastroc_jumping_048.png", 115.25),
        # ticks read off by hand: rows 43 and 507.5 are six apart; rows 129 and 601 are five apart
        ("muscle/lower_limb_masks/images/apo_00562.png", 77.42),
        ("muscle/lower_limb_masks/images/apo_00174.png", 94.4),
    ],
)
def test_real_rulers(mskus_data: Path, name: str, px_per_cm: float) -> None:
    picture = np.asarray(cv2.imread(str(mskus_data / name), cv2.IMREAD_GRAYSCALE), np.uint8)
    region = find_image_region(picture[None]).region
    scale = ruler_calibration(find_rulers(picture, region=region), tick_mm=10)
    assert 10 / scale.mm_per_px_row == pytest.approx(px_per_cm, rel=3e-3)
    assert 10 / scale.mm_per_px_col == pytest.approx(px_per_cm, rel=3e-3)
