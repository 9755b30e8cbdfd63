"""The simulated nerve: truth by hand, masks, picture, file."""

import json

import numpy as np
import pytest

from mskus.simulate import NerveAnatomy, random_nerve, simulate_nerve, write_dicom
from mskus.simulate.nerve import Ellipse, nerve_scanner

SCANNER = nerve_scanner(size_px=(150, 380))


@pytest.fixture(scope="module")
def made():
    return simulate_nerve(seed=3, n_frames=4, scanner=SCANNER, slide_mm=2.0)


def test_an_ellipse_by_hand():
    level = Ellipse(centre_mm=(10.0, 8.0), long_mm=6.0, short_mm=4.0).measures
    assert level["cross_sectional_area_mm2"] == pytest.approx(6.0 * np.pi)
    assert level["perimeter_mm"] == pytest.approx(15.8654, abs=1e-3)  # 4 a E(e), by table
    assert (level["depth_mm"], level["depth_upper_edge_mm"]) == (8.0, 6.0)
    upright = Ellipse(centre_mm=(10.0, 8.0), long_mm=6.0, short_mm=4.0, angle_deg=90.0).measures
    assert upright["depth_upper_edge_mm"] == pytest.approx(5.0)


def test_masks_hold_the_area_in_unequal_pixels(made):
    truth = made.truth[0]
    pixel = SCANNER.mm_per_px_row * SCANNER.mm_per_px_col
    for thing, name in ((truth.nerve, "nerve_1"), (truth.vessel, "vessel_1")):
        area = truth.measurements[f"{name}_cross_sectional_area_mm2"]
        assert truth.mask(thing).sum() * pixel == pytest.approx(area, rel=0.02)


def test_the_distance_of_nerve_and_vessel_by_hand():
    def at(x):
        circle = Ellipse(centre_mm=(x, 10.0), long_mm=4.0, short_mm=4.0)
        anatomy = NerveAnatomy(nerve=Ellipse(centre_mm=(10.0, 10.0), long_mm=4.0, short_mm=4.0), vessel=circle)
        made = simulate_nerve(anatomy=anatomy, scanner=nerve_scanner(size_px=(60, 76)))
        return made.truth[0].measurements["nerve_1_vessel_distance_mm"]

    assert at(17.0) == pytest.approx(3.0, abs=0.01)
    assert at(13.0) == 0.0


def test_the_vessel_is_black_and_the_rim_bright(made):
    truth, image = made.truth[0], made.image.astype(float)
    inside = image[truth.mask(truth.vessel)].mean()
    nerve, core = truth.mask(truth.nerve), truth.nerve.radius(*np.meshgrid(*SCANNER.pixel_mm())) < 0.75
    assert inside < 25.0 < image.mean() < image[nerve & ~core].mean()
    assert image[core].mean() < image[nerve & ~core].mean()


def test_it_slides_to_and_fro(made):
    x = [truth.nerve.centre_mm[0] for truth in made.truth]
    assert x == pytest.approx([16.0, 18.0, 16.0, 14.0])
    assert made.truth[1].vessel.centre_mm[0] - made.truth[0].vessel.centre_mm[0] == pytest.approx(2.0)


def test_the_same_seed_is_the_same_phantom():
    first, second = (simulate_nerve(seed=9, scanner=nerve_scanner(size_px=(60, 76))) for _ in range(2))
    np.testing.assert_array_equal(first.image, second.image)
    assert not np.array_equal(first.image, simulate_nerve(seed=8, scanner=first.scanner).image)


@pytest.mark.parametrize("seed", range(12))
def test_random_nerves_lie_in_the_picture_beside_their_vessel(seed):
    anatomy = random_nerve(np.random.default_rng(seed))
    outline = anatomy.nerve.outline_mm()
    assert outline.min() > 0.0
    assert (outline.max(axis=0) < (38.0, 30.0)).all()
    assert 3.0 < anatomy.nerve.measures["cross_sectional_area_mm2"] < 45.0


def test_a_file_with_its_truth_beside_it(made, tmp_path):
    import mskus

    path = write_dicom(made, tmp_path / "nerve.dcm")
    clip = mskus.read(path)
    assert clip.shape == made.clip.shape
    assert clip.calibration.mm_per_px == pytest.approx(made.clip.calibration.mm_per_px)
    truth = json.loads((tmp_path / "nerve.truth.json").read_text())
    assert truth["kind"] == "simulated nerve"
    frame = truth["frames"][1]
    expected = made.truth[1].measurements["nerve_1_cross_sectional_area_mm2"]
    assert frame["measurements"]["nerve_1_cross_sectional_area_mm2"] == pytest.approx(expected, abs=1e-4)
    assert np.mean(frame["nerve_px"], axis=0)[0] * truth["mm_per_px_col"] == pytest.approx(18.0, abs=0.1)


def test_no_frames_is_named():
    with pytest.raises(ValueError, match="n_frames=0"):
        simulate_nerve(n_frames=0)
