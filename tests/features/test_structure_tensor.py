from __future__ import annotations

import numpy as np
import pytest

from mskus.features import structure_tensor_orientation


@pytest.mark.parametrize("aspect", [1.0, 0.7, 1.4])
@pytest.mark.parametrize("angle_deg", [-35.0, -20.0, -8.0, 0.0, 5.0, 14.0, 22.0, 35.0])
def test_mean_angle_of_lines(oblique_lines, angle_deg, aspect):
    picture = oblique_lines(angle_deg, aspect=aspect, noise=0.1, seed=3)
    field = structure_tensor_orientation(picture, aspect=aspect, lateral_sigma_px=0.0)
    assert field.mean_angle_deg() == pytest.approx(angle_deg, abs=0.5)


def test_vertical_stripes_are_90_degrees():
    stripes = np.tile((np.arange(160) % 16 < 8).astype(np.uint8) * 200, (80, 1))
    field = structure_tensor_orientation(stripes, lateral_sigma_px=0.0)
    assert abs(field.mean_angle_deg()) == pytest.approx(90.0, abs=0.1)


def test_unequal_spacing_turns_the_angle_by_its_tangent():
    rows, columns = np.mgrid[:150, :300]
    stripes = (127 + 100 * np.sin(2 * np.pi * (rows + 0.5 * columns) / 14)).astype(np.uint8)
    # Rises half a row a column: arctan(0.5) on square pixels, arctan(1) where rows are twice as high.
    assert structure_tensor_orientation(stripes).mean_angle_deg() == pytest.approx(26.565, abs=0.2)
    assert structure_tensor_orientation(stripes, aspect=2.0).mean_angle_deg() == pytest.approx(45.0, abs=0.3)


def test_a_flat_picture_has_no_orientation():
    assert structure_tensor_orientation(np.full((64, 96), 80, np.uint8)).confidence.max() == 0.0
