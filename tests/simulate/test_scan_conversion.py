"""A point target lands in the picture where its millimetres say."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.simulate import Scanner
from mskus.simulate.bmode import BeamGrid

QUIET = {"noise_db": -200.0, "line_gain_db": 0.0, "grey_level": 0.2, "dynamic_range_db": 60.0}


@pytest.mark.parametrize(
    ("scanner", "x_mm", "y_mm"),
    [
        (Scanner(**QUIET), 10.0, 12.0),
        (Scanner(**QUIET), 40.3, 37.7),
        (Scanner(size_px=(300, 640), width_mm=40.0, depth_mm=60.0, **QUIET), 31.7, 45.2),
        (Scanner(probe="curved", radius_mm=50.0, **QUIET), 25.0, 20.0),
        (Scanner(probe="curved", radius_mm=50.0, **QUIET), 36.0, 30.0),
        (Scanner(probe="curved", radius_mm=50.0, size_px=(640, 320), **QUIET), 14.0, 33.0),
    ],
)
def test_point_target(scanner, x_mm, y_mm):
    rng = np.random.default_rng(0)
    grid = BeamGrid(scanner, rng)
    one = np.array([0.3], np.float32)
    envelope = grid.envelope(np.array([x_mm], np.float32), y_mm=np.array([y_mm], np.float32), amplitude=one, rng=rng)
    picture = grid.picture(grid.compress(envelope)).astype(float)
    assert picture.max() > 30
    weight = np.clip(picture - 0.6 * picture.max(), 0, None)
    rows, columns = np.indices(picture.shape)
    assert (weight * columns).sum() / weight.sum() == pytest.approx(x_mm / scanner.mm_per_px_col, abs=0.5)
    assert (weight * rows).sum() / weight.sum() == pytest.approx(y_mm / scanner.mm_per_px_row, abs=0.5)


def test_field_of_a_linear_probe_is_the_picture_and_slant_cuts_it():
    assert Scanner(size_px=(100, 120)).field().all()
    field = Scanner(size_px=(100, 100), width_mm=50, depth_mm=50, slant_deg=10.0).field()
    # tan 10 deg * 49.5 mm = 8.73 mm = 17.5 px: left side lost at the bottom, right side at the top
    assert field[0, 0]
    assert not field[-1, 17]
    assert field[-1, 18]
    assert field[0].sum() == pytest.approx(100 - 17.5, abs=1)


def test_field_of_a_curved_probe_is_a_sector():
    scanner = Scanner(probe="curved", radius_mm=60.0, size_px=(200, 200), width_mm=50.0, depth_mm=50.0)
    field = scanner.field()
    assert field[100, 100]
    assert not field[0, 0]  # beside the face
    assert not field[-1, 0]  # below the arc: the widest chord is reached higher up
    assert field[:-1, 100].all()


def test_gain_curve_and_shadow_act_in_decibels():
    scanner = Scanner(
        noise_db=-200.0, line_gain_db=0.0, gain_db=(0.0, -20.0), shadows=((0.25, 0.2, 12.0),), size_px=(200, 200)
    )
    grid = BeamGrid(scanner, np.random.default_rng(0))
    assert grid.gain_db[0, 0] == pytest.approx(0.0)
    assert grid.gain_db[grid.shape[0] // 2, 0] == pytest.approx(-10.0, abs=0.1)
    assert 20 * np.log10(grid.transmission[grid.count // 4]) == pytest.approx(-12.0, abs=0.1)
    assert grid.transmission[3 * grid.count // 4] == pytest.approx(1.0, abs=1e-3)
