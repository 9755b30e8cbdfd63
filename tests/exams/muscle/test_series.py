"""Smoothing of edges and directions over a clip: less noise, no lag, gaps stay gaps."""

import numpy as np
import pytest

from mskus.exams.muscle.fascicles import FascicleSight
from mskus.exams.muscle.series import smooth_pairs, smooth_sights
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
