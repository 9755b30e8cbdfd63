"""Majority vote and STAPLE: readers of known reliability, and masks that say little."""

from __future__ import annotations

import numpy as np
import pytest

from mskus.errors import StatisticsError
from mskus.statistics.consensus import majority_vote, staple

SENSITIVITY, SPECIFICITY = np.array([0.95, 0.9, 0.8, 0.7, 0.85]), np.array([0.98, 0.9, 0.95, 0.97, 0.8])


def read(rng, truth, reliability):
    """What readers of ``(K, L, L)`` reliability say of a truth."""
    drawn = rng.uniform(size=(len(reliability), 1, *truth.shape))
    ends = np.moveaxis(np.cumsum(reliability, axis=2)[:, truth], -1, 1)
    return (drawn > ends[:, :-1]).sum(axis=1)


def test_three_labels_of_known_reliability(rng):
    truth = np.repeat([0, 1, 2], [20000, 12000, 8000]).reshape(200, 200)
    sure = np.array([[0.9, 0.06, 0.04], [0.1, 0.85, 0.05], [0.02, 0.13, 0.85]])
    reliability = np.stack([sure, sure * 0.8 + 0.2 / 3, sure * 0.9 + 0.1 / 3, sure])
    names = np.array([0, 3, 7])  # labels need not be consecutive
    found = staple(names[read(rng, truth, reliability)])
    assert found.classes.tolist() == [0, 3, 7]
    assert found.reliability == pytest.approx(reliability, abs=0.03)
    assert (found.labels == names[truth]).mean() > 0.95


def test_a_bad_reader_does_not_win_by_number(rng):
    truth = np.zeros((60, 60), int)
    truth[20:45, 15:50] = 1
    guess = np.stack([rng.integers(0, 2, truth.shape) for _ in range(2)])
    masks = np.stack([truth, truth, *guess])
    found = staple(masks)
    assert (found.labels == truth).all()
    assert found.sensitivity[2:] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("mask", [np.zeros((4, 5), int), np.ones((4, 5), int), np.eye(4, 5, dtype=int) * 255])
def test_readers_of_one_mind(mask):
    found = staple([mask, mask, mask])
    assert (found.labels == mask).all()
    assert (majority_vote([mask, mask]) == mask).all()
    assert found.sensitivity == pytest.approx(1)
    assert found.specificity == pytest.approx(1)


def test_a_reader_who_saw_nothing():
    mask = np.zeros((20, 20), int)
    mask[5:15, 5:15] = 1
    found = staple([mask, mask, np.zeros_like(mask)])
    assert (found.labels == mask).all()
    assert found.sensitivity == pytest.approx([1, 1, 0], abs=1e-6)
    assert found.specificity == pytest.approx([1, 1, 1], abs=1e-6)


def test_votes_by_hand():
    assert majority_vote([[0, 1, 2, 2], [1, 1, 2, 0]]).tolist() == [0, 1, 2, 0]  # a tie goes to the lowest
    assert majority_vote([[True, False], [True, True], [False, False]]).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("masks", "words"),
    [
        ([[[0, 1]], [[0, 1, 1]]], "differ in size"),
        ([], "Masks of several readers"),
        ([0, 1, 1], "got shape .3,."),
        (np.zeros((2, 0, 4)), "got shape .2, 0, 4."),
        ([[0.0, 0.5], [0.0, 1.0]], "whole-number labels"),
        ([[0.0, np.nan], [0.0, 1.0]], "whole-number labels"),
    ],
)
@pytest.mark.parametrize("method", [majority_vote, staple])
def test_what_is_no_set_of_masks_is_named(method, masks, words):
    with pytest.raises(StatisticsError, match=words):
        method(masks)


def test_one_reader_has_no_consensus():
    with pytest.raises(StatisticsError, match="two readers or more"):
        staple([[0, 1, 1]])
