"""The shipped fascicle network against drawn lines and simulated truth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mskus import models
from mskus.features.fascicle_network import (
    NETWORK_NAME,
    learned_orientation,
    learned_orientations,
    orientations_of,
)

pytestmark = pytest.mark.skipif(NETWORK_NAME not in models.available(), reason="no fascicle network is shipped")


def lines(angle_deg: float, *, height: int = 192, width: int = 320) -> NDArray[np.uint8]:
    """Speckle with bright parallel lines at ``angle_deg``."""
    rng = np.random.default_rng(2)
    rows, columns = np.mgrid[0:height, 0:width]
    t = np.deg2rad(angle_deg)
    across = columns * np.sin(t) + rows * np.cos(t)
    bright = 60 + 130 * np.exp(-(((across % 17.0) - 8.5) ** 2) / 4.0)
    grain = cv2.GaussianBlur(rng.rayleigh(1.0, (height, width)), (0, 0), sigmaX=1.5, sigmaY=0.8)
    return np.asarray(np.clip(bright * grain / 1.25, 0, 255), np.uint8)


@pytest.mark.parametrize("angle_deg", [-22.0, -8.0, 8.0, 15.0, 22.0])
def test_direction_of_drawn_lines(angle_deg: float) -> None:
    field = learned_orientation(lines(angle_deg))
    assert field.mean_angle_deg() == pytest.approx(angle_deg, abs=2.5)


def test_unequal_pixels_give_angles_in_millimetres() -> None:
    # the same lines stored with rows half as many: pixels twice as high as wide
    squeezed = cv2.resize(lines(15.0), (320, 96), interpolation=cv2.INTER_AREA)
    field = learned_orientation(np.asarray(squeezed, np.uint8), aspect=2.0)
    assert field.angle_deg.shape == (96, 320)
    assert field.aspect == 2.0
    assert field.mean_angle_deg() == pytest.approx(15.0, abs=2.5)


def test_any_size_is_padded_and_cut_back() -> None:
    fields = learned_orientations(np.stack([lines(10.0, height=150, width=311)] * 2))
    assert [f.angle_deg.shape for f in fields] == [(150, 311)] * 2
    np.testing.assert_array_equal(fields[0].angle_deg, fields[1].angle_deg)


def test_two_views_are_averaged_as_vectors() -> None:
    seen: list[tuple[int, ...]] = []

    def predict(units: NDArray[np.float32]) -> NDArray[np.float32]:
        # level lines in the picture as it is, 45 degrees in the enlarged view, ten times surer than any direction
        seen.append(units.shape)
        planes = np.zeros((len(units), 3, *units.shape[2:]), np.float32)
        planes[:, 1 if units.shape[3] == 320 else 2] = 10.0
        return planes

    (field,) = orientations_of(predict, lines(10.0, height=100)[None])
    # 100 x 320 padded to multiples of 16, and 1.4 times as large
    assert seen == [(1, 1, 112, 320), (1, 1, 144, 448)]
    np.testing.assert_allclose(field.angle_deg, 22.5, atol=1e-3)
    # of a concentration of 5 sqrt 2: I1 / I0 = 0.926, within the bound's 0.025
    np.testing.assert_allclose(field.confidence, 0.926, atol=0.025)
