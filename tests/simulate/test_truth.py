"""The truth against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.simulate import MuscleAnatomy, Scanner, simulate_muscle
from mskus.simulate.curve import Curve
from mskus.simulate.kinematics import MuscleState
from mskus.simulate.truth import MuscleTruth

SCANNERS = [Scanner(size_px=(500, 500)), Scanner(size_px=(300, 620))]


def _muscle(*, tilt_deg: float, pennation_deg: float, direction: int = 1, **changes) -> MuscleAnatomy:
    """Two parallel straight edges 15 mm apart vertically, 8 mm below the skin at the centre."""
    return MuscleAnatomy(
        superficial=Curve(centre_x_mm=25.0, depth_mm=8.0, angle_deg=tilt_deg),
        deep=Curve(centre_x_mm=25.0, depth_mm=23.0, angle_deg=tilt_deg),
        direction=direction,
        fascicle_angle_deg=tilt_deg + direction * pennation_deg,
        **changes,
    )


def _truth(anatomy: MuscleAnatomy, scanner: Scanner, contraction: float = 0.0) -> MuscleTruth:
    return MuscleTruth(MuscleState(anatomy, contraction), scanner, scanner.size_px)


@pytest.mark.parametrize("scanner", SCANNERS)
@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize(("tilt_deg", "pennation_deg"), [(0.0, 30.0), (0.0, 15.0), (5.0, 20.0), (-7.0, 25.0)])
def test_parallel_straight_muscle(scanner, direction, tilt_deg, pennation_deg):
    m = _truth(_muscle(tilt_deg=tilt_deg, pennation_deg=pennation_deg, direction=direction), scanner).measurements
    thickness = 15.0 * np.cos(np.deg2rad(tilt_deg))  # perpendicular distance of two lines 15 mm apart vertically
    length = thickness / np.sin(np.deg2rad(pennation_deg))
    assert m["superficial_aponeurosis_angle_deg"] == pytest.approx(tilt_deg, abs=1e-6)
    assert m["deep_aponeurosis_angle_deg"] == pytest.approx(tilt_deg, abs=1e-6)
    for name in ("25", "50", "75", "mean"):
        assert m[f"muscle_thickness_{name}_mm"] == pytest.approx(thickness, abs=1e-6)
    assert m["fascicle_angle_deg"] == pytest.approx(tilt_deg + direction * pennation_deg, abs=1e-6)
    for name in ("pennation_angle_deg", "pennation_angle_superficial_deg", "pennation_angle_deep_deg"):
        assert m[name] == pytest.approx(pennation_deg, abs=1e-6)
    for name in ("fascicle_length_mm", "fascicle_length_straight_mm", "fascicle_length_trigonometric_mm"):
        assert m[name] == pytest.approx(length, rel=1e-4)
    assert m["fascicle_curvature_per_m"] == pytest.approx(0.0, abs=1e-6)


def test_thirty_degrees_by_hand():
    m = _truth(_muscle(tilt_deg=0.0, pennation_deg=30.0), SCANNERS[0]).measurements
    assert m["fascicle_length_mm"] == pytest.approx(30.0, abs=1e-3)  # 15 / sin 30
    # skin and fat: 8 mm less 0.9 mm aponeurosis
    assert m["skin_and_fat_thickness_mm"] == pytest.approx(7.1)


def test_wedge_by_hand():
    """Deep edge tilted against a level superficial edge: perpendicular means vertical."""
    anatomy = MuscleAnatomy(
        superficial=Curve(centre_x_mm=25.0, depth_mm=8.0),
        deep=Curve(centre_x_mm=25.0, depth_mm=23.0, angle_deg=np.rad2deg(np.arctan(0.1))),
        fascicle_angle_deg=20.0,
    )
    truth = _truth(anatomy, Scanner(size_px=(501, 501), width_mm=50.1, depth_mm=50.1))  # last pixel at 50 mm
    m = truth.measurements
    assert truth.span_mm == pytest.approx((0.0, 50.0))
    assert m["muscle_thickness_25_mm"] == pytest.approx(15.0 + 1.25, abs=1e-6)
    assert m["muscle_thickness_50_mm"] == pytest.approx(15.0, abs=1e-6)
    assert m["muscle_thickness_75_mm"] == pytest.approx(15.0 - 1.25, abs=1e-6)
    assert m["pennation_angle_deep_deg"] == pytest.approx(20.0 - np.rad2deg(np.arctan(0.1)), abs=1e-6)
    # straight fascicle through (x, mid): runs 2 x half height at equal slopes; mean over seeds symmetric about 25 mm
    lengths = []
    for x in (15.0, 20.0, 25.0, 30.0, 35.0):
        bottom = 23.0 - 0.1 * (x - 25.0)
        half = (bottom - 8.0) / 2
        up = half / np.sin(np.deg2rad(20.0))
        down = half / (np.sin(np.deg2rad(20.0)) - 0.1 * np.cos(np.deg2rad(20.0)))
        lengths.append(up + down)
    assert m["fascicle_length_straight_mm"] == pytest.approx(np.mean(lengths), rel=1e-4)
    assert m["fascicle_length_mm"] == pytest.approx(np.mean(lengths), rel=1e-4)


def test_bent_fascicles_are_arcs():
    """Orientation 30 deg above and 20 deg below, linear in depth: dy = -sin(theta) ds gives the arc by hand."""
    anatomy = _muscle(tilt_deg=0.0, pennation_deg=25.0, bend_deg=-10.0)
    m = _truth(anatomy, SCANNERS[0]).measurements
    depth = np.linspace(0.0, 15.0, 20001)
    theta = np.deg2rad(25.0 - 10.0 * (depth / 15.0 - 0.5))
    length = np.trapezoid(1.0 / np.sin(theta), depth)
    assert m["fascicle_length_mm"] == pytest.approx(length, rel=2e-4)
    assert m["fascicle_curvature_per_m"] == pytest.approx(np.deg2rad(10.0) / length * 1000, rel=0.03)
    assert m["fascicle_angle_deg"] == pytest.approx(25.0, abs=0.01)


def test_contraction_shortens_and_steepens_at_constant_thickness():
    anatomy = _muscle(tilt_deg=2.0, pennation_deg=18.0, shear_mm=16.0)
    states = [_truth(anatomy, SCANNERS[0], c).measurements for c in np.linspace(0, 1, 6)]
    pennation = [m["pennation_angle_deg"] for m in states]
    length = [m["fascicle_length_mm"] for m in states]
    assert np.all(np.diff(pennation) > 0.5)
    assert np.all(np.diff(length) < -1.0)
    for m in states:
        assert m["muscle_thickness_mean_mm"] == pytest.approx(states[0]["muscle_thickness_mean_mm"], abs=1e-6)
        # still a parallelogram, so the hand formula holds at every state
        assert m["fascicle_length_mm"] == pytest.approx(
            m["muscle_thickness_50_mm"] / np.sin(np.deg2rad(m["pennation_angle_deg"])), rel=1e-3
        )


def test_shear_by_hand():
    """Level edges 15 mm apart, 30 deg, slide 10 mm: run 15 cot 30 - 10 = 15.98 mm, so atan(15 / 15.98) = 43.18 deg."""
    anatomy = _muscle(tilt_deg=0.0, pennation_deg=30.0, shear_mm=10.0)
    m = _truth(anatomy, SCANNERS[0], 1.0).measurements
    assert m["pennation_angle_deg"] == pytest.approx(43.18, abs=0.01)
    assert m["fascicle_length_mm"] == pytest.approx(np.hypot(15.0, 15.981), rel=1e-3)


@pytest.mark.parametrize("scanner", SCANNERS)
def test_polylines_and_masks_lie_on_the_edges_in_pixels(scanner):
    truth = _truth(_muscle(tilt_deg=4.0, pennation_deg=20.0), scanner)
    x, y = truth.superficial_px.T
    assert y * scanner.mm_per_px_row == pytest.approx(
        8.0 - np.tan(np.deg2rad(4.0)) * (x * scanner.mm_per_px_col - 25.0)
    )
    column = scanner.size_px[1] // 2
    rows = np.flatnonzero(truth.belly_mask[:, column]) * scanner.mm_per_px_row
    x_mm = column * scanner.mm_per_px_col
    shift = -np.tan(np.deg2rad(4.0)) * (x_mm - 25.0)
    assert rows[0] == pytest.approx(8.0 + shift, abs=scanner.mm_per_px_row)
    assert rows[-1] == pytest.approx(23.0 + shift, abs=scanner.mm_per_px_row)
    superficial = np.flatnonzero(truth.superficial_mask[:, column]) * scanner.mm_per_px_row
    assert superficial.max() == pytest.approx(8.0 + shift, abs=scanner.mm_per_px_row)
    deep = np.flatnonzero(truth.deep_mask[:, column]) * scanner.mm_per_px_row
    assert deep.min() == pytest.approx(23.0 + shift, abs=scanner.mm_per_px_row)


def test_pixel_orientation_follows_the_aspect():
    scanner = Scanner(size_px=(250, 500))  # pixels twice as high as wide: slopes halve in pixels
    truth = _truth(_muscle(tilt_deg=0.0, pennation_deg=20.0), scanner)
    inside = truth.belly_mask
    assert truth.orientation_deg[inside] == pytest.approx(20.0, abs=1e-4)
    seen = np.rad2deg(np.arctan(np.tan(np.deg2rad(20.0)) / 2))
    assert truth.orientation_px_deg[inside] == pytest.approx(seen, abs=1e-4)
    assert np.isnan(truth.orientation_deg[~inside]).all()


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_random_truth_is_consistent(seed):
    """Independent bounds on random anatomies: chords, edges and fields agree with each other."""
    phantom = simulate_muscle(seed=seed, scanner=Scanner(size_px=(200, 240)))
    truth = phantom.truth[0]
    m = truth.measurements
    for path in truth.streamlines_mm():
        for edge, end in ((truth.superficial_edge_mm, path[0]), (truth.deep_edge_mm, path[-1])):
            # a curve and its extending line do not meet at the span's end: 2 mm about it are left out
            if min(abs(end[0] - truth.span_mm[0]), abs(end[0] - truth.span_mm[1])) > 2.0:
                assert edge(end[:1])[0] == pytest.approx(end[1], abs=0.02)
    assert 4.0 < m["pennation_angle_deg"] < 40.0
    assert 6.0 < m["muscle_thickness_mean_mm"] < 46.0
    assert m["fascicle_length_mm"] > m["muscle_thickness_50_mm"]
