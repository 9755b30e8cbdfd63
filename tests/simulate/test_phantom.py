"""Whole phantoms: seeds, shapes, calibration, and that the picture shows what the truth says."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.simulate import Scanner, random_muscle, random_scanner, random_screen, simulate_muscle

SMALL = Scanner(size_px=(160, 200))


def test_equal_seeds_give_equal_pixels_and_others_do_not():
    first, second, other = (simulate_muscle(seed=s, scanner=SMALL, n_frames=2) for s in (5, 5, 6))
    assert np.array_equal(first.clip.luma, second.clip.luma)
    assert first.truth[1].measurements == second.truth[1].measurements
    assert not np.array_equal(first.clip.luma, other.clip.luma)


def test_clip_is_calibrated_by_the_simulation():
    clip = simulate_muscle(seed=2, scanner=Scanner(size_px=(100, 250), width_mm=50, depth_mm=40), n_frames=3).clip
    assert clip.shape == (3, 100, 250)
    assert clip.calibration.source == "simulation"
    assert clip.calibration.mm_per_px_row == pytest.approx(0.4)
    assert clip.calibration.mm_per_px_col == pytest.approx(0.2)
    assert clip.frame_rate_hz == pytest.approx(25.0)


@pytest.mark.parametrize(("count", "states"), [(0, None), (2, [0.0, 0.5, 1.0])])
def test_impossible_requests_are_refused(count, states):
    with pytest.raises(ValueError, match="frame"):
        simulate_muscle(seed=1, scanner=SMALL, n_frames=count, contraction=states)


def test_default_contraction_is_one_smooth_cycle():
    truth = simulate_muscle(seed=4, scanner=SMALL, n_frames=9).truth
    pennation = np.array([t.measurements["pennation_angle_deg"] for t in truth])
    assert np.all(np.diff(pennation[:5]) > 0)
    assert np.all(np.diff(pennation[4:]) < 0)
    assert pennation[0] == pytest.approx(pennation[-1], abs=1e-6)


def test_speckle_moves_with_the_tissue():
    """Between two near states neighbouring frames stay alike; far states do not."""
    clip = simulate_muscle(seed=4, scanner=SMALL, n_frames=3, contraction=[0.0, 0.01, 1.0]).clip
    a, b, c = (clip.frame(k).astype(float).ravel() for k in range(3))
    assert np.corrcoef(a, b)[0, 1] > 0.8
    assert np.corrcoef(a, c)[0, 1] < np.corrcoef(a, b)[0, 1] - 0.15


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_aponeuroses_and_fascicles_are_bright_where_the_truth_has_them(seed):
    scanner = Scanner(size_px=(300, 300), grey_level=0.2)
    phantom = simulate_muscle(seed=100 + seed, scanner=scanner)
    truth, image = phantom.truth[0], phantom.image.astype(float)
    quiet = truth.belly_mask & ~truth.fascicle_mask
    for mask in (truth.superficial_mask, truth.deep_mask):
        assert image[mask].mean() > image[quiet].mean() + 25
    assert image[truth.fascicle_mask].mean() > image[quiet].mean() + 8


def test_screen_surrounds_an_unchanged_picture():
    scanner = Scanner(size_px=(150, 180))
    screen = random_screen(np.random.default_rng(2))
    bare, shown = simulate_muscle(seed=9, scanner=scanner), simulate_muscle(seed=9, scanner=scanner, screen=screen)
    region = shown.clip.image_region
    rows, columns = region.slices
    assert np.array_equal(shown.image[rows, columns], bare.image)
    assert shown.truth[0].superficial_px - bare.truth[0].superficial_px == pytest.approx(
        np.broadcast_to([region.x, region.y], (200, 2))
    )
    assert np.array_equal(shown.truth[0].belly_mask[rows, columns], bare.truth[0].belly_mask)
    assert shown.truth[0].belly_mask.sum() == bare.truth[0].belly_mask.sum()
    # measurements are of the anatomy, not of the screen
    assert shown.truth[0].measurements == pytest.approx(bare.truth[0].measurements)


def test_ruler_ticks_stand_where_stated():
    from mskus.simulate import Screen

    scanner = Scanner(size_px=(200, 180), depth_mm=40.0)  # 0.2 mm rows: 5 mm ticks are 25 px apart
    screen = Screen(ruler_gap_px=10, ink=222)
    ticks = screen.depth_ticks_px(scanner)
    assert np.diff(ticks) == pytest.approx(25.0)
    frame = screen.frame(scanner)
    column = screen.margins_px[0] + 180 + 10
    assert np.flatnonzero(frame[:, column] == 222).tolist() == [50, 75, 100, 125, 150, 175, 200, 225]


def test_random_muscles_stay_in_their_ranges():
    for seed in range(60):
        rng = np.random.default_rng(seed)
        scanner = random_scanner(rng)
        anatomy = random_muscle(rng, width_mm=scanner.width_mm, depth_mm=scanner.depth_mm)
        x = np.linspace(0, scanner.width_mm, 50)
        height = anatomy.deep(x) - anatomy.superficial(x)
        assert height.min() >= 5.9
        assert height.max() <= 46.1
        assert anatomy.deep(x).max() < scanner.depth_mm
        inclination = anatomy.direction * (anatomy.fascicle_angle_deg - anatomy.superficial.angle_deg)
        assert 4.0 <= inclination <= 35.0
        assert anatomy.direction in (-1, 1)
