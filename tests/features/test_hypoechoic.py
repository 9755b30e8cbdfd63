"""Maximum-entropy threshold and hypoechoic fraction by hand."""

import numpy as np
import pytest

from mskus.errors import FeatureError
from mskus.features.hypoechoic import hypoechoic_fraction, maximum_entropy_threshold


def entropy_of_split(counts, t):
    """Sum of the entropies of both parts, straight from the definition."""
    parts = (counts[: t + 1], counts[t + 1 :])
    if any(part.sum() == 0 for part in parts):
        return -np.inf
    shares = [part[part > 0] / part.sum() for part in parts]
    return sum(float(-(share * np.log(share)).sum()) for share in shares)


@pytest.mark.parametrize("seed", range(4))
def test_the_threshold_is_the_best_of_all_splits(seed):
    counts = np.random.default_rng(seed).integers(0, 50, 64).astype(float)
    best = max(entropy_of_split(counts, t) for t in range(63))
    assert entropy_of_split(counts, maximum_entropy_threshold(counts)) == pytest.approx(best)


def test_two_even_populations_are_split_between_them():
    counts = np.zeros(256)
    counts[20:40] = 7
    counts[180:200] = 3
    assert 39 <= maximum_entropy_threshold(counts) < 180
    levels = np.repeat(np.arange(256), counts.astype(int)).astype(np.uint8)
    assert hypoechoic_fraction(levels) == pytest.approx(0.7)


def test_one_grey_level_is_all_dark():
    assert maximum_entropy_threshold(np.bincount([9] * 5, minlength=256)) == 9
    assert hypoechoic_fraction(np.full(50, 9, np.uint8)) == 1.0


@pytest.mark.parametrize("counts", [[], np.zeros(256), [1, -1], [1, np.nan], np.ones((2, 2))])
def test_no_histogram_is_named(counts):
    with pytest.raises(FeatureError, match="histogram"):
        maximum_entropy_threshold(counts)


def test_no_pixel_is_named():
    with pytest.raises(FeatureError, match="at least one pixel"):
        hypoechoic_fraction(np.empty(0, np.uint8))
