"""Distances of outlines by hand, with unequal spacing (row, column)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import directed_hausdorff

from mskus.errors import StatisticsError
from mskus.statistics.surfaces import outline, surface_distance


def box(rows, columns, shape=(30, 40)):
    mask = np.zeros(shape, bool)
    mask[slice(*rows), slice(*columns)] = True
    return mask


def test_two_lines_by_hand():
    # 10 and 20 px in a row: ten lie on each other, ten are 1 to 10 px away
    found = surface_distance(box((4, 5), (5, 15)), box((4, 5), (5, 25)), spacing_mm=(9.0, 0.2))
    assert found.hausdorff_mm == pytest.approx(2.0)
    assert found.mean_mm == pytest.approx(0.2 * 55 / 30)
    # the 95th of 0 x 10, 1 ... 10: at place 0.95 * 19 = 18.05, so 9.05 px
    assert found.hausdorff95_mm == pytest.approx(0.2 * 9.05)


def test_against_scipy_and_both_ways_alike(rng):
    a, b = (rng.uniform(size=(40, 30)) > 0.7 for _ in range(2))
    spacing = (0.3, 0.07)
    of_a, of_b = (np.argwhere(outline(m)) * spacing for m in (a, b))
    peer = max(directed_hausdorff(of_a, of_b)[0], directed_hausdorff(of_b, of_a)[0])
    assert surface_distance(a, b, spacing_mm=spacing).hausdorff_mm == pytest.approx(peer)
    assert surface_distance(a, b, spacing_mm=spacing) == pytest.approx(surface_distance(b, a, spacing_mm=spacing))


def test_outline_is_closed_at_the_edge_of_the_picture():
    assert outline(np.ones((5, 6), bool)).sum() == 5 * 6 - 3 * 4
    assert outline(box((2, 7), (3, 9))).sum() == 5 * 6 - 3 * 4


def test_empty_masks():
    full, empty = box((5, 9), (5, 9)), np.zeros((30, 40), bool)
    assert np.isnan(surface_distance(empty, empty)).all()
    assert surface_distance(full, empty) == surface_distance(empty, full) == (np.inf,) * 3
    assert surface_distance(full, full * 255) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("a", "b", "spacing_mm", "words"),
    [
        (np.ones((3, 4)), np.ones((4, 3)), (1, 1), r"\(3, 4\) and \(4, 3\)"),
        (np.ones(4), np.ones(4), (1, 1), r"Two masks \(H, W\)"),
        (np.ones((3, 4)), np.ones((3, 4)), (0.1, 0.0), "not two positive lengths"),
        (np.ones((3, 4)), np.ones((3, 4)), (0.1, np.nan), "not two positive lengths"),
        (np.ones((3, 4)), np.ones((3, 4)), (0.1, 0.1, 0.1), "not two positive lengths"),
        (np.ones((3, 4)), np.ones((3, 4)), (0.1,), "not two positive lengths"),
        (np.ones((3, 4)), np.ones((3, 4)), 0.1, "not two positive lengths"),
    ],
)
def test_what_has_no_distance_is_named(a, b, spacing_mm, words):
    with pytest.raises(StatisticsError, match=words):
        surface_distance(a, b, spacing_mm=spacing_mm)
