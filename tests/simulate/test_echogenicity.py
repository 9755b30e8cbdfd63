"""The reference without speckle is what many pictures with speckle are on average."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.simulate import Scanner
from mskus.simulate.echogenicity import simulate_echogenicity

SCANNER = Scanner(width_mm=20.0, depth_mm=20.0, size_px=(160, 160), grey_level=0.6, noise_db=-40.0, focus_mm=10.0,
                  line_gain_db=0.0)  # fmt: skip


def test_the_reference_is_the_mean_of_many_pictures():
    db = np.zeros((160, 160))
    db[:, 80:] = -10.0
    db[60:64, :] = 12.0
    made = [simulate_echogenicity(db, scanner=SCANNER, seed=s) for s in range(24)]
    mean = np.mean([m.image for m in made], axis=0)
    error = (mean - made[0].reference)[8:-8, 8:-8]
    # the simulator loses up to 12 % of the power between the nodes of its grid: 0.5 dB, 2.1 grey levels
    assert -3.0 < error.mean() < 1.0
    error = error - error.mean()
    # a mean of 24 Rayleigh levels (5.6 dB, 24 grey levels) is uncertain by 4.8
    assert error.std() < 7.0
    assert abs(error[:, 68:76].mean()) < 3.0  # at the edge of 10 dB
    assert abs(error[52:56].mean()) < 4.0  # on the line


@pytest.mark.parametrize(("level_db", "grey"), [(0.0, 0.6), (-12.0, 0.4), (6.0, 0.7)])
def test_grey_level_of_a_homogeneous_map(level_db, grey):
    made = simulate_echogenicity(np.full((160, 160), level_db), scanner=SCANNER)
    # 2.507 dB under the power, of 60 dB
    assert made.reference[80, 80] == pytest.approx((grey - 2.507 / 60) * 255, abs=1.0)


def test_only_a_linear_probe_with_one_look():
    with pytest.raises(ValueError, match="linear probe"):
        simulate_echogenicity(np.zeros((9, 9)), scanner=Scanner(looks_deg=(-5.0, 5.0)))
