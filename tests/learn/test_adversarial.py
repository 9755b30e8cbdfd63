"""The adversarial pair: losses by hand, who learns from which, and a shape that only the judge asks for."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from mskus.errors import LearnError
from mskus.learn.adversarial import AdversarialPair, PatchDiscriminator, adversarial_step
from mskus.learn.networks import parameter_count
from mskus.learn.networks.receptive_field import receptive_field_px


class Judge(nn.Module):
    """Its logit is the mean of the mask times a learned number."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        return self.factor * mask.mean(dim=(1, 2, 3))


def squared(logits: Tensor, target: Tensor) -> Tensor:
    return ((torch.sigmoid(logits) - target) ** 2).mean()


def test_discriminator_parameters_shape_and_field() -> None:
    judge = PatchDiscriminator(2)
    assert parameter_count(judge) == sum(a * b * 16 + b for a, b in [(3, 32), (32, 64), (64, 96), (96, 128), (128, 1)])
    assert tuple(judge(torch.zeros(2, 1, 64, 96), torch.zeros(2, 2, 64, 96)).shape) == (2, 1, 3, 5)
    # backwards through 4x4 layers: 4, then 2 * 4 + 2 = 10, 22, 46, 94
    assert receptive_field_px(judge.layers, size=(1, 256), in_channels=3) == 94


def test_losses_by_hand() -> None:
    pair = AdversarialPair(nn.Identity(), Judge(2.0), weight=0.5, drawn=0.9)
    image = torch.zeros(1, 1, 2, 2)
    logits = torch.zeros(1, 1, 2, 2)  # found share .5 everywhere: judged 1.0
    target = torch.ones(1, 1, 2, 2)  # as sure as the found one: .5, judged 1.0 as well
    passes, caught = math.log1p(math.exp(-1.0)), math.log1p(math.exp(1.0))
    assert pair.generator_loss(image, logits, target, cost=squared).item() == pytest.approx(0.25 + 0.5 * passes)
    told = 0.9 * passes + 0.1 * caught
    assert pair.discriminator_loss(image, logits, target).item() == pytest.approx(0.5 * (told + caught))


def test_each_learns_from_its_own_loss_only() -> None:
    generator, judge = nn.Conv2d(1, 1, 1), Judge(1.0)
    pair = AdversarialPair(generator, judge, weight=1.0)
    image, target = torch.ones(1, 1, 4, 4), torch.ones(1, 1, 4, 4)
    pair.discriminator_loss(image, pair(image), target).backward()
    assert generator.weight.grad is None
    assert judge.factor.grad is not None
    before = judge.factor.detach().clone()
    step = {"cost": squared, "generator_optimiser": torch.optim.SGD(generator.parameters(), 0.1)}
    adversarial_step(pair, image, target, discriminator_optimiser=torch.optim.SGD([judge.factor], 0.0), **step)
    assert torch.equal(judge.factor, before)
    assert judge.factor.requires_grad


def test_weight_zero_is_the_plain_loss() -> None:
    pair = AdversarialPair(nn.Identity(), Judge(3.0), weight=0.0)
    logits, target = torch.full((1, 1, 2, 2), 0.3), torch.ones(1, 1, 2, 2)
    assert torch.equal(pair.generator_loss(target, logits, target, cost=squared), squared(logits, target))


def test_the_pair_learns_a_band_and_its_judge_learns_to_tell() -> None:
    torch.manual_seed(0)
    target = torch.zeros(4, 1, 32, 32)
    for n in range(4):
        target[n, 0, 4 + 5 * n : 10 + 5 * n] = 1.0
    image = 0.6 * target + 0.2
    pair = AdversarialPair(nn.Conv2d(1, 1, 3, padding=1), PatchDiscriminator(1, channels=(8, 8)))
    makes = [torch.optim.Adam(net.parameters(), lr) for net, lr in ((pair.generator, 0.1), (pair.discriminator, 1e-3))]
    losses = [
        adversarial_step(
            pair,
            image,
            target,
            cost=binary_cross_entropy_with_logits,
            generator_optimiser=makes[0],
            discriminator_optimiser=makes[1],
        )
        for _ in range(80)
    ]
    assert ((pair(image) > 0) == (target > 0.5)).float().mean() > 0.98
    assert losses[-1][0] < 0.5 * losses[0][0]


def test_what_is_not_a_number_stops_before_it_changes_weights() -> None:
    generator = nn.Conv2d(1, 1, 1)
    pair = AdversarialPair(generator, Judge(1.0))
    before = generator.weight.detach().clone()
    optimiser = torch.optim.SGD(generator.parameters(), 0.1)
    other = torch.optim.SGD(pair.discriminator.parameters(), 0.1)
    picture = torch.full((1, 1, 2, 2), torch.nan)
    with pytest.raises(LearnError, match="became nan"):
        adversarial_step(
            pair,
            picture,
            torch.ones(1, 1, 2, 2),
            cost=squared,
            generator_optimiser=optimiser,
            discriminator_optimiser=other,
        )
    assert torch.equal(generator.weight, before)
    assert all(p.requires_grad for p in pair.discriminator.parameters())


@pytest.mark.parametrize("wrong", [{"weight": -1.0}, {"drawn": 0.4}, {"drawn": 1.1}])
def test_impossible_pairs_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(LearnError, match="adversarial weight"):
        AdversarialPair(nn.Identity(), Judge(1.0), **wrong)


def test_what_is_not_labelled_is_hidden_from_the_judge() -> None:
    pair = AdversarialPair(nn.Identity(), Judge(2.0), weight=1.0)
    image = torch.zeros(3, 1, 2, 2)
    target, weights = torch.zeros(3, 2, 2, 2), torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    target[:, 0] = 1.0
    logits = torch.zeros(3, 2, 2, 2, requires_grad=True)
    pair.generator_loss(image, logits, target, cost=lambda *_: torch.zeros(()), weights=weights).backward()
    moved = logits.grad.abs().sum(dim=(2, 3)) > 0
    assert moved.tolist() == [[True, False], [True, True], [False, False]]
    nothing = torch.zeros(3, 2)
    assert pair.discriminator_loss(image, logits, target, weights=nothing).item() == 0.0
