"""Distances of outlines in mm by hand, detection, and the consensus of readers."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics import detection, majority_vote, staple, surface_distance, total_detection


def box(top: int, left: int, height: int, width: int, shape: tuple[int, int] = (40, 60)) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[top : top + height, left : left + width] = True
    return mask


@pytest.mark.parametrize(
    ("spacing", "down", "right", "expected"),
    [((1.0, 1.0), 3, 0, 3.0), ((0.5, 0.1), 3, 0, 1.5), ((0.5, 0.1), 0, 5, 0.5), ((0.2, 0.3), 0, 4, 1.2)],
)
def test_a_moved_box_is_as_far_as_it_was_moved(spacing, down, right, expected):
    found = surface_distance(box(5, 5, 10, 20), box(5 + down, 5 + right, 10, 20), spacing_mm=spacing)
    assert found.hausdorff_mm == pytest.approx(expected)
    assert found.hausdorff95_mm == pytest.approx(expected)
    assert 0 < found.mean_mm < expected


def test_two_lines_by_hand():
    a, b = box(5, 0, 1, 10), box(8, 0, 1, 20)
    found = surface_distance(a, b, spacing_mm=(2.0, 1.0))
    far = np.hypot(6.0, np.arange(1, 11))  # the ten pixels of b that reach beyond a
    assert found.hausdorff_mm == pytest.approx(far[-1])
    assert found.mean_mm == pytest.approx((10 * 6 + 10 * 6 + far.sum()) / 30)
    assert found.hausdorff95_mm == pytest.approx(np.percentile(np.concatenate([np.full(10, 6.0), far]), 95))


def test_one_stray_pixel_moves_the_maximum_and_not_the_rest():
    a = box(5, 5, 20, 40)
    b = a.copy()
    b[38, 58] = True
    found = surface_distance(a, b)
    assert found.hausdorff_mm == pytest.approx(np.hypot(14, 14))
    assert found.hausdorff95_mm == 0.0


def test_empty_masks():
    nothing, some = np.zeros((9, 9), bool), box(2, 2, 3, 3, (9, 9))
    assert np.isnan(surface_distance(nothing, nothing).mean_mm)
    assert surface_distance(nothing, some) == (np.inf, np.inf, np.inf)


@pytest.mark.parametrize("spacing", [(0.0, 1.0), (np.nan, 1.0), (-1.0, 1.0)])
def test_an_impossible_spacing_is_refused(spacing):
    with pytest.raises(StatisticsError, match="not two positive lengths"):
        surface_distance(box(1, 1, 3, 3), box(1, 1, 3, 3), spacing_mm=spacing)


def test_masks_of_two_sizes_are_refused():
    with pytest.raises(StatisticsError, match="one size are needed"):
        surface_distance(np.ones((3, 4)), np.ones((4, 3)))


def test_detection_counts_parts_one_to_one():
    truth = box(2, 2, 10, 10) | box(20, 20, 10, 10) | box(2, 40, 5, 5)
    found = box(2, 2, 10, 5) | box(20, 20, 10, 10) | box(35, 50, 3, 3)  # half, whole, invented
    quarter, six = detection(truth, found, thresholds=[0.25, 0.6])
    assert quarter[1:] == (2, 1, 1)
    assert quarter.f1 == pytest.approx(4 / 6)
    assert six[1:] == (1, 2, 2)
    assert total_detection([quarter, quarter])[1:] == (4, 2, 2)


def test_a_split_part_counts_once():
    truth, found = box(5, 5, 10, 20), box(5, 5, 10, 10) | box(5, 16, 10, 9)
    (only,) = detection(truth, found, thresholds=[0.25])
    assert only[1:] == (1, 1, 0)


def test_staple_recovers_what_readers_were_made_with(rng):
    truth = rng.random(60_000) < 0.3
    rates = [(0.95, 0.90), (0.85, 0.98), (0.70, 0.95), (0.90, 0.80)]  # sensitivity, specificity
    masks = [np.where(truth, rng.random(truth.size) < se, rng.random(truth.size) > sp) for se, sp in rates]
    found = staple(np.array(masks, int))
    assert found.sensitivity == pytest.approx([se for se, _ in rates], abs=0.02)
    assert found.specificity == pytest.approx([sp for _, sp in rates], abs=0.02)
    assert (found.labels == truth).mean() > (majority_vote(masks) == truth).mean()


def test_staple_of_several_labels(rng):
    truth = rng.integers(0, 3, (120, 120))
    masks = [
        np.where(rng.random(truth.shape) < good, truth, rng.integers(0, 3, truth.shape)) for good in (0.9, 0.8, 0.4)
    ]
    found = staple(masks)
    assert found.reliability[:, np.arange(3), np.arange(3)].mean(axis=1) == pytest.approx([0.933, 0.867, 0.6], abs=0.02)
    assert found.probability.sum(axis=0) == pytest.approx(1.0)


def test_readers_who_agree_keep_their_mask():
    mask = box(3, 3, 5, 5, (12, 12)).astype(int)
    assert (staple([mask, mask]).labels == mask).all()
    assert (staple([0 * mask, 0 * mask]).labels == 0).all()


@pytest.mark.parametrize("masks", [[[0, 1]], [[[0, 1]], [[0]]]])
def test_too_few_or_unequal_readers_are_one_sentence(masks):
    with pytest.raises(StatisticsError, match=r"two readers or more|differ in size"):
        staple(masks)
