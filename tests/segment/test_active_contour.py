"""Active contours on discs of known size, and on pictures that give them nothing to hold on to."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import FeatureError
from mskus.segment.active_contour import CONTOURS, evenly_spaced, gradient_vector_flow, refine_mask, snake
from mskus.statistics import dice

Y, X = np.mgrid[:96, :96]


def disc(x, y, radius):
    return np.hypot(X - x, Y - y) < radius


def speckled(inside, *, level=60.0, around=130.0, sd=12.0):
    noise = np.random.default_rng(0).normal(0.0, sd, inside.shape)
    return np.where(inside, level, around) + noise


@pytest.mark.parametrize("method", CONTOURS)
def test_a_rough_outline_is_drawn_to_the_edge_of_a_disc(method):
    truth, rough = disc(48, 48, 20), disc(50, 46, 17)
    assert dice(rough, truth) == pytest.approx(0.837, abs=0.01)  # of two discs, by their pixels
    assert dice(refine_mask(speckled(truth), rough, method=method), truth) > 0.95


def test_every_part_is_judged_in_its_own_surroundings():
    left, right = disc(24, 48, 14), disc(72, 48, 14)
    # the right one is brighter than what lies around the left one
    picture = np.where(left, 10.0, np.where(right, 130.0, np.where(X < 48, 90.0, 230.0)))
    found = refine_mask(picture, disc(26, 48, 12) | disc(70, 48, 12))
    assert dice(found, left | right) > 0.97


@pytest.mark.parametrize("method", CONTOURS)
def test_an_outline_stays_where_there_is_no_edge(method):
    rough = disc(48, 48, 12)
    found = refine_mask(np.full(X.shape, 80.0), rough, method=method)
    assert dice(found, rough) > 0.8


def test_an_outline_that_would_run_away_stays():
    # within reach of the small start the whole neighbourhood is alike: four times the area
    rough = disc(48, 48, 8)
    found = refine_mask(speckled(disc(48, 48, 40)), rough, reach_px=8)
    assert rough.sum() / 2 <= found.sum() <= 2 * rough.sum()


def test_an_empty_mask_stays_empty():
    assert not refine_mask(np.full(X.shape, 80.0), np.zeros(X.shape)).any()


def test_one_pixel_stays():
    one = (X == 40) & (Y == 40)
    assert refine_mask(np.full(X.shape, 80.0), one, method="gradient_vector_flow").sum() == 1


@pytest.mark.parametrize(
    ("picture", "start", "method", "says"),
    [
        (np.zeros((8, 8)), np.zeros((8, 9)), "chan_vese", "one size"),
        (np.full((8, 8), np.nan), np.zeros((8, 8)), "chan_vese", "NaN"),
        (np.zeros((8, 8)), np.zeros((8, 8)), "balloon", "chan_vese"),
    ],
)
def test_what_cannot_be_refined_is_named(picture, start, method, says):
    with pytest.raises(FeatureError, match=says):
        refine_mask(picture, start, method=method)


def test_gradient_vector_flow_reaches_where_the_gradient_does_not():
    edge = np.exp(-0.5 * ((X - 48.0) / 1.5) ** 2)
    flow = gradient_vector_flow(edge, iterations=200)
    fx = np.gradient(edge.astype(np.float32))[1]
    assert abs(fx[48, 38]) < 1e-8  # ten pixels off the line
    assert flow[0, 48, 38] > 0 > flow[0, 48, 58]  # towards the line from both sides
    assert np.abs(flow[1]).max() < 1e-6


@pytest.mark.parametrize(("edges", "mu"), [(np.zeros((8, 8)), 0.0), (np.full((8, 8), np.inf), 0.2)])
def test_gradient_vector_flow_refuses(edges, mu):
    with pytest.raises(FeatureError):
        gradient_vector_flow(edges, mu=mu)


def test_a_snake_without_forces_shrinks_and_stays_a_circle():
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    circle = 48 + 20 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    found = snake(circle, np.zeros((2, 96, 96), np.float32), alpha=0.5)
    radius = np.hypot(*(found - 48).T)
    assert radius.mean() < 19.9
    assert radius.std() < 0.1


@pytest.mark.parametrize("method", CONTOURS)
def test_a_picture_one_pixel_wide_is_refused(method):
    with pytest.raises(FeatureError, match="2 x 2 pixels"):
        refine_mask(np.zeros((1, 9)), np.ones((1, 9)), method=method)


def test_a_snake_of_few_points_is_refused():
    with pytest.raises(FeatureError, match="8 points"):
        snake(np.zeros((5, 2)), np.zeros((2, 9, 9), np.float32))


def test_points_are_spaced_evenly():
    found = evenly_spaced(np.array([[0.0, 0.0], [1.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]), n=20)
    steps = np.linalg.norm(np.diff(np.vstack([found, found[:1]]), axis=0), axis=1)
    assert steps == pytest.approx(np.full(20, 2.0))
