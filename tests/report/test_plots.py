from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from mskus.report.plots import Axes, depth_profile_svg, histogram_svg, nice_ticks, time_series_svg

NS = "{http://www.w3.org/2000/svg}"


def _points(element):
    return np.array([[float(v) for v in pair.split(",")] for pair in element.get("points").split()])


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (13.0, 19.5, [12.0, 14.0, 16.0, 18.0, 20.0]),
        (-3.0, 3.0, [-4.0, -2.0, 0.0, 2.0, 4.0]),
        (5.0, 5.0, None),
    ],
)
def test_ticks_are_round_and_cover(low, high, ticks):
    found = nice_ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    if ticks is not None:
        assert found == ticks


def test_axes_map_linearly():
    axes = Axes(x=(0, 10), y=(0, 2), width=110, height=120, left=10, right=0, top=0, bottom=20)
    assert axes.px([0, 5, 10]).tolist() == [10, 60, 110]
    assert axes.py([0, 1, 2]).tolist() == [100, 50, 0]


def test_withheld_frames_break_the_line_and_are_marked():
    values = [1.0, 2.0, None, None, 2.0, 1.0, None, 3.0]
    intervals = [None if v is None else (v - 0.5, v + 0.5) for v in values]
    svg = ElementTree.fromstring(time_series_svg(range(8), values, intervals=intervals, x_label="s", y_label="v"))
    lines = [_points(line) for line in svg.findall(f"{NS}polyline")]
    assert [len(line) for line in lines] == [2, 2]
    assert len(svg.findall(f"{NS}circle")) == 1  # the last value stands alone
    assert len(svg.findall(f"{NS}rect")) == 2
    assert len(svg.findall(f"{NS}polygon")) == 3
    assert lines[0][1][1] < lines[0][0][1]  # 2 is drawn above 1


def test_the_band_is_the_interval():
    svg = ElementTree.fromstring(
        time_series_svg([0, 1], [5.0, 5.0], intervals=[(4.0, 6.0), (3.0, 6.0)], x_label="s", y_label="v")
    )
    band, line = _points(svg.find(f"{NS}polygon")), _points(svg.find(f"{NS}polyline"))
    per_unit = line[0, 1] - band[0, 1]
    assert band[3, 1] - line[0, 1] == pytest.approx(per_unit, abs=0.2)
    assert band[2, 1] - line[1, 1] == pytest.approx(2 * per_unit, abs=0.2)


def test_no_value_at_all_is_said_in_words():
    assert "no frame has a value" in time_series_svg(
        [0, 1], [None, None], intervals=[None] * 2, x_label="s", y_label="v"
    )


def test_the_histogram_is_in_per_cent():
    counts = np.zeros(256)
    counts[[10, 20]] = [30, 10]
    svg = histogram_svg(counts)
    heights = _points(ElementTree.fromstring(svg).find(f"{NS}polygon"))[:, 1]
    foot = heights.max()
    assert foot - heights[11] == pytest.approx(3 * (foot - heights[21]), abs=0.3)
    assert ">80<" in re.sub(r"\s", "", svg)  # the axis reaches above 75 per cent


def test_the_depth_profile_runs_from_the_first_depth_to_the_last():
    svg = ElementTree.fromstring(depth_profile_svg([2.0, 4.0, np.nan], [10.0, 20.0, 30.0]))
    line = _points(svg.find(f"{NS}polyline"))
    assert line.shape == (2, 2)
    assert line[0, 0] < line[1, 0]
    assert "too few" in depth_profile_svg([1.0], [2.0])
