from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import FeatureError
from mskus.features.family import FeatureRegion
from mskus.features.texture import MedianBinaryPattern, mbp_features, median_binary_codes
from mskus.features.texture.median_binary import REDUCED

BOARD = 100.0 * (np.indices((12, 12)).sum(0) % 2)


@pytest.mark.parametrize(
    ("picture", "code", "name"),
    [
        (np.full((3, 3), 7), 511, "bright_8"),
        # Median 5; above it 9, 8, 7, 6 at right, upper right, above, upper left; the centre is the median.
        ([[6, 7, 8], [1, 5, 9], [2, 3, 4]], 1 + 2 + 4 + 8 + 256, "bright_4"),
        # Median 0: all are at least that, the outlier of the centre as well.
        ([[0, 0, 0], [0, 200, 0], [0, 0, 0]], 511, "bright_8"),
        # A dark centre in a bright ring: median 9.
        ([[9, 9, 9], [9, 0, 9], [9, 9, 9]], 255, "dark_8"),
        # Bright corners, bright centre: five of nine.
        ([[9, 0, 9], [0, 9, 0], [9, 0, 9]], 1 + 4 + 16 + 64 + 256, "bright_other"),
    ],
)
def test_code_and_class_of_the_centre(picture, code, name):
    pattern = MedianBinaryPattern.of(picture)
    assert pattern.codes[1, 1] == code
    assert REDUCED[pattern.reduced[1, 1]] == name


def test_shares_of_a_checkerboard():
    pattern = MedianBinaryPattern.of(BOARD)
    shares = pattern.histogram()
    assert shares[511] == shares[1 + 4 + 16 + 64 + 256] == 0.5
    row = mbp_features(FeatureRegion.of(BOARD))
    assert row["mbp_bright_8"] == row["mbp_bright_other"] == 0.5
    assert row["mbp_entropy"] == pytest.approx(1.0)


def test_neither_gain_nor_a_turn_nor_a_mirror_matters(rng):
    picture = rng.integers(0, 100, (40, 50)).astype(float)
    row = mbp_features(FeatureRegion.of(picture))
    for other in (2.0 * picture + 3.0, np.rot90(picture), picture[:, ::-1]):
        told = mbp_features(FeatureRegion.of(other))
        assert {k: v for k, v in told.items() if k != "mbp_entropy"} == pytest.approx(
            {k: v for k, v in row.items() if k != "mbp_entropy"}
        )


def test_histogram_of_a_window():
    window = np.zeros(BOARD.shape, bool)
    window[2:4, 2:6] = True
    histogram = MedianBinaryPattern.of(BOARD).histogram(window)
    assert histogram.shape == (512,)
    assert histogram.sum() == 1.0
    assert MedianBinaryPattern.of(BOARD).histogram(window, reduced=True).shape == (11,)


def test_impossible_input_is_named():
    with pytest.raises(FeatureError, match="grey picture"):
        median_binary_codes(np.zeros((3, 3, 3)))
    with pytest.raises(FeatureError, match="empty"):
        MedianBinaryPattern.of(BOARD).histogram(np.zeros(BOARD.shape, bool))


def test_every_class_can_occur(rng):
    # Few levels: ties set more than five bits.
    assert np.all(MedianBinaryPattern.of(rng.integers(0, 3, (300, 300))).histogram(reduced=True) > 0)


def test_without_ties_five_bits_are_set(rng):
    codes = MedianBinaryPattern.of(rng.uniform(size=(50, 60))).codes[1:-1, 1:-1]
    assert np.all(np.bitwise_count(codes) == 5)
