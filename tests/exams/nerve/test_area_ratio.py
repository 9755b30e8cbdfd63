"""Ratios of areas by hand."""

import numpy as np
import pytest

from mskus.errors import ExamError
from mskus.exams.nerve import area_ratio
from mskus.findings import Findings, Measurement

NAME = "nerve_1_cross_sectional_area_mm2"


def findings(value, *, interval=None, unit="mm2", withheld="", nerve="nerve_1", exam="nerve", frame=0):
    name = f"{nerve}_cross_sectional_area_{'mm2' if unit == 'mm2' else 'px2'}"
    area = Measurement(name=name, value=value, unit=unit, interval=interval, frame=frame, withheld=withheld)
    return Findings(exam=exam, measurements=[area])


def test_wrist_over_forearm():
    found = area_ratio(findings(12.0, interval=(10.0, 14.4)), findings(6.0, interval=(5.0, 7.2)))
    assert found.value == 2.0
    half = np.hypot(np.log(1.2), np.log(1.2))
    assert found.interval == pytest.approx((2.0 * np.exp(-half), 2.0 * np.exp(half)))
    assert (found.name, found.unit) == ("cross_sectional_area_ratio", "1")


def test_lopsided_intervals_add_on_their_own_sides():
    found = area_ratio(findings(10.0, interval=(9.0, 20.0)), findings(10.0, interval=(9.0, 20.0)))
    assert found.interval[1] == pytest.approx(np.exp(np.hypot(np.log(2.0), np.log(10.0 / 9.0))))
    assert found.interval[0] == pytest.approx(1.0 / found.interval[1])


def test_a_clips_own_value_goes_before_its_frames():
    clip = findings(8.0, frame=None)
    clip.measurements.insert(0, clip.measurements[0].model_copy(update={"value": 99.0, "frame": 3}))
    assert area_ratio(clip, findings(4.0)).value == 2.0


def test_another_nerve_of_the_second():
    found = area_ratio(findings(9.0), findings(3.0, nerve="nerve_2"), second_nerve="nerve_2")
    assert found.value == 3.0
    assert found.interval is None


def test_pixels_and_withheld_areas_give_no_ratio():
    assert "no scale at the second" in area_ratio(findings(9.0), findings(900.0, unit="[px]2")).withheld
    assert "first site: lost" in area_ratio(findings(None, withheld="lost"), findings(3.0)).withheld


def test_wrong_findings_are_named():
    with pytest.raises(ExamError, match="muscle exam"):
        area_ratio(findings(1.0, exam="muscle"), findings(1.0))
    with pytest.raises(ExamError, match="no nerve_3.*nerve_1"):
        area_ratio(findings(1.0), findings(1.0), nerve="nerve_3")
    with pytest.raises(ExamError, match="no nerve_3.*nerve_1"):
        area_ratio(findings(1.0, unit="[px]2"), findings(1.0), nerve="nerve_3")
