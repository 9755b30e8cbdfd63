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
        ("nerve_1_cross_sectional_area_mm2", "mm2", 10.26, "10.3 mm²"),
        ("nerve_2_cross_sectional_area_px2", "[px]2", 1020.6, "1021 px²"),
        ("nerve_1_echo_intensity_mean", "1", 61.7, "62"),
        ("nerve_1_longest_loss_frames", "1", 4.0, "4"),
        ("nerve_1_stiffness_mean_kpa", "kPa", 41.234, "41.23 kPa"),
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


def test_a_nerves_value_says_whose_it_is():
    found = term("nerve_2_hypoechoic_fraction", "1")
    assert found.label == "Nerve 2: hypoechoic fraction"
    assert "Boom" in found.source
    assert term("vessel_1_new_thing_mm", "mm").label == "Vessel 1: new thing"
