"""The image region: phantoms with a known place, and real screens whose sides were read off raw grey levels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mskus.clip import Region
from mskus.reading.image_region import find_image_region


def speckle(height: int, width: int, rng: np.random.Generator, mean: float = 60.0) -> np.ndarray:
    """Rayleigh speckle that is never 0."""
    raw = cv2.GaussianBlur(rng.rayleigh(mean, (height, width)), (3, 3), 0)
    return np.clip(raw, 1, 255).astype(np.uint8)


def screen(rng: np.random.Generator, *, box: Region, ground: int, size: tuple[int, int] = (480, 640)) -> np.ndarray:
    """A scanner's screen: image, grey bar, header and parameter text."""
    out = np.full(size, ground, np.uint8)
    out[box.slices] = speckle(box.h, box.w, rng)
    cv2.putText(out, "12/03/21 ML6-15 MSK MI 0.9", (8, 20), 0, 0.55, 220, 1, cv2.LINE_AA)
    for n, text in enumerate(("Frq 15", "Gn 56", "D 4.0", "DR 69")):
        cv2.putText(out, text, (box.x + box.w + 12, 120 + 22 * n), 0, 0.45, 190, 1, cv2.LINE_AA)
    out[150:300, 14:26] = np.linspace(255, 0, 150).astype(np.uint8)[:, None]
    cv2.putText(out, "LQ", (box.x - 24, box.y + 14), 0, 0.4, 200, 1, cv2.LINE_AA)
    return out


def assert_near(found: Region, expected: Region, tolerance: int) -> None:
    sides = np.array([found.x, found.y, found.x + found.w, found.y + found.h])
    wanted = np.array([expected.x, expected.y, expected.x + expected.w, expected.y + expected.h])
    assert np.abs(sides - wanted).max() <= tolerance, (found, expected)


@pytest.mark.parametrize("ground", [0, 51])
@pytest.mark.parametrize("box", [Region(80, 40, 420, 400), Region(150, 60, 300, 300), Region(60, 100, 500, 250)])
def test_screens(rng: np.random.Generator, ground: int, box: Region) -> None:
    assert_near(find_image_region(screen(rng, box=box, ground=ground)[None]).region, box, 3)


def test_cropped_picture_is_all_image(rng: np.random.Generator) -> None:
    found = find_image_region(speckle(400, 500, rng)[None])
    assert found.region == Region(0, 0, 500, 400)
    assert found.field is None


def test_shadow_at_the_bottom_is_not_cut_off(rng: np.random.Generator) -> None:
    fade = np.clip(1.6 - np.arange(400) / 200, 0, 1)[:, None]
    picture = (speckle(400, 500, rng) * fade).astype(np.uint8)
    assert find_image_region(picture[None]).region == Region(0, 0, 500, 400)


def test_field_of_a_steered_image(rng: np.random.Generator) -> None:
    picture = speckle(500, 500, rng)
    x, y = np.meshgrid(np.arange(500), np.arange(500))
    outside = (x < 60 - 0.1 * y) | (x > 490 - 0.1 * y)
    picture[outside] = 56
    found = find_image_region(picture[None])
    assert found.field is not None
    assert (found.field == ~outside).mean() > 0.99


def test_sector_on_black(rng: np.random.Generator) -> None:
    picture = np.zeros((480, 640), np.uint8)
    y, x = np.mgrid[:480, :640]
    radius, angle = np.hypot(x - 320, y + 60), np.abs(np.arctan2(x - 320, y + 60))
    sector = (radius > 120) & (radius < 480) & (angle < 0.5)
    picture[sector] = speckle(480, 640, rng)[sector]
    found = find_image_region(picture[None])
    rows, cols = np.nonzero(sector)
    assert_near(found.region, Region(cols.min(), rows.min(), np.ptp(cols) + 1, np.ptp(rows) + 1), 8)
    assert found.field is not None
    assert found.field[sector].mean() > 0.97
    assert found.field[~sector].mean() < 0.05


@pytest.mark.parametrize(
    ("name", "expected", "tolerance"),
    [
        ("muscle/lower_limb_masks/images/apo_00174.png", Region(104, 128, 439, 471), 3),
        ("muscle/lower_limb_masks/images/apo_00042.png", Region(140, 128, 367, 471), 3),
        ("muscle/lower_limb_masks/images/fasc_00066.png", Region(104, 128, 439, 471), 3),  # right side in shadow
        ("muscle/lower_limb_masks/images/fasc_00187.png", Region(50, 130, 547, 469), 3),
        ("muscle/lower_limb_masks/images/apo_00562.png", Region(99, 43, 464, 511), 3),
        ("muscle/lower_limb_masks/images/apo_00344.png", Region(99, 43, 464, 511), 3),
        ("muscle/lower_limb_masks/images/fasc_00219.png", Region(157, 43, 760, 643), 3),
        ("muscle/lower_limb_masks/images/apo_00154.png", Region(0, 0, 512, 512), 3),
        ("muscle/architecture_readings/images/vastus_lateralis/S8_S8_R20_step_025.png", Region(26, 0, 462, 458), 3),
        ("muscle/architecture_readings/images/vastus_lateralis/S3_S3_R20_step_375.png", Region(0, 0, 514, 458), 3),
        ("muscle/rectus_femoris_gait/images/p5_leg1_f03.png", Region(0, 0, 512, 512), 3),
        ("nerve/peripheral_blocks/images/0145.png", Region(0, 30, 534, 418), 3),
        ("bone/lower_limb_unlabelled/12_8_ultrasound.png", Region(0, 0, 950, 811), 3),
        ("hip/standard_plane/images/standard_12.png", Region(4, 3, 251, 253), 3),
    ],
)
def test_real_screens(mskus_data: Path, name: str, expected: Region, tolerance: int) -> None:
    picture = cv2.imread(str(mskus_data / name), cv2.IMREAD_GRAYSCALE)
    assert_near(find_image_region(np.asarray(picture, np.uint8)[None]).region, expected, tolerance)
