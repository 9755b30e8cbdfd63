"""Standard errors by hand, and what the perturbations are."""

import numpy as np
import pytest

from mskus.exams.muscle import intervals
from mskus.exams.muscle.fascicles import FascicleSight
from mskus.exams.muscle.frame_result import FrameResult


def result(**values):
    return FrameResult(sight=FascicleSight(np.zeros(6), 4.0, 0.5), values=values)


def test_parts_of_a_length_grow_with_the_error_of_the_angle_over_its_tangent():
    found = intervals.error_parts(
        "fascicle_length_mm", result(fascicle_length_mm=60.0, pennation_angle_deg=45.0), spread=2.0
    )
    assert found == pytest.approx((2.0, 60.0 * np.deg2rad(4.0), 60.0))
    assert intervals.error_parts("pennation_angle_deg", result(pennation_angle_deg=20.0), 1.5) == (1.5, 4.0, 1.0)


def test_standard_error_adds_the_scale_to_lengths_and_not_to_angles(monkeypatch):
    monkeypatch.setattr(intervals, "LENGTH", intervals.Parts(1.0, 0.0, 0.0))
    one, two = (intervals.Parts(n, 0.0, 0.0) for n in (1.0, 2.0))
    monkeypatch.setattr(intervals, "FASCICLES_BY_BANK", intervals.OfFascicles(one, one))
    monkeypatch.setattr(intervals, "FASCICLES_BY_BOTH", intervals.OfFascicles(two, two))

    def error(name, method="gabor", **values):
        return intervals.standard_error(name, result(**values), 0.3, method=method, relative_scale_error=0.02)

    length = error("muscle_thickness_mean_mm", muscle_thickness_mean_mm=20.0)
    assert length == pytest.approx(0.5)  # 3-4-5: spread 0.3, scale 0.02 x 20 = 0.4
    assert error("pennation_angle_deg", pennation_angle_deg=20.0) == pytest.approx(0.3)
    # each way to the direction has its own error model
    assert error("pennation_angle_deg", "combined", pennation_angle_deg=20.0) == pytest.approx(0.6)
    assert error("fascicle_length_mm", "combined", fascicle_length_mm=40.0) == pytest.approx(1.0)  # 0.6 and 0.8


def test_perturbed_pictures_are_what_they_say():
    image = np.random.default_rng(0).integers(1, 200, (60, 100)).astype(np.uint8)
    image[:, :10] = 0
    made = intervals.perturbed_pictures(image, seed=1)
    assert np.array_equal(made[0], image[:, ::-1])
    assert [p.shape for p in made[1:3]] == [(60, 94), (60, 94)]
    assert made[3].mean() > image.mean() > made[4].mean()
    assert not made[6][:, :10].any()  # black borders stay black
    again = intervals.perturbed_pictures(image, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(made, again, strict=True))


def test_what_is_too_uncertain_is_withheld_with_its_reason():
    found = result(pennation_angle_deg=20.0, fascicle_length_mm=60.0, muscle_thickness_50_mm=20.0)
    assert intervals.without_uncertain(found, {"pennation_angle_deg": 12.0}) is found  # 23.5 degrees are stated
    left = intervals.without_uncertain(found, {"pennation_angle_deg": 13.0})
    assert set(left.values) == {"muscle_thickness_50_mm"}
    assert "25 degrees" in left.withheld["fascicle_length_mm"]
