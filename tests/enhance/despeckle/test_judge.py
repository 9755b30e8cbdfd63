from __future__ import annotations

import numpy as np
import pytest

from mskus.enhance.despeckle.judge import (
    contrast_to_noise,
    edges,
    equivalent_looks,
    figure_of_merit,
    judge,
    speckle_snr,
    structural_similarity,
)
from mskus.errors import EnhanceError

ALL = np.ones((96, 128), bool)


def test_rayleigh_speckle_has_one_look_and_an_snr_of_1_91(rayleigh):
    assert equivalent_looks(rayleigh, mask=ALL) == pytest.approx(1.0, abs=0.06)
    assert speckle_snr(rayleigh, mask=ALL) == pytest.approx(1.913, abs=0.04)


def test_the_mean_of_four_intensities_has_four_looks():
    power = np.random.default_rng(3).exponential(1e-3, (4, 120, 120)).mean(0)
    grey = 255.0 * (1.0 + 10.0 * np.log10(power) / 60.0)
    assert equivalent_looks(grey, mask=np.ones(grey.shape, bool)) == pytest.approx(4.0, abs=0.2)


def test_a_constant_region_has_no_end_of_looks():
    assert equivalent_looks(np.full((5, 5), 90.0), mask=np.ones((5, 5))) == np.inf


def test_contrast_to_noise_by_hand():
    picture = np.array([[10.0, 14.0, 50.0, 56.0]] * 3)  # means 12 and 53, variances 4 and 9
    inside = np.array([[True, True, False, False]] * 3)
    assert contrast_to_noise(picture, inside=inside, outside=~inside) == pytest.approx(41 / 13**0.5)


@pytest.mark.parametrize(("shift", "merit"), [(0, 1.0), (1, 0.9), (3, 0.5), (6, 0.2)])
def test_figure_of_merit_of_a_shifted_edge(shift, merit):
    drawn = np.zeros((8, 20), bool)
    drawn[:, 5] = True
    assert figure_of_merit(np.roll(drawn, shift, axis=1), drawn=drawn) == pytest.approx(merit)


def test_figure_of_merit_counts_what_is_missing_or_too_much():
    drawn = np.zeros((8, 20), bool)
    drawn[:, 5] = True
    half = drawn.copy()
    half[4:] = False
    assert figure_of_merit(half, drawn=drawn) == pytest.approx(0.5)
    far = drawn.copy()
    far[:, 17] = True  # 12 px away: 1 / (1 + 16)
    assert figure_of_merit(far, drawn=drawn) == pytest.approx((1 + 1 / 17) / 2)
    assert figure_of_merit(np.zeros_like(drawn), drawn=drawn) == 0.0
    assert np.isnan(figure_of_merit(drawn, drawn=np.zeros_like(drawn)))


@pytest.mark.parametrize(("slope", "found"), [(30.0, True), (2.0, False)])
def test_an_edge_is_found_by_its_slope(slope, found):
    picture = np.full((30, 30), 100.0)
    picture[:, 15:] += slope
    marked = edges(picture)
    assert bool(marked[5:-5, 13:17].any()) is found
    assert not marked[5:-5, :10].any()


def test_similarity_does_not_ask_for_the_level(rayleigh):
    assert structural_similarity(rayleigh * 0.5 + 20.0, reference=rayleigh * 0.5) == pytest.approx(1.0, abs=1e-5)
    assert structural_similarity(rayleigh, reference=np.full((96, 128), rayleigh.mean())) < 0.2


def test_all_scores_together(step_edge):
    truth = np.full((96, 128), 100.0, np.float32)
    truth[:, 64:] += 106.25  # 25 dB of 60
    left, right = np.zeros((96, 128), bool), np.zeros((96, 128), bool)
    left[:, :60], right[:, 68:] = True, True
    scores = judge(step_edge, truth, homogeneous=left, contrast=(left, right), reference=truth).as_dict()
    assert scores["looks"] == scores["speckle_snr"] == scores["contrast_to_noise"] == np.inf
    assert scores["edge_merit"] == scores["similarity"] == pytest.approx(1.0)
    assert abs(scores["structure_removed"]) < 0.1
    bare = judge(step_edge, step_edge).as_dict()
    assert all(np.isnan(v) for v in bare.values())


def test_what_is_taken_away_with_the_structure_is_told(step_edge):
    truth = np.full((96, 128), 100.0, np.float32)
    truth[:, 64:] += 106.25
    flat = np.full((96, 128), 130.0, np.float32)
    assert judge(step_edge, flat, reference=truth).structure_removed > 0.7


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"homogeneous": np.ones((3, 3))}, "one size"),
        ({"homogeneous": np.zeros((96, 128))}, "fewer than two"),
        ({"reference": np.zeros((96, 127))}, "one size"),
        ({"contrast": (ALL, np.zeros((96, 128)))}, "fewer than two"),
    ],
)
def test_impossible_regions_are_named(rayleigh, parameters, words):
    with pytest.raises(EnhanceError, match=words):
        judge(rayleigh, rayleigh, **parameters)


def test_pictures_of_two_sizes_are_named(rayleigh):
    with pytest.raises(EnhanceError, match="one size"):
        judge(rayleigh, rayleigh[:-1])
