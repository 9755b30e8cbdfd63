from __future__ import annotations

import pytest

from mskus.findings import Findings, Measurement
from mskus.report.headline import headlines, merged_flags, representative_frame


def _of(*values, name="pennation_angle_deg", unit="deg"):
    made = [
        Measurement(name=name, value=v, unit=unit, frame=t, withheld="" if v is not None else "dark")
        for t, v in enumerate(values)
    ]
    return Findings(exam="muscle", measurements=made)


def test_a_clip_without_a_value_of_its_own_gets_the_median_and_a_typical_interval(make_findings):
    thickness, pennation = headlines(make_findings())
    assert (thickness.value, thickness.interval, thickness.extent) == (17.0, (16.5, 17.5), (16.0, 18.5))
    assert (thickness.n_measured, thickness.n_withheld) == (3, 0)
    assert (pennation.value, pennation.interval) == (14.5, (13.5, 15.5))
    assert (pennation.n_measured, pennation.n_withheld) == (2, 1)
    assert pennation.reasons == (("fascicles not visible", 1),)
    assert pennation.flags == ("faint", "half outside")


def test_the_clips_own_value_goes_before_its_frames():
    found = _of(10.0, 20.0, 30.0)
    found.measurements.append(
        Measurement(name="pennation_angle_deg", value=21.0, unit="deg", interval=(19.0, 23.0), method="mean")
    )
    (head,) = headlines(found)
    assert (head.value, head.interval, head.extent) == (21.0, (19.0, 23.0), (10.0, 30.0))


@pytest.mark.parametrize(
    ("flags", "merged"),
    [
        (["9 % outside", "faint", "15 % outside", "9 % outside"], ("9 to 15 % outside", "faint")),
        (["9 % outside"] * 2, ("9 % outside",)),
        (["12.5 mm off", "3 mm off"], ("3 to 12.5 mm off",)),
        ([], ()),
    ],
)
def test_flags_that_differ_in_a_number_become_one(flags, merged):
    assert merged_flags(flags) == merged


def test_withheld_throughout_is_said():
    (head,) = headlines(_of(None, None))
    assert (head.value, head.shown, head.shown_interval) == (None, "withheld", "")
    assert head.reasons == (("dark", 2),)


def test_pixels_stand_in_for_millimetres_only_where_there_are_none():
    found = _of(None, name="fascicle_length_mm", unit="mm")
    found.measurements += _of(400.0, name="fascicle_length_px", unit="[px]").measurements
    assert [h.name for h in headlines(found)] == ["fascicle_length_px"]


def test_an_exam_that_names_no_headline_shows_everything():
    found = _of(1.0).model_copy(update={"exam": "tendon"})
    assert [h.name for h in headlines(found)] == ["pennation_angle_deg"]


def test_headlines_come_in_the_exams_order(make_findings):
    found = make_findings()
    found.measurements.reverse()
    assert [h.name for h in headlines(found)] == ["muscle_thickness_mean_mm", "pennation_angle_deg"]


def test_the_representative_frame_is_measured_and_nearest_to_the_medians(make_findings):
    # thickness 16, 17, 18.5 and pennation 14, 15, withheld: frame 1 is nearest to 17 and 14.5 with both measured
    assert representative_frame(make_findings()) == 1
    assert representative_frame(_of(10.0, 30.0, 19.0, 20.0, 21.0)) == 3


def test_more_values_go_before_nearer_values():
    found = _of(10.0, 20.0, 31.0)
    found.measurements += _of(5.0, None, None, name="muscle_thickness_mean_mm", unit="mm").measurements
    assert representative_frame(found) == 0


def test_nothing_measured_takes_the_middle_frame(make_findings):
    found = make_findings(5)
    found.measurements.clear()
    assert representative_frame(found) == 2
