from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import ExamError
from mskus.report.orientation_colours import axial_mean_deg, orientation_colours
from mskus.report.overlay import draw_overlay
from mskus.report.strokes import style_of

SCALE = 4.0  # the hand-made frame of 160 x 120 px is shown four times as large


def _at(x, y):
    """Canvas row and column of a frame point."""
    return round((y + 0.5) * SCALE - 0.5), round((x + 0.5) * SCALE - 0.5)


def _near(pixel, colour):
    return np.abs(pixel.astype(int) - np.array(colour)).max() < 40


def test_inner_edges_are_drawn_where_they_are(make_findings):
    picture = draw_overlay(make_findings(), 0, orientation=False)
    assert _near(picture[_at(80, 30)], style_of("superficial_aponeurosis").colour)
    assert _near(picture[_at(80, 90)], style_of("deep_aponeurosis").colour)
    assert _near(picture[_at(70, 65)], style_of("fascicle").colour)
    assert picture[_at(120, 110)].tolist() == [60, 60, 60]


def test_nothing_but_the_structures_covers_the_anatomy(make_findings):
    found = make_findings()
    found.structures.clear()
    picture = draw_overlay(found, 0, orientation=False)
    assert (picture[:480, :640] == 60).all()


def test_unequal_pixels_are_drawn_in_true_proportions(make_findings):
    # rows of 0.4 mm, columns of 0.2 mm: the picture is as high as 240 rows of square pixels
    picture = draw_overlay(make_findings(aspect=2.0), 0, orientation=False)
    row, column = _at(80, 90)
    assert _near(picture[2 * row, column], style_of("deep_aponeurosis").colour)


def test_the_orientation_map_colours_the_belly_only(make_findings):
    found = make_findings()
    found.structures.clear()
    picture = draw_overlay(found, 0).astype(int)
    inside, outside = picture[_at(80, 60)], picture[_at(80, 100)]
    assert outside.tolist() == [60, 60, 60]
    assert inside[1] > inside[0] + 20  # 27 deg lies near the wheel's green, 25 deg
    assert inside[1] > inside[2] + 20


def test_the_default_frame_is_the_representative_one(make_findings):
    found = make_findings()
    assert (draw_overlay(found) == draw_overlay(found, 1)).all()
    assert (
        draw_overlay(found).shape != draw_overlay(found, 2).shape
        or (draw_overlay(found) != draw_overlay(found, 2)).any()
    )


def test_findings_draw_themselves(make_findings):
    found = make_findings()
    assert (found.overlay(0) == draw_overlay(found, 0)).all()


@pytest.mark.parametrize("frame", [-1, 3])
def test_a_frame_that_does_not_exist_is_refused(make_findings, frame):
    with pytest.raises(ExamError, match=r"no frame .* clip of 3"):
        draw_overlay(make_findings(), frame)


def test_without_a_clip_there_is_nothing_to_draw_on(make_findings):
    found = make_findings()
    found.attach(None)
    with pytest.raises(ExamError, match="examine the clip again"):
        draw_overlay(found)


def test_no_scale_is_said_instead_of_a_bar(make_findings):
    with_scale, without = draw_overlay(make_findings(), 0), draw_overlay(make_findings(calibrated=False), 0)
    foot = slice(484, 510)
    assert (with_scale[foot, :640] != without[foot, :640]).any()


def test_axial_angles_share_colours():
    assert orientation_colours(np.array([20.0, -160.0])).tolist() == [orientation_colours(np.array(20.0)).tolist()] * 2


@pytest.mark.parametrize(("angles", "mean"), [([10, 20], 15), ([89, -89], 90), ([-170, 10], 10)])
def test_axial_mean(angles, mean):
    found = axial_mean_deg(np.array(angles, float), np.ones(2))
    assert (found - mean + 90) % 180 - 90 == pytest.approx(0, abs=1e-6)


def test_weightless_angles_do_not_count():
    assert axial_mean_deg(np.array([10.0, np.nan]), np.array([1.0, 0.0])) == pytest.approx(10.0)
