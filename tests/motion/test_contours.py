"""Outlines over time: corners that correspond, flicker smoothed, gaps filled, areas kept."""

import numpy as np
import pytest

from mskus.errors import MskusError
from mskus.features.outline_shape import outline_shape
from mskus.motion.contours import aligned, contour_series, resampled

T = np.linspace(0.0, 2.0 * np.pi, 150, endpoint=False)


def ellipse(centre, radius, *, start=0.0, noise=None):
    wobble = 1.0 if noise is None else 1.0 + noise[0] + noise[1] * np.cos(T) + noise[2] * np.sin(2 * T)
    angle = T + start
    return np.stack([radius * wobble * np.cos(angle), 0.6 * radius * wobble * np.sin(angle)], axis=1) + centre


def area(points):
    return outline_shape(points).area


def test_corners_lie_at_equal_distances_and_run_clockwise():
    square = [(0, 0), (0, 4), (4, 4), (4, 0)]
    found = resampled(square, corners=8)
    steps = np.hypot(*(np.roll(found, -1, axis=0) - found).T)
    assert steps == pytest.approx([2.0] * 8)
    after = np.roll(found, -1, axis=0)
    assert (found[:, 0] * after[:, 1] - after[:, 0] * found[:, 1]).sum() > 0


def test_no_outlines_are_no_series():
    with pytest.raises(MskusError, match="no outline in any frame"):
        contour_series({})


def test_one_point_is_no_outline():
    with pytest.raises(MskusError, match="without length"):
        resampled([(3, 3), (3, 3)])


@pytest.mark.parametrize("start", [0.3, 2.0, 5.5])
def test_corners_correspond_wherever_an_outline_starts(start):
    reference = resampled(ellipse((50, 40), 20.0))
    found = aligned(ellipse((58, 44), 20.0, start=start), reference)
    assert np.abs(found - reference - (8, 4)).max() < 0.35


def test_flicker_is_smoothed_motion_and_area_are_kept(rng):
    outlines, truth = {}, {}
    for t in range(80):
        centre, radius = np.array([200 + 40 * np.sin(t / 12), 150.0]), 30.0 * (1 + 0.1 * np.sin(t / 15))
        truth[t] = area(ellipse(centre, radius))
        outlines[t] = ellipse(centre, radius, noise=rng.normal(0, 0.04, 3))
    smooth, raw = contour_series(outlines), contour_series(outlines, smooth=False)
    errors = {
        name: np.array([area(series.points[t]) / truth[t] - 1 for t in range(80)])
        for name, series in (("smooth", smooth), ("raw", raw))
    }
    assert errors["smooth"].std() < 0.5 * errors["raw"].std()
    assert abs(errors["smooth"].mean() - errors["raw"].mean()) < 0.005
    shift = {
        name: np.hypot.reduce([series.points[t].mean(axis=0)[0] - 200 - 40 * np.sin(t / 12) for t in range(80)])
        for name, series in (("smooth", smooth), ("raw", raw))
    }
    assert shift["smooth"] < 0.9 * shift["raw"]


def test_short_gaps_are_bridged_and_long_ones_left_open():
    there = [t for t in range(60) if not 10 <= t < 16 and not 30 <= t < 45]
    series = contour_series({t: ellipse((100 + t, 80), 20.0) for t in there}, bridge=8)
    assert series.bridged == dict.fromkeys(range(10, 16), 6)
    assert sorted(series.points) == [t for t in range(60) if not 30 <= t < 45]
    for t in range(10, 16):
        assert series.points[t].mean(axis=0) == pytest.approx((100 + t, 80), abs=0.5)
        assert area(series.points[t]) == pytest.approx(area(ellipse((0, 0), 20.0)), rel=0.01)


def test_a_bridge_of_none_leaves_every_gap():
    series = contour_series({0: ellipse((50, 50), 9.0), 2: ellipse((50, 50), 9.0)}, bridge=0)
    assert sorted(series.points) == [0, 2]


def test_one_frame_is_a_series():
    series = contour_series({7: ellipse((50, 50), 9.0)})
    assert area(series.points[7]) == pytest.approx(area(ellipse((0, 0), 9.0)), rel=0.005)


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_a_sweep_of_few_frames_stays_where_it_was_seen(n):
    series = contour_series({t: ellipse((100 + 20 * t, 80), 20.0) for t in range(n)})
    assert [series.points[t].mean(axis=0)[0] for t in range(n)] == pytest.approx(
        [100 + 20 * t for t in range(n)], abs=0.5
    )
