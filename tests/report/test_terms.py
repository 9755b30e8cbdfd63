from __future__ import annotations

import pytest

from mskus.report.terms import stem, term


@pytest.mark.parametrize(
    ("name", "unit", "value", "shown"),
    [
        ("muscle_thickness_50_mm", "mm", 17.26, "17.3 mm"),
        ("muscle_thickness_50_px", "[px]", 172.6, "173 px"),
        ("pennation_angle_deg", "deg", 14.04, "14.0°"),
        ("fascicle_curvature_per_m", "m-1", 1.234, "1.23 1/m"),
        ("cross_sectional_area_mm2", "mm2", 1234.5, "1234 mm²"),
        ("echo_intensity_mean", "1", 61.7, "62"),
        ("something_new", "1", 0.456, "0.46"),
    ],
)
def test_a_value_is_shown_with_the_digits_it_deserves(name, unit, value, shown):
    assert term(name, unit).show(value) == shown


def test_an_interval_is_shown_without_unit():
    assert term("pennation_angle_deg", "deg").show_interval((-0.26, 3.04)) == "-0.3 to 3.0"


@pytest.mark.parametrize(
    ("name", "bare"),
    [("fascicle_length_px", "fascicle_length"), ("echo_intensity_mean", "echo_intensity_mean"), ("a_per_m", "a")],
)
def test_the_stem_has_no_unit(name, bare):
    assert stem(name) == bare


def test_mm_and_px_share_a_label():
    assert (
        term("fascicle_length_mm", "mm").label == term("fascicle_length_px", "[px]").label == "Fascicle length (curved)"
    )
