"""Mean stiffness of a nerve on a simulated elastogram."""

import numpy as np
import pytest

from mskus.clip import Region
from mskus.exams.nerve.settings import StiffnessScale
from mskus.exams.nerve.sighting import Sighting, Thing
from mskus.exams.nerve.stiffness import stiffness_of
from mskus.exams.plane import Plane
from mskus.simulate.elastogram import BOX, SCREEN, simulate_elastogram

SCALE = StiffnessScale(low=0.0, high=300.0, opacity=1.0)
PLANE = Plane(Region(40, 40, SCREEN[1] - 140, SCREEN[0] - 100), (0.1, 0.1), "mm", 0.0)


def nerve_at(x, y, side=30.0):
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * side / 2
    return Thing("nerve_1", "nerve", {0: Sighting(corners + (x - PLANE.region.x, y - PLANE.region.y), 0.9, 0.4, False)})


@pytest.fixture(scope="module")
def screen():
    values = np.full((40, 48), 60.0)
    values[:, 24:] = 180.0
    return simulate_elastogram(values, low=0.0, high=300.0).image


@pytest.mark.parametrize(("part", "kpa"), [(0.25, 60.0), (0.75, 180.0)])
def test_the_mean_inside_the_outline(screen, part, kpa):
    nerve = nerve_at(BOX.x + part * BOX.w, BOX.y + BOX.h / 2)
    (found,) = stiffness_of(screen, [nerve], 0, PLANE, SCALE)
    assert (found.name, found.unit, found.structures) == ("nerve_1_stiffness_mean_kpa", "kPa", ("nerve_1@0",))
    assert found.value == pytest.approx(kpa, abs=6.0)
    assert found.interval[0] <= kpa <= found.interval[1]


def test_outside_of_the_box_it_is_withheld(screen):
    (found,) = stiffness_of(screen, [nerve_at(BOX.x - 30, BOX.y + 50)], 0, PLANE, SCALE)
    assert found.value is None
    assert "0 % of the nerve lies in the elastogram" in found.withheld


def test_without_a_colour_bar_it_is_withheld():
    grey = np.full((*SCREEN, 3), 90, np.uint8)
    (found,) = stiffness_of(grey, [nerve_at(200, 150)], 0, PLANE, SCALE)
    assert "colour bar" in found.withheld


def test_a_vessel_or_a_nerve_that_was_not_seen_has_none(screen):
    vessel = Thing("vessel_1", "vessel", nerve_at(200, 150).sightings)
    assert stiffness_of(screen, [vessel], 0, PLANE, SCALE) == []
    assert stiffness_of(screen, [nerve_at(200, 150)], 1, PLANE, SCALE) == []
