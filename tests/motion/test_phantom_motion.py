"""Motion of a simulated contraction, whose rotation is known."""

from __future__ import annotations

import numpy as np

from mskus.motion import belly_motion, fuse
from mskus.simulate import simulate_muscle


def test_fascicles_turn_as_the_motion_says_and_a_noisy_series_is_mended(rng):
    phantom = simulate_muscle(seed=7, n_frames=12)
    true = np.array([t.fascicle_angle_deg for t in phantom.truth])
    turns = np.zeros(len(true))
    for t in range(1, len(true)):
        motion = belly_motion(phantom.clip.frame(t - 1), phantom.clip.frame(t), phantom.truth[t - 1].belly_mask)
        turns[t] = motion.rotation_of_line_deg(true[t - 1], aspect=phantom.clip.aspect)
        assert motion.quality > 0.7
    assert np.ptp(true) > 5.0
    steps = np.diff(true, prepend=true[0])
    assert 0.8 < float(turns @ steps / (steps @ steps)) < 1.1
    assert np.abs(turns - steps).max() < 0.5

    measured = true + rng.normal(0, 1.0, len(true))
    mended = fuse(measured, 1.0, turns, 0.2**2).value
    assert np.sqrt(np.mean((mended - true) ** 2)) < 0.75 * np.sqrt(np.mean((measured - true) ** 2))
