"""Intervals by hand: logarithms for sizes, diameters for depths, the scale's error added."""

import numpy as np
import pytest

from mskus.exams.nerve import intervals
from mskus.exams.nerve.measure import NAMES, SURE

VALUES = {
    "cross_sectional_area_mm2": 10.0, "perimeter_mm": 12.0, "circularity": 0.9, "long_diameter_mm": 4.0,
    "short_diameter_mm": 3.0, "depth_mm": 8.0, "hypoechoic_fraction": 0.95,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _simple_factors(monkeypatch):
    monkeypatch.setattr(intervals, "FACTORS", {"nerve": dict.fromkeys(VALUES, 0.2), "vessel": {}})


def test_an_area_errs_by_a_factor():
    # 0.2 * (0.7 + 0.3) = 0.2 in the logarithm
    low, high = intervals.interval("nerve", "cross_sectional_area_mm2", VALUES, doubt=0.7)
    assert (low, high) == pytest.approx((10.0 * np.exp(-0.2), 10.0 * np.exp(0.2)))


def test_a_depth_errs_by_parts_of_the_short_diameter():
    assert intervals.interval("nerve", "depth_mm", VALUES, doubt=0.2) == pytest.approx((8.0 - 0.3, 8.0 + 0.3))


@pytest.mark.parametrize(("name", "power"), [("cross_sectional_area_mm2", 2.0), ("long_diameter_mm", 1.0)])
def test_the_scale_counts_twice_for_an_area(name, power):
    low, high = intervals.interval("nerve", name, VALUES, doubt=0.7, relative_scale_error=0.05)
    half = np.hypot(0.2, 1.96 * power * 0.05)
    assert (low, high) == pytest.approx((VALUES[name] * np.exp(-half), VALUES[name] * np.exp(half)))


def test_a_fraction_stays_one():
    low, high = intervals.interval("nerve", "hypoechoic_fraction", VALUES, doubt=0.7, relative_scale_error=0.5)
    assert (low, high) == pytest.approx((0.75, 1.0))


def test_what_was_not_calibrated_has_none():
    assert intervals.interval("vessel", "depth_mm", VALUES, doubt=0.2) is None
    assert intervals.interval("nerve", "depth_mm", {"depth_mm": 8.0}, doubt=0.2) is None


def test_a_residual_is_what_the_interval_holds():
    true = VALUES | {"cross_sectional_area_mm2": 10.0 / np.exp(0.1), "depth_mm": 7.4}
    assert intervals.residual("cross_sectional_area_mm2", VALUES, true) == pytest.approx(0.1)
    assert intervals.residual("depth_mm", VALUES, true) == pytest.approx(0.2)
    assert intervals.residual("circularity", VALUES, VALUES | {"circularity": 0.7}) == pytest.approx(0.2)


def test_every_shipped_value_is_calibrated(monkeypatch):
    monkeypatch.undo()
    for kind, names in NAMES.items():
        assert set(intervals.FACTORS[kind]) == set(names) - {SURE}
