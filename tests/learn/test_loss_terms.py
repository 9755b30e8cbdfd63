"""Each term by hand; empty frames; weights."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("torch")

import torch

from mskus.errors import LearnError
from mskus.learn import losses

MASK_LOSS = losses.SegmentationLoss({"bce": 5.0, "dice": 1.0})


def drawn(height: int, width: int, *, rows: slice, columns: slice = slice(None)) -> torch.Tensor:
    target = torch.zeros(1, 1, height, width)
    target[..., rows, columns] = 1.0
    return target


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("bce", math.log(2.0)),
        # p = 1/2 everywhere, 100 of 400 pixels drawn: 1 - (2 * 50 + 20) / (400 / 4 + 100 + 20)
        ("dice", 1 - 120 / 220),
        ("focal", 0.25 * math.log(2.0)),
    ],
)
def test_a_network_that_says_one_half(term: str, expected: float) -> None:
    target = drawn(20, 20, rows=slice(5, 10))
    assert losses.TERMS[term](torch.zeros(1, 1, 20, 20), target).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("term", ["bce", "dice", "focal", "cldice"])
def test_a_perfect_answer_costs_nothing_and_its_reverse_much(term: str) -> None:
    target = drawn(32, 32, rows=slice(14, 17))
    cost = losses.TERMS[term]
    assert cost(60.0 * (target - 0.5), target).item() == pytest.approx(0.0, abs=1e-3)
    assert cost(-60.0 * (target - 0.5), target).item() > 0.5


@pytest.mark.parametrize("term", ["bce", "dice", "focal", "boundary", "cldice"])
def test_an_empty_frame_where_nothing_is_found_costs_nothing(term: str) -> None:
    empty = torch.zeros(1, 1, 16, 16)
    assert losses.TERMS[term](empty - 30.0, empty).item() == pytest.approx(0.0, abs=1e-3)


def test_half_of_a_line_by_its_centreline() -> None:
    # drawn 20 pixels long, 10 of them found: precision 1, sensitivity (10 + 1) / (20 + 1)
    target, half = (
        drawn(9, 40, rows=slice(4, 5), columns=slice(5, 25)),
        drawn(9, 40, rows=slice(4, 5), columns=slice(5, 15)),
    )
    sensitivity = 11 / 21
    expected = 1 - 2 * sensitivity / (1 + sensitivity)
    assert losses.cldice(200.0 * (half - 0.5), target).item() == pytest.approx(expected, abs=1e-4)


def test_a_far_mistake_costs_its_distance() -> None:
    target = drawn(1, 12, rows=slice(0, 1), columns=slice(2, 5))
    costs = []
    for column in (6, 11):
        found = drawn(1, 12, rows=slice(0, 1), columns=slice(column, column + 1))
        costs.append(losses.boundary(200.0 * (found - 0.5), target).item())
    # centres of columns 6 and 11 lie 1.5 and 6.5 px behind the outline at 4.5; the diagonal is sqrt(1 + 144)
    assert costs == pytest.approx([1.5 / 12 / math.sqrt(145), 6.5 / 12 / math.sqrt(145)], rel=1e-5)


def test_class_weights_shift_the_mean() -> None:
    logits, target = torch.zeros(1, 2, 8, 8), torch.zeros(1, 2, 8, 8)
    logits[:, 1] = -40.0  # class 1 is right and costs nothing, class 0 costs log 2
    loss = losses.SegmentationLoss({"bce": 1.0}, class_weights=[3.0, 1.0])
    assert loss(logits, target, torch.ones(1, 2)).item() == pytest.approx(0.75 * math.log(2.0), abs=1e-5)


def test_an_unlabelled_class_that_is_not_a_number_spoils_nothing() -> None:
    logits = torch.zeros(1, 2, 4, 4)
    logits[:, 1] = torch.nan
    value = MASK_LOSS(logits, torch.zeros(1, 2, 4, 4), torch.tensor([[1.0, 0.0]]))
    assert math.isfinite(value.item())


@pytest.mark.parametrize(("terms", "said"), [({"l2": 1.0}, "no loss term 'l2'"), ({"bce": 0.0}, "has no term")])
def test_terms_that_cannot_be(terms: dict[str, float], said: str) -> None:
    with pytest.raises(LearnError, match=said):
        losses.SegmentationLoss(terms)
