from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import MskusError
from mskus.features import OrientationField


def field(angle_deg, confidence=1.0, aspect=1.0):
    angle = np.asarray(angle_deg, np.float32)
    return OrientationField(angle, np.broadcast_to(np.float32(confidence), angle.shape).copy(), aspect)


def test_mean_is_axial_and_weighted_by_confidence():
    assert field([[85.0, -85.0]]).mean_angle_deg() == pytest.approx(90.0)
    weighted = OrientationField(np.array([[10.0, 70.0]], np.float32), np.array([[1.0, 0.0]], np.float32))
    assert weighted.mean_angle_deg() == pytest.approx(10.0)
    assert np.isnan(weighted.mean_angle_deg(np.array([[False, True]])))


@pytest.mark.parametrize(
    ("seen", "aspect", "true"), [(45.0, 0.5, 26.565), (45.0, 2.0, 63.435), (-30.0, 1.0, -30.0), (90.0, 3.0, 90.0)]
)
def test_to_mm_scales_the_tangent_and_back(seen, aspect, true):
    turned = field([[seen]]).to_mm(aspect)
    assert turned.angle_deg[0, 0] == pytest.approx(true, abs=1e-3)
    assert turned.aspect == aspect
    assert turned.to_mm(1.0).angle_deg[0, 0] == pytest.approx(seen, abs=1e-3)


def test_smoothed_sees_only_the_mask():
    angle = np.full((60, 90), 15.0, np.float32)
    angle[:20] = -60.0
    mask = np.zeros(angle.shape, bool)
    mask[20:] = True
    smooth = field(angle).smoothed(9.0, mask=mask)
    assert smooth.angle_deg[20:].min() == pytest.approx(15.0, abs=0.5)
    assert smooth.angle_deg[15].max() == pytest.approx(15.0, abs=1.0)


def test_shapes_must_agree():
    with pytest.raises(MskusError, match=r"\(2, 2\)"):
        OrientationField(np.zeros((2, 2), np.float32), np.zeros((2, 3), np.float32))
