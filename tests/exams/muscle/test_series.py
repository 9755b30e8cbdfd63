"""Smoothing of edges and directions over a clip: less noise, no lag, gaps stay gaps."""

import numpy as np
import pytest

from mskus.exams.muscle.fascicles import FascicleSight
from mskus.exams.muscle.series import frames_left_open, frames_to_look_at, smooth_pairs, smooth_sights
from mskus.motion.flow import BellyMotion
from mskus.segment.aponeuroses import Aponeurosis, AponeurosisPair

X = np.linspace(0, 300, 33)


def pair(top, bottom):
    edges = [Aponeurosis(X, np.full(33, y), np.full(33, y + 6.0), 0.9) for y in (top, bottom)]
    return AponeurosisPair(*edges)


def shift(rows):
    return BellyMotion(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, rows]]), 1.0, 0.0)


def test_edges_follow_the_motion_and_lose_their_noise():
    rng = np.random.default_rng(0)
    truth = 150 + 2.0 * np.arange(30.0)  # two rows a frame, as the motion says
    noisy = truth + rng.normal(0, 1.0, 30)
    smooth = smooth_pairs([pair(20.0, y) for y in noisy], [None, *[shift(2.0)] * 29])
    found = np.array([np.nanmean(p.deep.upper_y_px) for p in smooth])
    assert np.sqrt(np.mean((found - truth) ** 2)) < 0.5 * np.sqrt(np.mean((noisy - truth) ** 2))
    assert abs(np.mean(found - truth)) < 0.4


def test_a_long_gap_stays_missing_and_a_short_one_is_filled():
    frames = [pair(20.0, 150.0) for _ in range(20)]
    blank = Aponeurosis(X, np.full(33, np.nan), np.full(33, np.nan), 0.0)
    for t in (3, *range(8, 16)):
        frames[t] = AponeurosisPair(frames[t].superficial, blank)
    smooth = smooth_pairs(frames, [None] * 20)
    assert np.nanmean(smooth[3].deep.upper_y_px) == pytest.approx(150.0, abs=0.2)
    assert not smooth[11].deep.visible.any()


@pytest.mark.parametrize("aspect", [1.0, 2.0])
def test_direction_is_carried_by_the_rotation_of_the_belly_in_mm(aspect):
    # a shear in pixels that turns a flat line by one degree in mm
    slope = -np.tan(np.deg2rad(1.0)) / aspect
    turn = BellyMotion(np.array([[1.0, 0.0, 0.0], [slope, 1.0, 0.0]]), 1.0, 0.0)
    rng = np.random.default_rng(1)
    truth = np.arange(12.0)
    sights = [FascicleSight(np.array([a, 0, 0, 0, 0, 0.0]), 1.0, 0.5) for a in truth + rng.normal(0, 0.8, 12)]
    smooth = smooth_sights(sights, [None, *[turn] * 11], aspect=aspect)
    found = np.array([s.coefficients_deg[0] for s in smooth])
    assert np.abs(np.diff(found) - 1.0).max() < 0.6
    assert np.sqrt(np.mean((found - truth) ** 2)) < 0.6


def test_where_nobody_looked_the_motion_carries_the_direction():
    slope = -np.tan(np.deg2rad(1.0))  # a flat line turns by one degree a frame, but for frame 6, where nothing is known
    turn = BellyMotion(np.array([[1.0, 0.0, 0.0], [slope, 1.0, 0.0]]), 1.0, 0.0)
    motions = [None if t in (0, 6) else turn for t in range(13)]
    looked = frames_to_look_at(motions, every=4)
    assert np.flatnonzero(looked).tolist() == [0, 4, 5, 6, 8, 12]
    truth = np.arange(13.0)
    sights = [
        FascicleSight(np.array([a, 0, 0, 0, 0, 0.0]), 1.0 + a, 0.5) if seen else None
        for a, seen in zip(truth, looked, strict=True)
    ]
    carried = smooth_sights(sights, motions, aspect=1.0)
    assert [s.coefficients_deg[0] for s in carried] == pytest.approx(truth, abs=0.5)
    assert [s.spread_deg for s in carried] == pytest.approx(1.0 + truth)
    assert all(s.visibility == 0.5 for s in carried)
    assert [s.carried for s in carried] == [not seen for seen in looked]


def test_nothing_seen_anywhere_stays_nothing():
    blank = FascicleSight(np.full(6, np.nan), np.nan, 0.1)
    assert smooth_sights([None, blank, None], [None] * 3, aspect=1.0) == [None, blank, None]


def test_frames_that_their_neighbours_cannot_fill_are_looked_at_after_all():
    seen, blank = (FascicleSight(np.full(6, value), 1.0, 0.1) for value in (9.0, np.nan))
    assert frames_left_open([seen, None, seen, None, blank, None, blank, None, seen]) == [3, 5, 7]
    assert frames_left_open([blank, None, seen, None, seen]) == [1]


def test_a_cut_in_a_short_clip_is_not_smoothed_over():
    sights = [FascicleSight(np.array([a, 0, 0, 0, 0, 0.0]), 1.0, 0.5) for a in (10.0, 10.0, 10.0, 25.0, 25.0)]
    still = BellyMotion(np.eye(2, 3), 1.0, 0.0)
    motions = [None, still, still, BellyMotion(np.eye(2, 3), 0.0, 0.0), still]
    looked = frames_to_look_at(motions, every=2)
    given = [s if seen else None for s, seen in zip(sights, looked, strict=True)]
    found = [s.coefficients_deg[0] for s in smooth_sights(given, motions, aspect=1.0)]
    assert found == pytest.approx([10.0, 10.0, 10.0, 25.0, 25.0], abs=1.0)
