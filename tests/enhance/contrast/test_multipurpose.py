from __future__ import annotations

import numpy as np
import pytest

from mskus.enhance import enhance
from mskus.enhance.contrast import entropy_bits, mean_brightness_error, rms_contrast
from mskus.enhance.contrast.multipurpose import best_cut, objective

EQUAL = np.full(3, 1 / 3)


def test_objective_by_hand():
    # levels 0-3, half of the pixels at 0 and at 1: mean 0.5, spread 0.5, one bit
    counts = np.array([2.0, 2, 0, 0])
    stretched = np.array([[0.0, 3, 3, 3]])  # mean 1.5, spread 1.5
    flat = 3 / np.sqrt(12)
    scores = {
        (1, 0, 0): 1 - 1 / 3,
        (0, 1, 0): 1 - (1.5 - flat) / flat,
        (0, 0, 1): 1.0,
    }
    for weights, value in scores.items():
        assert objective(counts, tables=stretched, weights=np.array(weights, float))[0] == pytest.approx(value)


def test_merged_levels_cost_detail():
    counts = np.array([1.0, 1, 1, 1])
    merged = np.array([[0.0, 0, 3, 3]])  # two bits become one
    assert objective(counts, tables=merged, weights=np.array([0.0, 0, 1]))[0] == pytest.approx(0.5)


def test_brightness_alone_prefers_the_least_change():
    counts = np.array([4.0, 2, 1, 1])
    # at full equalisation the means are 1.1875, 1.2708 and 1.625 against 0.875: the first cut is the nearest
    assert best_cut(counts, betas=(1.0,), weights=np.array([1.0, 0, 0])) == (0, 1.0)


@pytest.mark.parametrize("levels", [1, 2])
def test_a_balance_of_the_three(speckled, levels):
    result = enhance(speckled, method="mborbhe", levels=levels)
    plain = enhance(speckled, method="he")
    assert mean_brightness_error(speckled, result) < 0.5 * mean_brightness_error(speckled, plain)
    assert rms_contrast(result) > 1.3 * rms_contrast(speckled)
    assert entropy_bits(result) > entropy_bits(speckled) - 0.6


def test_degree_of_equalisation(speckled):
    change = [np.abs(enhance(speckled, method="mborbhe", beta=b) - speckled).mean() for b in (0.1, 0.5, 1.0)]
    assert change[0] < change[1] < change[2]
