"""Augmented fascicle pictures: directions are turned with the picture, the beam stays across."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch")

from mskus.learn import sampling
from mskus.learn.fascicle_data import FascicleSample


def striped(angle_deg: float) -> FascicleSample:
    """Parallel bright lines at a known angle over the whole of a 300 x 400 picture."""
    rows, columns = np.mgrid[0:300, 0:400]
    t = np.deg2rad(angle_deg)
    across = columns * np.sin(t) + rows * np.cos(t)
    image = np.asarray(40 + 180 * np.exp(-(((across % 20.0) - 10.0) ** 2) / 8.0), np.uint8)
    return FascicleSample(
        image=image,
        presence=image,
        presence_weight=np.full(image.shape, 255, np.uint8),
        angle_deg=np.full(image.shape, angle_deg, np.float16),
        belly=(0, 0, 400, 300),
        source="simulation",
        group="g",
        stratum="s",
        name="striped",
    )


def seen_angle_deg(picture: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    """Direction of the lines by the structure tensor of the whole view."""
    gy, gx = np.gradient(cv2.GaussianBlur(picture.astype(float), (0, 0), 3.0))
    xx, xy, yy = ((a * b)[where].sum() for a, b in ((gx, gx), (gx, gy), (gy, gy)))
    return float(0.5 * np.rad2deg(np.arctan2(2.0 * xy, yy - xx)))


@pytest.mark.parametrize("angle_deg", [-35.0, -12.0, 12.0, 35.0])
def test_directions_are_turned_with_the_picture(angle_deg: float) -> None:
    for seed in range(6):
        image, target = sampling.augmented_fascicles(striped(angle_deg), np.random.default_rng(seed), often=0.0)
        cosine, sine, known = target[2].numpy(), target[3].numpy(), target[4].numpy() > 0
        told = float(0.5 * np.rad2deg(np.arctan2(sine[known].mean(), cosine[known].mean())))
        inner = cv2.erode(np.pad(known, 1).astype(np.uint8), np.ones((25, 25)))[1:-1, 1:-1] > 0
        assert seen_angle_deg(image[0].numpy(), inner) == pytest.approx(told, abs=0.6)


def test_the_picture_is_stretched_but_hardly_turned() -> None:
    # a level line shows the turn alone, up to twice 2.5 deg; the slope of one at 20 deg changes by up to exp(0.6)
    rng = np.random.default_rng(1)

    def told(angle_deg: float) -> float:
        _, target = sampling.augmented_fascicles(striped(angle_deg), rng, often=0.0)
        known = target[4] > 0
        return abs(float(0.5 * np.rad2deg(np.arctan2(target[3][known].mean(), target[2][known].mean()))))

    level, slanted = ([told(angle) for _ in range(40)] for angle in (0.0, 20.0))
    assert max(level) <= 5.1
    assert min(slanted) < 15.0
    assert max(slanted) > 27.0
    assert max(slanted) <= np.rad2deg(np.arctan(np.tan(np.deg2rad(20.0)) * np.exp(0.6))) + 5.1


def test_a_wider_beam_blurs_across_only() -> None:
    dot = np.zeros((41, 320), np.float32)
    dot[20, 160] = 1.0
    wide = sampling.wider_beam(dot, np.random.default_rng(0))
    assert wide.sum() == pytest.approx(1.0, abs=1e-4)
    assert wide[20].sum() > 0.98
    # 0.2 to 1 % of 320 columns
    sigma_px = float(np.sqrt((wide.sum(axis=0) * (np.arange(320) - 160.0) ** 2).sum()))
    assert 0.6 <= sigma_px <= 3.3
