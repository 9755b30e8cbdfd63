"""Errors of an orientation method: sign, smoothing and the exam's view of 320 columns, stated by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

from mskus.features.orientation import OrientationField
from mskus.learn import evaluation
from mskus.learn.evaluation import OrientationMethod
from mskus.learn.fascicle_data import FascicleSample


def drawn(angle_deg: float, *, shape: tuple[int, int] = (100, 400)) -> FascicleSample:
    """A picture with a direction known in the lower half."""
    angle = np.full(shape, np.nan, np.float16)
    angle[shape[0] // 2 :] = angle_deg
    return FascicleSample(
        image=np.full(shape, 90, np.uint8),
        presence=np.zeros(shape, np.uint8),
        presence_weight=np.zeros(shape, np.uint8),
        angle_deg=angle,
        belly=(0, shape[0] // 2, shape[1], shape[0] // 2),
        source="lower_limb_masks",
        group="g",
        stratum="s",
        name="n",
    )


def always(angle_deg: float) -> OrientationMethod:
    def method(image: NDArray[np.uint8], _: NDArray[np.bool_]) -> OrientationField:
        return OrientationField(np.full(image.shape, angle_deg, np.float32), np.ones(image.shape, np.float32))

    return method


@pytest.mark.parametrize(
    ("truth", "found", "error"),
    [(20.0, 23.0, 3.0), (20.0, 15.0, -5.0), (-20.0, -23.0, 3.0), (-20.0, -15.0, -5.0), (80.0, -85.0, 15.0)],
)
@pytest.mark.parametrize("smooth_px", [0.0, 24.0])
def test_too_steep_is_positive_on_either_side(truth: float, found: float, error: float, smooth_px: float) -> None:
    (away,) = evaluation.orientation_errors(always(found), [drawn(truth)], smooth_px=smooth_px)
    # 400 x 100 become 320 x 80, of which the lower half is labelled
    assert away.shape == (320 * 40,)
    np.testing.assert_allclose(away, error, atol=0.02)


def test_the_belly_is_the_box_or_exactly_what_is_labelled() -> None:
    seen: list[int] = []

    def method(image: NDArray[np.uint8], mask: NDArray[np.bool_]) -> OrientationField:
        seen.append(int(mask.sum()))
        return always(0.0)(image, mask)

    evaluation.orientation_errors(method, [drawn(10.0)])
    evaluation.orientation_errors(method, [drawn(10.0)], seen="labelled")
    # the box reaches 5 of the picture's own pixels further: 4 of the 320-column view's
    assert seen == [320 * 44, 320 * 40]


def test_smoothing_takes_the_mean_of_what_is_inside() -> None:
    def method(image: NDArray[np.uint8], _: NDArray[np.bool_]) -> OrientationField:
        angle = np.full(image.shape, 10.0, np.float32)
        angle[:, ::2] = 14.0
        angle[:38] = -70.0
        return OrientationField(angle, np.ones(image.shape, np.float32))

    (away,) = evaluation.orientation_errors(method, [drawn(12.0)], seen="labelled", smooth_px=12.0)
    np.testing.assert_allclose(away, 0.0, atol=0.1)


def test_a_network_is_padded_to_its_stride_and_read_as_a_doubled_angle() -> None:
    class Constant(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            assert image.shape[2] % 16 == 0
            planes = torch.zeros(1, 3, *image.shape[2:])
            planes[:, 1], planes[:, 2] = 10.0 * np.cos(np.deg2rad(50.0)), 10.0 * np.sin(np.deg2rad(50.0))
            return planes

    field = evaluation.network_orientation(Constant())(np.full((75, 320), 50, np.uint8), np.ones((75, 320), bool))
    assert field.angle_deg.shape == (75, 320)
    np.testing.assert_allclose(field.angle_deg, 25.0, atol=1e-3)
