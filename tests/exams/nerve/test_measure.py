"""Values of outlines that are known, in square and unequal pixels, with and without a scale."""

import numpy as np
import pytest

from mskus.clip import Region
from mskus.exams.nerve.measure import AREA, ECHO, GAP, NAMES, NOT_SEEN, SURE, levels_inside, measure
from mskus.exams.nerve.sighting import Sighting
from mskus.exams.plane import NO_ASPECT, Plane

T = np.linspace(0.0, 2.0 * np.pi, 180, endpoint=False)
CIRCLE_MM = np.stack([3.0 * np.cos(T), 3.0 * np.sin(T)], axis=1)  # radius 3 mm


def sighting(centre_mm, spacing_xy, **more):
    return Sighting((CIRCLE_MM + centre_mm) / spacing_xy, 0.9, 0.4, False, **more)


def plane_of(spacing_xy, *, unit="mm", refusal=""):
    return Plane(Region(0, 0, 200, 200), spacing_xy, unit, 0.0, refusal=refusal)


@pytest.mark.parametrize("spacing_xy", [(0.1, 0.1), (0.2, 0.1), (0.1, 0.25)], ids=["square", "wide", "tall"])
def test_a_circle_of_3_mm_in_any_pixels(spacing_xy):
    image = np.full((200, 300), 50, np.uint8)
    vessel = sighting((20.0, 10.0), spacing_xy)
    found = measure("nerve", sighting((12.0, 8.0), spacing_xy), image, plane_of(spacing_xy), vessels=[vessel])
    assert found.withheld == {}
    assert found.values[AREA] == pytest.approx(9.0 * np.pi, rel=1e-3)
    assert found.values["perimeter_mm"] == pytest.approx(6.0 * np.pi, rel=1e-3)
    assert found.values["circularity"] == pytest.approx(1.0, abs=1e-3)
    assert found.values["long_diameter_mm"] == pytest.approx(6.0, rel=1e-3)
    assert found.values["short_diameter_mm"] == pytest.approx(6.0, rel=1e-3)
    # from the upper border, half a row above the first row's centre
    assert found.values["depth_mm"] == pytest.approx(8.0 + spacing_xy[1] / 2)
    assert found.values["depth_upper_edge_mm"] == pytest.approx(5.0 + spacing_xy[1] / 2, abs=1e-3)
    # centres 8 and 2 mm apart, less two radii
    assert found.values[GAP] == pytest.approx(np.hypot(8.0, 2.0) - 6.0, abs=0.01)
    assert found.values[ECHO[0]] == 50.0
    assert found.values[SURE] == 0.9


def test_grey_levels_are_those_inside():
    image = np.full((60, 60), 200, np.uint8)
    image[20:40, 10:30] = 40
    box = np.array([(9.5, 19.5), (29.5, 19.5), (29.5, 39.5), (9.5, 39.5)])
    levels = levels_inside(box, image)
    assert (levels.size, set(levels.tolist())) == (400, {40})


def test_an_outline_over_the_border_takes_what_is_there():
    levels = levels_inside(np.array([(-5.0, -5.0), (4.5, -5.0), (4.5, 3.5), (-5.0, 3.5)]), np.zeros((9, 9), np.uint8))
    assert levels.size == 5 * 4


def test_without_aspect_only_what_needs_none():
    image = np.full((200, 300), 50, np.uint8)
    plane = plane_of((0.1, 0.1), unit="[px]", refusal=NO_ASPECT)
    found = measure("nerve", sighting((12.0, 8.0), (0.1, 0.1)), image, plane)
    assert set(found.values) == {AREA, SURE, *ECHO}
    assert found.withheld["long_diameter_mm"] == NO_ASPECT


def test_a_carried_outline_has_no_echo_and_no_confidence():
    image = np.full((200, 300), 50, np.uint8)
    carried = sighting((12.0, 8.0), (0.1, 0.1), gap_frames=3)
    found = measure("nerve", carried, image, plane_of((0.1, 0.1)))
    assert AREA in found.values
    assert {name for name, reason in found.withheld.items() if reason == NOT_SEEN} == {*ECHO, SURE}


def test_a_few_pixels_have_no_echo():
    tiny = Sighting(CIRCLE_MM / 3.0 * 2.0 + 50.0, 0.8, 0.5, False)  # 2 px: 12 pixels
    found = measure("nerve", tiny, np.zeros((100, 100), np.uint8), plane_of((0.1, 0.1)))
    assert "too few pixels" in found.withheld[ECHO[1]]


def test_a_vessel_has_sizes_and_depths_alone():
    found = measure("vessel", sighting((12.0, 8.0), (0.1, 0.1)), np.zeros((200, 300), np.uint8), plane_of((0.1, 0.1)))
    assert tuple(found.values) == NAMES["vessel"]
