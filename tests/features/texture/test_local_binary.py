from __future__ import annotations

import numpy as np
import pytest
from skimage.feature import local_binary_pattern

from mskus.features.family import FeatureRegion
from mskus.features.texture import lbp_features, local_binary_codes

STEP = np.tile([0.0, 0.0, 0.0, 9.0, 9.0], (5, 1))


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (np.full((3, 3), 80.3), 8),  # nothing is darker
        (np.array([[0, 0, 0], [0, 9, 0], [0, 0, 0]]), 0),
        (np.array([[9, 9, 9], [9, 0, 9], [9, 9, 9]]), 8),
        # Right, lower right and below: 3 in one arc.
        (np.array([[0, 0, 0], [0, 5, 9], [0, 9, 9]]), 3),
        # Left and right bright, above and below dark: four changes.
        (np.array([[0, 0, 0], [9, 5, 9], [0, 0, 0]]), 9),
    ],
)
def test_code_of_eight_points(picture, code):
    assert local_binary_codes(picture, points=8, radius=1.0).tolist() == [[code]]


def test_codes_along_a_step():
    # On the dark side nothing is darker; in the first bright column three of eight points are.
    assert local_binary_codes(STEP, points=8, radius=1.0).tolist() == [[8, 8, 5]] * 3


@pytest.mark.filterwarnings("ignore:Applying")
@pytest.mark.parametrize(("points", "radius"), [(8, 1), (16, 2)])
def test_agrees_with_scikit_image(rng, points, radius):
    # Noise without ties: on flat patches that library's rounding makes points darker.
    picture = rng.uniform(0, 255, (60, 70))
    theirs = local_binary_pattern(picture, points, radius, method="uniform")[radius:-radius, radius:-radius]
    np.testing.assert_array_equal(local_binary_codes(picture, points=points, radius=radius), theirs)


def test_shares_of_a_checkerboard():
    board = 100.0 * (np.indices((12, 12)).sum(0) % 2)
    row = lbp_features(FeatureRegion.of(board))
    assert row["lbp_p8_r1_uniform_0"] == row["lbp_p8_r1_uniform_8"] == 0.5
    assert row["lbp_p8_r1_entropy"] == pytest.approx(1.0)


def test_neither_gain_nor_a_quarter_turn_matters(rng):
    picture = rng.integers(0, 100, (40, 40)).astype(float)
    row = lbp_features(FeatureRegion.of(picture))
    for other in (2.5 * picture + 3.0, np.rot90(picture)):
        assert lbp_features(FeatureRegion.of(other)) == pytest.approx(row, abs=2e-3)
    assert sum(value for name, value in row.items() if "p16" in name and "entropy" not in name) == pytest.approx(1.0)
