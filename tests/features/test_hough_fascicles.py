from __future__ import annotations

import cv2
import numpy as np
import pytest

from mskus.features.hough_fascicles import HoughFascicles, hough_fascicles, segment_field


@pytest.mark.parametrize("aspect", [1.0, 0.7, 1.4])
@pytest.mark.parametrize("angle_deg", [-35.0, -20.0, -8.0, 5.0, 14.0, 22.0, 35.0])
def test_dominant_angle_of_lines_in_speckle(oblique_lines, angle_deg, aspect):
    lines = hough_fascicles(oblique_lines(angle_deg, aspect=aspect, noise=0.4, seed=3), aspect=aspect)
    assert lines.angle_deg == pytest.approx(angle_deg, abs=0.5)


def test_segments_lie_where_the_line_was_drawn():
    picture = np.full((200, 400), 40, np.uint8)
    cv2.line(picture, (80, 140), (320, 60), 220, 4, cv2.LINE_AA)
    lines = hough_fascicles(picture, lateral_sigma_px=0.0)
    x0, y0, x1, y1 = lines.segments[0]
    # The line rises 80 px over 240: arctan(1/3) = 18.43 degrees.
    assert lines.angle_deg == pytest.approx(18.43, abs=0.5)
    assert lines.weights[0] == 1.0
    assert (x0, x1) == (pytest.approx(80, abs=12), pytest.approx(320, abs=12))
    assert y0 == pytest.approx(140 - (x0 - 80) / 3, abs=2.5)
    assert y1 == pytest.approx(140 - (x1 - 80) / 3, abs=2.5)


def test_directions_of_the_aponeuroses_are_excluded(oblique_lines):
    picture = np.maximum(oblique_lines(20.0, noise=0.4, bright=0.3), oblique_lines(-3.0, noise=0.4, seed=1))
    assert hough_fascicles(picture).angle_deg == pytest.approx(20.0, abs=1.0)
    assert hough_fascicles(
        picture, exclude_deg=(20.0,), clear_of_deg=8.0, lateral_sigma_px=0.0
    ).angle_deg == pytest.approx(-3.0, abs=1.5)


def test_a_flat_picture_has_no_lines():
    lines = hough_fascicles(np.full((100, 200), 90, np.uint8))
    assert np.isnan(lines.angle_deg)
    assert lines.segments.shape == (0, 4)


def test_segment_field_speaks_near_its_segments():
    segments = np.array([[20.0, 60.0, 120.0, 40.0], [200.0, 60.0, 300.0, 60.0]])
    lines = HoughFascicles(segments, 11.3, np.array([11.3, 0.0]), np.array([1.0, 0.5]))
    field = segment_field(lines, (100, 320))
    assert field.angle_deg[50, 70] == pytest.approx(11.3, abs=0.1)
    assert field.angle_deg[60, 250] == pytest.approx(0.0, abs=0.1)
    assert field.confidence[50, 70] > field.confidence[60, 250] > 10 * field.confidence[50, 160]
