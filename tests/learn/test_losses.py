"""What a label does not say has no gradient."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("torch")

import torch

from mskus.learn import losses

MASK_LOSS = losses.SegmentationLoss({"bce": 5.0, "dice": 1.0})


def test_unmarked_pixels_have_no_gradient() -> None:
    logits = torch.randn(1, 3, 4, 5, generator=torch.Generator().manual_seed(0)).requires_grad_()
    target = torch.zeros(1, 5, 4, 5)
    target[0, 1, 0, 0] = 1.0  # fascicle-ness is known at one pixel
    target[0, 2, 2, 3] = 1.0  # direction 0 deg at another
    target[0, 4, 2, 3] = 1.0
    losses.fascicle_loss(logits, target).backward()
    touched = logits.grad[0].abs() > 0
    assert touched[0].nonzero().tolist() == [[0, 0]]
    assert touched[1].nonzero().tolist() == [[2, 3]]
    assert touched[2].nonzero().tolist() == [[2, 3]]


def test_a_class_without_labels_has_no_gradient() -> None:
    logits = torch.zeros(2, 3, 4, 4, requires_grad=True)
    target = torch.ones(2, 3, 4, 4)
    weights = torch.tensor([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    MASK_LOSS(logits, target, weights).backward()
    assert (logits.grad.abs().sum(dim=(2, 3)) > 0).tolist() == [[True, True, False], [True, False, False]]


def test_von_mises_likelihood_by_hand() -> None:
    # v = (1, 0), drawn at doubled angle 60 deg: log I0(1) - cos 60 deg = log(1.2660659) - 0.5
    logits = torch.tensor([0.0, 1.0, 0.0]).view(1, 3, 1, 1)
    target = torch.tensor([0.0, 0.0, 0.5, math.sqrt(0.75), 1.0]).view(1, 5, 1, 1)
    assert losses.fascicle_loss(logits, target).item() == pytest.approx(math.log(1.2660659) - 0.5, abs=1e-4)


def test_a_perfect_mask_costs_almost_nothing() -> None:
    target = torch.zeros(1, 1, 32, 32)
    target[..., 10:14, :] = 1.0
    weights = torch.ones(1, 1)
    good = MASK_LOSS(40.0 * (target - 0.5), target, weights).item()
    bad = MASK_LOSS(-40.0 * (target - 0.5), target, weights).item()
    assert good < 1e-3 < 1.0 < bad


def test_a_few_fragments_weigh_as_much_as_a_dense_picture() -> None:
    # picture 0 is labelled everywhere and right, picture 1 at one pixel and wrong
    logits = torch.zeros(2, 3, 8, 8)
    logits[:, 1] = 2.0
    target = torch.zeros(2, 5, 8, 8)
    target[0, 2], target[0, 4] = 1.0, 1.0
    target[1, 2, 3, 3], target[1, 4, 3, 3] = -1.0, 1.0
    # log I0(2) = 0.823993; right costs it minus 2, wrong plus 2, the mean is log I0(2)
    assert losses.fascicle_loss(logits, target).item() == pytest.approx(0.823993, abs=1e-3)
